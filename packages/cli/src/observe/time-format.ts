/** Names that `--time-format` takes, as the hubble CLI has them (any case). */
export const TIME_FORMATS = [
  "YearMonthDay",
  "YearMonthDayHour",
  "YearMonthDayHourMinute",
  "StampMilli",
  "RFC3339",
  "RFC3339Milli",
  "RFC3339Micro",
  "RFC3339Nano",
  "RFC1123Z",
] as const;

export type TimeFormat = (typeof TIME_FORMATS)[number];

/** Undefined for a name that is none of them. */
export function timeFormatOf(name: string): TimeFormat | undefined {
  return TIME_FORMATS.find((format) => format.toLowerCase() === name.toLowerCase());
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const UTC_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;

/**
 * An RFC 3339 time (UTC, up to nanoseconds) as the hubble CLI prints it: in UTC whatever the
 * machine's zone is, with digits cut off and not rounded; `N/A` for no time.
 */
export function formatTime(time: string | undefined, format: TimeFormat): string {
  const match = time === undefined ? null : UTC_TIME.exec(time);
  if (match === null) return "N/A";
  const [, day = "", hours = "", minutes = "", seconds = "", fraction = ""] = match;
  switch (format) {
    case "YearMonthDay":
      return day;
    case "YearMonthDayHour":
      return `${day}T${hours}Z`;
    case "YearMonthDayHourMinute":
      return `${day}T${hours}:${minutes}Z`;
    case "StampMilli": {
      const date = String(Number(day.slice(8))).padStart(2);
      const millis = fraction.padEnd(3, "0").slice(0, 3);
      return `${MONTHS[Number(day.slice(5, 7)) - 1]} ${date} ${hours}:${minutes}:${seconds}.${millis}`;
    }
    case "RFC1123Z": {
      const weekday = DAYS[new Date(`${day}T00:00:00Z`).getUTCDay()];
      const month = MONTHS[Number(day.slice(5, 7)) - 1];
      return `${weekday}, ${day.slice(8)} ${month} ${day.slice(0, 4)} ${hours}:${minutes}:${seconds} +0000`;
    }
    case "RFC3339":
    case "RFC3339Milli":
    case "RFC3339Micro":
    case "RFC3339Nano": {
      const digits = { RFC3339: 0, RFC3339Milli: 3, RFC3339Micro: 6, RFC3339Nano: 9 }[format];
      const shown = fraction.slice(0, digits).replace(/0+$/, "");
      return `${day}T${hours}:${minutes}:${seconds}${shown === "" ? "" : `.${shown}`}Z`;
    }
  }
}
