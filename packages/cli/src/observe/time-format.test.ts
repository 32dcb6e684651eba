import { expect, it } from "vitest";
import { formatTime, timeFormatOf, type TimeFormat } from "./time-format.js";

const TIME = "2026-03-02T05:06:07.120340000Z";

it.each<[TimeFormat, string]>([
  ["YearMonthDay", "2026-03-02"],
  ["YearMonthDayHour", "2026-03-02T05Z"],
  ["YearMonthDayHourMinute", "2026-03-02T05:06Z"],
  ["StampMilli", "Mar  2 05:06:07.120"],
  ["RFC3339", "2026-03-02T05:06:07Z"],
  ["RFC3339Milli", "2026-03-02T05:06:07.12Z"],
  ["RFC3339Micro", "2026-03-02T05:06:07.12034Z"],
  ["RFC3339Nano", "2026-03-02T05:06:07.12034Z"],
  ["RFC1123Z", "Mon, 02 Mar 2026 05:06:07 +0000"],
])("%s", (format, expected) => {
  expect(formatTime(TIME, format)).toBe(expected);
  expect(formatTime(undefined, format)).toBe("N/A");
});

it("cuts and does not round, and whole seconds have no point", () => {
  expect(formatTime("2026-12-31T23:59:59.999999999Z", "StampMilli")).toBe("Dec 31 23:59:59.999");
  expect(formatTime("2026-12-31T23:59:59Z", "StampMilli")).toBe("Dec 31 23:59:59.000");
  expect(formatTime("2026-12-31T23:59:59.000400Z", "RFC3339Milli")).toBe("2026-12-31T23:59:59Z");
});

it("takes names in any case", () => {
  expect(timeFormatOf("rfc3339NANO")).toBe("RFC3339Nano");
  expect(timeFormatOf("iso")).toBeUndefined();
});
