/** The filter line: the flags of `hubble observe` as text. Parsing for the eye only; the server decides what they mean. */
import type { FilterFlag } from "@dropscope/model";

export interface Word {
  /** Without quotes. */
  text: string;
  /** Where it stands in the line, [start, end). */
  start: number;
  end: number;
}

/** Splits like a shell does: blanks separate, single and double quotes group, a backslash keeps the next character. */
export function words(line: string): Word[] {
  const found: Word[] = [];
  let at = 0;
  while (at < line.length) {
    while (at < line.length && /\s/.test(line.charAt(at))) at++;
    if (at >= line.length) break;
    const start = at;
    let text = "";
    let quote = "";
    for (; at < line.length; at++) {
      const here = line.charAt(at);
      if (quote) {
        if (here === quote) quote = "";
        else if (quote === '"' && here === "\\" && /["\\]/.test(line.charAt(at + 1)))
          text += line.charAt(++at);
        else text += here;
      } else if (here === '"' || here === "'") quote = here;
      else if (here === "\\" && at + 1 < line.length) text += line.charAt(++at);
      else if (/\s/.test(here)) break;
      else text += here;
    }
    found.push({ text, start, end: at });
  }
  return found;
}

/** One condition of the line, as a chip shows it. */
export interface Chip {
  not: boolean;
  flag: string;
  value: string;
  start: number;
  end: number;
}

function flagNamed(flags: readonly FilterFlag[], name: string): FilterFlag | undefined {
  return flags.find((flag) => flag.name === name || flag.short === name);
}

/** The conditions of a line. `--not` belongs to the flag after it, as in the CLI. */
export function chips(line: string, flags: readonly FilterFlag[]): Chip[] {
  const all = words(line);
  const found: Chip[] = [];
  for (let index = 0; index < all.length; index++) {
    const first = all[index];
    if (!first) break;
    let word = first;
    const not = word.text === "--not" && index + 1 < all.length;
    if (not) word = all[++index] ?? word;
    const equals = word.text.startsWith("--") ? word.text.indexOf("=") : -1;
    let flag = equals > 0 ? word.text.slice(0, equals) : word.text;
    let value = equals > 0 ? word.text.slice(equals + 1) : "";
    let end = word.end;
    if (!flag.startsWith("-")) {
      value = flag;
      flag = "";
    } else if (equals < 0 && flagNamed(flags, flag)?.value !== "") {
      const next = all[index + 1];
      if (next && !next.text.startsWith("-")) {
        value = next.text;
        end = next.end;
        index++;
      }
    }
    found.push({ not, flag, value, start: first.start, end });
  }
  return found;
}

/** The line without one of its conditions. */
export function withoutChip(line: string, chip: Chip): string {
  return `${line.slice(0, chip.start).trimEnd()} ${line.slice(chip.end).trimStart()}`.trim();
}

/** A value as the line must spell it. */
export function quoted(value: string): string {
  if (value !== "" && !/[\s"'\\]/.test(value)) return value;
  return value.includes("'") ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `'${value}'`;
}

/** The line with a condition added, unless it is there already. */
export function withFlag(
  line: string,
  flag: string,
  value: string,
  flags: readonly FilterFlag[] = [],
): string {
  const there = chips(line, flags).some(
    (chip) => !chip.not && chip.flag === flag && chip.value === value,
  );
  return there ? line : `${line.trim()} ${flag} ${quoted(value)}`.trim();
}

export interface Completion {
  kind: "flag" | "value";
  /** The flag whose value is being typed. */
  flag?: FilterFlag;
  prefix: string;
  /** What an accepted suggestion replaces, [start, end). */
  start: number;
  end: number;
}

/** What can be completed at the caret. */
export function completionAt(
  line: string,
  caret: number,
  flags: readonly FilterFlag[],
): Completion | undefined {
  const before = words(line.slice(0, caret));
  const onWord = caret > 0 && !/\s/.test(line.charAt(caret - 1));
  const current = onWord ? before.at(-1) : undefined;
  const end = onWord ? caret + (/^\S*/.exec(line.slice(caret))?.[0].length ?? 0) : caret;
  const equals = current?.text.startsWith("--") ? current.text.indexOf("=") : -1;
  if (current && equals > 0) {
    const flag = flagNamed(flags, current.text.slice(0, equals));
    return (
      flag && {
        kind: "value",
        flag,
        prefix: current.text.slice(equals + 1),
        start: current.start + equals + 1,
        end,
      }
    );
  }
  const previous = before.at(onWord ? -2 : -1);
  const flag = previous && flagNamed(flags, previous.text);
  if (flag && flag.value !== "" && !current?.text.startsWith("-")) {
    return {
      kind: "value",
      flag,
      prefix: current?.text ?? "",
      start: current?.start ?? caret,
      end,
    };
  }
  return { kind: "flag", prefix: current?.text ?? "", start: current?.start ?? caret, end };
}

/** Flags that fit what is typed: by the start of a name first, then by any part of name or help. */
export function matchingFlags(prefix: string, flags: readonly FilterFlag[]): FilterFlag[] {
  const typed = prefix.replace(/^-+/, "").toLowerCase();
  const rank = (flag: FilterFlag): number => {
    const name = flag.name.replace(/^-+/, "");
    if (name.startsWith(typed)) return 0;
    if (name.includes(typed)) return 1;
    return !prefix.startsWith("-") && flag.help.toLowerCase().includes(typed) ? 2 : 3;
  };
  return flags
    .map((flag, index) => ({ flag, index, rank: rank(flag) }))
    .filter((entry) => entry.rank < 3)
    .sort((left, right) => left.rank - right.rank || left.index - right.index)
    .map((entry) => entry.flag);
}
