const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

let lastDay = "";
let lastDayMs = 0;

/**
 * Seconds since 1970 and nanoseconds of an RFC 3339 time with 0 to 9 digits, as protobuf's
 * JSON mapping allows it (years 1 to 9999); undefined when it is not one.
 */
export function parseTimestamp(text: string): { seconds: number; nanos: number } | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const day = text.slice(0, 10);
  if (day !== lastDay) {
    const ms = Date.parse(`${day}T00:00:00Z`);
    // `Date` takes 31 February for 3 March; a day that does not come back as itself is none.
    if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day) || day < "0001") {
      return undefined;
    }
    lastDay = day;
    lastDayMs = ms;
  }
  const hours = Number(match[4]);
  const minutes = Number(match[5]);
  const seconds = Number(match[6]);
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  let offset = 0;
  if (match[8] !== undefined) {
    const offsetHours = Number(match[9]);
    const offsetMinutes = Number(match[10]);
    if (offsetHours > 23 || offsetMinutes > 59) return undefined;
    offset = (offsetHours * 3600 + offsetMinutes * 60) * (match[8] === "-" ? -1 : 1);
  }
  return {
    seconds: lastDayMs / 1000 + hours * 3600 + minutes * 60 + seconds - offset,
    nanos: match[7] === undefined ? 0 : Number(match[7].padEnd(9, "0")),
  };
}
