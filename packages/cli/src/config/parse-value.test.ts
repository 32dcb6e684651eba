import { expect, test } from "vitest";
import { parseValue } from "./parse-value.js";
import type { SettingName } from "./settings.js";

test.each<[SettingName, unknown, unknown]>([
  ["tls", true, true],
  ["tls", "YES", true],
  ["tls", "off", false],
  ["from", "a,b,,c", ["a", "b", "c"]],
  ["from", ["a,b", "c"], ["a,b", "c"]],
  ["port", "0", 0],
  ["port", 8080, 8080],
  ["rate", "0.5", 0.5],
  ["ttl-drops", "30", 30],
  ["spool-max", "512MiB", 512 * 1024 ** 2],
  ["spool-max", "1.5 gb", 1.5e9],
  ["spool-max", 1024, 1024],
  ["backfill", "90s", 90_000],
  ["backfill", "1.5h", 5_400_000],
  ["backfill", "250ms", 250],
  ["seed", 7, "7"],
  ["redact", "on", "on"],
])("%s: %j is %j", (name, given, value) => {
  expect(parseValue(name, given)).toEqual({ value });
});

test.each<[SettingName, unknown, RegExp]>([
  ["tls", "maybe", /true or false/],
  ["from", [1], /list of texts/],
  ["from", 1, /a list/],
  ["port", "", /a number/],
  ["port", "-1", /a number/],
  ["port", "80.5", /a port between/],
  ["metrics-port", 65_536, /a port between/],
  ["rate", "Infinity", /a number/],
  ["spool-max", "much", /a size such as/],
  ["spool-max", "-1", /a size such as/],
  ["backfill", "10", /a duration such as/],
  ["backfill", "1 fortnight", /a duration such as/],
  ["seed", ["x"], /text/],
  ["redact", "sometimes", /auto, on, off/],
])("%s: %j is refused", (name, given, problem) => {
  expect(parseValue(name, given)).toEqual({ problem: expect.stringMatching(problem) as string });
});
