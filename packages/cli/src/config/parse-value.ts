import { SETTINGS, type Setting, type SettingKind, type SettingName } from "./settings.js";

const units: Record<string, number> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

const dayUnits: Record<string, number> = { "": 1, d: 1, w: 7 };

const spans: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

const KINDS: Record<Exclude<SettingKind, "list">, string> = {
  text: "text",
  number: "a number",
  days: "a number",
  flag: "true or false",
  bytes: "a size",
  duration: "a duration",
  space: "a size or a percentage",
};

export type Parsed = { value: string | number | boolean | string[] } | { problem: string };

/** Turns what a person wrote into the value of a setting, or says what was expected. */
export function parseValue(name: SettingName, given: unknown): Parsed {
  const setting: Setting = SETTINGS[name];
  // YAML holds more than a setting can be.
  if (typeof given === "object" && setting.kind !== "list")
    return { problem: `expected ${KINDS[setting.kind]}` };
  switch (setting.kind) {
    case "flag":
      return parseFlag(given);
    case "list":
      return parseList(given);
    case "number":
      return parseNumber(name, given);
    case "days":
      return parseDays(given);
    case "space":
      return parseSpace(given);
    case "bytes":
      return parseUnit(given, units, "a size such as 512MiB or 4GiB");
    case "duration":
      return parseUnit(given, spans, "a duration such as 90s, 10m or 2h");
    case "text":
      if (typeof given !== "string" && typeof given !== "number")
        return { problem: "expected text" };
      if (setting.choices && !setting.choices.includes(String(given)))
        return { problem: `expected one of ${setting.choices.join(", ")}` };
      return { value: String(given) };
  }
}

function parseFlag(given: unknown): Parsed {
  if (typeof given === "boolean") return { value: given };
  const text = String(given).toLowerCase();
  if (["true", "1", "yes", "on"].includes(text)) return { value: true };
  if (["false", "0", "no", "off", ""].includes(text)) return { value: false };
  return { problem: "expected true or false" };
}

function parseList(given: unknown): Parsed {
  if (Array.isArray(given)) {
    const items = given.filter((item) => typeof item === "string");
    return items.length === given.length
      ? { value: items }
      : { problem: "expected a list of texts" };
  }
  if (typeof given !== "string") return { problem: "expected a list" };
  return { value: given.split(",").filter((item) => item !== "") };
}

function parseNumber(name: SettingName, given: unknown): Parsed {
  const number = typeof given === "number" ? given : Number(String(given).trim() || "nothing");
  if (!Number.isFinite(number) || number < 0) return { problem: "expected a number" };
  if (name.endsWith("port") && (!Number.isInteger(number) || number > 65_535))
    return { problem: "expected a port between 0 and 65535" };
  return { value: number };
}

/** `7`, `7d` or `2w`. */
export function parseDays(given: unknown): Parsed {
  const parsed = parseUnit(given, dayUnits, "days such as 7, 7d or 2w");
  return "value" in parsed && /\./.test(String(given))
    ? { problem: "expected whole days" }
    : parsed;
}

/** The text stays as it was written: how much a part of a disk is, is known when the disk is. */
function parseSpace(given: unknown): Parsed {
  const space = spaceOf(String(given));
  return space === undefined
    ? { problem: "expected a size such as 50GiB, or a part of the disk such as 80%" }
    : { value: String(given).trim() };
}

/** Undefined for what is neither a size above zero nor 1 to 100 percent. */
export function spaceOf(text: string): { bytes: number } | { part: number } | undefined {
  const percent = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1];
  if (percent !== undefined) {
    const part = Number(percent) / 100;
    return part > 0 && part <= 1 ? { part } : undefined;
  }
  const parsed = parseUnit(text, units, "");
  return "value" in parsed && Number(parsed.value) > 0
    ? { bytes: Number(parsed.value) }
    : undefined;
}

function parseUnit(given: unknown, table: Record<string, number>, expected: string): Parsed {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(given));
  const factor = match ? table[match[2]!.toLowerCase()] : undefined;
  if (!match || factor === undefined) return { problem: `expected ${expected}` };
  return { value: Math.round(Number(match[1]) * factor) };
}
