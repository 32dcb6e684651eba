/**
 * What a plain (unquoted) scalar means to Kubernetes, whose reader is go-yaml v2
 * and so YAML 1.1: `yes`, `on` and `y` are booleans, `012` is ten. That is why a
 * label value `on` must be quoted, and why dropscope has to see it as a boolean too.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  // Most scalars are words: a letter that opens none of the special ones settles it.
  if (text.length > 5) {
    if (!startsNumber(first)) return text;
  } else {
    const word = words.get(text);
    if (word !== undefined) return word;
    if (!startsNumber(first)) return text;
  }
  return resolveNumber(text) ?? text;
}

function startsNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46;
}

const words = new Map<string, boolean | null>([
  ["", null],
  ["~", null],
]);
for (const [value, list] of [
  [null, ["null"]],
  [true, ["y", "yes", "true", "on"]],
  [false, ["n", "no", "false", "off"]],
] as const)
  for (const word of list) {
    words.set(word, value);
    words.set(word.toUpperCase(), value);
    words.set(word[0]!.toUpperCase() + word.slice(1), value);
  }

function resolveNumber(text: string): number | undefined {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  if (plain.length > 400) return undefined;
  const integer = /^([-+]?)(?:0b([01]+)|0x([\da-fA-F]+)|0o?([0-7]+)|(\d+))$/.exec(plain);
  if (integer) {
    const [, sign, binary, hex, octal, decimal] = integer;
    const value = binary
      ? parseInt(binary, 2)
      : hex
        ? parseInt(hex, 16)
        : octal
          ? parseInt(octal, 8)
          : Number(decimal);
    return sign === "-" ? -value : value;
  }
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(plain)) return Number(plain);
  const special = /^([-+]?)\.(?:inf|Inf|INF)$/.exec(plain);
  if (special) return special[1] === "-" ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(plain) ? NaN : undefined;
}

/** A plain key as a text: YAML 1.1 makes booleans of some, which turn into `true` and `false`. */
export function keyOf(text: string): string {
  const word = text.length > 5 ? undefined : words.get(text);
  return typeof word === "boolean" ? String(word) : text;
}

/** Lines of a plain scalar, without the blanks around them: a line break is a blank, empty lines are line breaks. */
export function foldLines(lines: readonly string[]): string {
  let text = lines[0]!;
  let breaks = 0;
  for (const line of lines.slice(1)) {
    breaks++;
    if (line === "") continue;
    text += breaks === 1 ? " " : "\n".repeat(breaks - 1);
    text += line;
    breaks = 0;
  }
  return text;
}
