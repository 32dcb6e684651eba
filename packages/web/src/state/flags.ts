/** The flags that the filter line knows, fetched once; without them the line still works, uncompleted. */
import type { CompleteAnswer, CompletionKind, FilterFlag, FiltersAnswer } from "@dropscope/model";
import { signal } from "@preact/signals";
import { get } from "./api.js";

export const flags = signal<FilterFlag[]>([]);

let asked = false;

export function needFlags(): void {
  if (asked) return;
  asked = true;
  void load();
}

async function load(): Promise<void> {
  try {
    flags.value = (await get<FiltersAnswer>("filters", {})).flags;
  } catch {
    // The next one who needs them asks again.
    asked = false;
  }
}

const known = new Map<string, { at: number; answer: CompleteAnswer }>();
const NONE: CompleteAnswer = { values: [] };
const FRESH_MS = 30_000;

/** Values from the store, for completion. A failure is an empty answer: completion is a help, not a duty. */
export async function valuesOf(
  what: CompletionKind,
  prefix: string,
  signal: AbortSignal,
): Promise<CompleteAnswer> {
  const key = `${what} ${prefix}`;
  const kept = known.get(key);
  if (kept && Date.now() - kept.at < FRESH_MS) return kept.answer;
  try {
    const answer = await get<CompleteAnswer>("complete", { what, prefix }, signal);
    if (known.size > 200) known.clear();
    known.set(key, { at: Date.now(), answer });
    return answer;
  } catch {
    return NONE;
  }
}
