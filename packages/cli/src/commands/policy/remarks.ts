import { shown } from "../../observe/paint.js";
import type { Answer } from "./question.js";

/** What a person must know beside the verdict: one line each. */
export function remarks({ explanations, allowed, notes, refused }: Answer): string[] {
  const lines = notes.map((note) => `  note: ${shown(note)}.`);
  const right = explanations.filter(({ decision }) => decision.allowed).length;
  if (!allowed && right > 0)
    lines.push(`  note: ${right} of ${explanations.length} pairs of ends are allowed.`);
  if (refused > 0)
    lines.push(
      `  note: ${refused === 1 ? "one problem keeps an object" : `${refused} problems keep objects`} from taking effect; see standard error.`,
    );
  return lines;
}
