import type { Clock } from "@dropscope/model";
import { isImported, type ObjectReader, type ObjectWatch, watchedSpans } from "@dropscope/store";

/** Histories that were imported, maybe by another process while this one runs. */
export interface Imports {
  /**
   * Looks at the store, if that is some time ago.
   * @returns whether something was imported since the look before
   * @throws DropscopeError when the store cannot be read
   */
  refresh(): Promise<boolean>;
  /** Whether a history, and no source that watched, tells of a moment (ms since 1970). */
  cover(time: number): boolean;
}

/** Less than a landed batch is left alone for: what was imported before its flows is known in time. */
const FRESH_MS = 250;

export function createImports(reader: Pick<ObjectReader, "watches">, clock: Clock): Imports {
  let known: readonly ObjectWatch[] = [];
  let stamp = "";
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;

  const look = async (): Promise<boolean> => {
    const watches = await reader.watches({});
    lookedAt = clock.now();
    known = watches;
    const before = stamp;
    stamp = JSON.stringify(watches.filter(({ source }) => isImported(source)));
    return before !== stamp && before !== "";
  };

  return {
    refresh() {
      if (clock.now() - lookedAt < FRESH_MS) return Promise.resolve(false);
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    cover(time) {
      const kinds = new Set<string>();
      for (const { source, kind, listedAt } of known)
        if (isImported(source) && kind.endsWith("Policy") && listedAt <= time) kinds.add(kind);
      const isWatched = (kind: string): boolean =>
        watchedSpans(kind, known, clock.now()).some(({ from, to }) => from <= time && time < to);
      return kinds.size > 0 && ![...kinds].some(isWatched);
    },
  };
}
