/** A text in lines, with what is to be said about them. Pure. */
import type { LineMark } from "@dropscope/model";
import { safe } from "./safe.js";

export interface MarkedLine {
  /** From 1. */
  number: number;
  text: string;
  /** The role that shows, where several overlap: the one that matters most. */
  role: LineMark["role"] | undefined;
  /** Said below the last line of a mark. */
  notes: LineMark[];
}

const WEIGHT: Record<LineMark["role"], number> = {
  denies: 5,
  nearest: 4,
  isolates: 3,
  finding: 2,
  allows: 1,
};

/** Longer than any policy that a person reads; the whole text is in what is copied. */
export const MOST_LINES = 4000;

export function markedLines(text: string, marks: readonly LineMark[]): MarkedLine[] {
  const lines = text.replace(/\n$/, "").split("\n", MOST_LINES);
  const found = lines.map((line, index): MarkedLine => ({
    number: index + 1,
    text: safe(line, 2000),
    role: undefined,
    notes: [],
  }));
  for (const mark of marks) {
    const last = Math.min(Math.max(mark.first, mark.last), found.length);
    for (let number = Math.max(1, mark.first); number <= last; number++) {
      const line = found[number - 1];
      if (line && (line.role === undefined || WEIGHT[line.role] < WEIGHT[mark.role])) {
        line.role = mark.role;
      }
    }
    found[last - 1]?.notes.push(mark);
  }
  return found;
}

export interface DiffLine {
  kind: "added" | "removed" | "same" | "place";
  text: string;
}

/** Lines of a unified diff without its two file names. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.replace(/\n$/, "").split("\n", MOST_LINES);
  const found: DiffLine[] = [];
  let started = false;
  for (const line of lines) {
    if (line.startsWith("@@")) {
      started = true;
      found.push({ kind: "place", text: safe(line, 200) });
    } else if (started && !line.startsWith("\\")) {
      const kind = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "same";
      found.push({ kind, text: safe(line.slice(1), 2000) });
    }
  }
  return found;
}

const ROLES: Record<LineMark["role"], string> = {
  denies: "This rule denies it",
  isolates: "This puts the pod into default deny",
  nearest: "The rule that came nearest",
  allows: "This rule allows it",
  finding: "",
};

/** What stands below a marked place. */
export function noteText(mark: LineMark): string {
  return mark.text === "" ? ROLES[mark.role] : safe(mark.text, 800);
}
