/** The filter line as text and as chips: two sights of the same words. The model reads it, as the server does. */
import {
  conditionsOfWords,
  FilterError,
  type FilterFlag,
  quoteWord,
  splitLine,
  type Word,
} from "@dropscope/model";

/** One condition of the line, as a chip shows it. */
export interface Chip {
  not: boolean;
  /** With its dashes, always in the long form; "" for a word. */
  flag: string;
  value: string;
  /** All of it, its `--not` included, [start, end). */
  start: number;
  end: number;
  /** Without its `--not`. */
  from: number;
  /** What is changed when the chip is: the value, of a switch all of it. */
  edit: [number, number];
}

/** The conditions of a line in their order; of one with an error what stands before it. */
export function chips(line: string): Chip[] {
  const found = read(line);
  const flags = found.conditions.map(({ spec, value, not, start, end, at, valueAt }): Chip => ({
    not,
    flag: `--${spec.name}`,
    value: spec.value === "" && value === "true" ? "" : value,
    start,
    end,
    from: at[0],
    edit: valueAt,
  }));
  const words = found.words.map(({ text, start, end }): Chip => ({
    not: false,
    flag: "",
    value: text,
    start,
    end,
    from: start,
    edit: [start, end],
  }));
  return [...flags, ...words].sort((left, right) => left.start - right.start);
}

function read(line: string): ReturnType<typeof conditionsOfWords> {
  try {
    return conditionsOfWords(splitLine(line, true), true);
  } catch (error) {
    const end = error instanceof FilterError ? (error.at?.[0] ?? 0) : 0;
    // The part before it is shorter and has no such error: this ends.
    return end > 0 && end < line.length ? read(line.slice(0, end)) : { conditions: [], words: [] };
  }
}

/** The line with a condition turned round: what it wanted is now what it leaves out, or the other way. */
export function turned(line: string, chip: Chip): string {
  return chip.not
    ? `${line.slice(0, chip.start)}${line.slice(chip.from)}`
    : `${line.slice(0, chip.start)}--not ${line.slice(chip.start)}`;
}

/** The line without one of its conditions. */
export function withoutChip(line: string, chip: Chip): string {
  return `${line.slice(0, chip.start).trimEnd()} ${line.slice(chip.end).trimStart()}`.trim();
}

/** The line with a condition added, unless it is there already. */
export function withFlag(line: string, flag: string, value: string): string {
  const there = chips(line).some((chip) => !chip.not && chip.flag === flag && chip.value === value);
  return there ? line : `${line.trim()} ${flag} ${quoteWord(value)}`.trim();
}

function flagNamed(flags: readonly FilterFlag[], name: string): FilterFlag | undefined {
  return flags.find((flag) => flag.name === name || flag.short === name);
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
  const before: Word[] = splitLine(line.slice(0, caret), true);
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
