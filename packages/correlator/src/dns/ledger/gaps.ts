import { type Gap, parseTimeNs } from "@dropscope/model";

/** Times in which flows of a node are known to be missing: what was not seen then says nothing. */
export interface GapLog {
  add(gap: Gap): void;
  /** Whether something may be missing of the node between the two moments, ms. */
  overlaps(node: string, from: number, to: number): boolean;
}

interface Span {
  readonly node: string;
  readonly from: number;
  readonly to: number;
}

/** @param windowMs before the report of a loss that does not say when it was */
export function createGapLog(windowMs: number, max: number): GapLog {
  const spans = new Map<string, Span>();
  return {
    add: (gap) => {
      const at = msOf(gap.time);
      const from = msOf(gap.from) ?? (at === undefined ? undefined : at - windowMs);
      if (from === undefined) return;
      const isOpen = gap.from !== undefined && gap.to === undefined;
      const to = msOf(gap.to) ?? (isOpen ? Number.POSITIVE_INFINITY : (at ?? from));
      // The word that an outage is over takes the place of the word that it began.
      const key = JSON.stringify([gap.node, gap.cause, gap.from ?? gap.time, gap.cpu]);
      spans.delete(key);
      if (to > from || gap.from === undefined) spans.set(key, { node: gap.node, from, to });
      for (const oldest of spans.keys()) {
        if (spans.size <= max) break;
        spans.delete(oldest);
      }
    },
    overlaps: (node, from, to) => {
      for (const span of spans.values())
        if (
          (span.node === "" || node === "" || span.node === node) &&
          span.from <= to &&
          from <= span.to
        )
          return true;
      return false;
    },
  };
}

function msOf(text: string | undefined): number | undefined {
  const ns = text === undefined ? undefined : parseTimeNs(text);
  return ns === undefined ? undefined : Number(ns) / 1e6;
}
