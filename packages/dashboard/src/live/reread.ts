import type { Clock, LiveFrame } from "@dropscope/model";
import type { FlowReader, TailCursor } from "@dropscope/store";
import type { Ask } from "./ask.js";
import { buildPicture, type Picture, verdictList, type View } from "./picture.js";

/** At most every two seconds, and never more than a twentieth of the time. */
const LEAST_MS = 2_000;
const SHARE = 20;
/** After the last batch the correlator may still be at work for so long. */
const SETTLING_MS = 60_000;
const IDLE_MS = 15_000;

/** The parts of a frame that a new reading of the whole picture makes. */
export type Reread = Pick<LiveFrame, "drops" | "flows" | "verdicts" | "edges" | "gaps">;

/**
 * Moves on the picture of a view that asks what explanations tell. They come after their flows,
 * at moments that the tail does not know, so that nothing can be added: the picture is read
 * anew, and what is new in it makes the frame.
 */
export interface Rereader {
  /** Batches landed. */
  mark(): void;
  isDue(): boolean;
  /** Reads as of `applied`, and puts what it finds into the picture. */
  read(had: Picture, applied: TailCursor, signal: AbortSignal): Promise<Reread>;
}

export function createRereader(reader: FlowReader, view: View, ask: Ask, clock: Clock): Rereader {
  let newsAt = Number.NEGATIVE_INFINITY;
  let readAt = clock.now();
  let tookMs = 0;
  return {
    mark() {
      newsAt = clock.now();
    },
    isDue() {
      const now = clock.now();
      const rest = now - readAt;
      const settling = now - newsAt < SETTLING_MS;
      return rest >= Math.max(LEAST_MS, SHARE * tookMs) && (settling || rest >= IDLE_MS);
    },
    async read(had, applied, signal) {
      const begun = clock.now();
      const next = await ask(signal, (inner) => buildPicture(reader, view, applied, begun, inner));
      readAt = clock.now();
      tookMs = readAt - begun;
      return moved(had, next, readAt);
    },
  };
}

function moved(had: Picture, next: Picture, now: number): Reread {
  const known = new Set(had.flows.map(({ uuid }) => uuid));
  const totals = next.drops.timeline(now, next.gaps);
  const seconds: number[] = [];
  for (let second = totals.from; second < totals.to; second += totals.stepMs) seconds.push(second);
  const frame: Reread = {
    drops: had.drops.set(seconds, totals, now),
    flows: next.flows.filter(({ uuid }) => !known.has(uuid)),
    ...(same(verdictList(had.verdicts), verdictList(next.verdicts))
      ? {}
      : { verdicts: verdictList(next.verdicts) }),
    ...(same(had.edges, next.edges) ? {} : { edges: next.edges }),
    ...(same(had.gaps, next.gaps) ? {} : { gaps: next.gaps }),
  };
  const { verdicts, edges, gaps, flows } = next;
  Object.assign(had, { verdicts, edges, gaps, flows });
  return frame;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
