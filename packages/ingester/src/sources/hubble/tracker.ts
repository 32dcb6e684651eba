import type { Gap } from "@dropscope/model";
import type { Decoded } from "../../decode/index.js";
import { createContinuity } from "./continuity.js";
import { createOutages, type Outages } from "./node-status.js";
import { resumeFrom } from "./resume.js";
import type { SavedState } from "./saved-state.js";
import { createSilence } from "./silence.js";
import { createWatermarks } from "./watermarks.js";

export interface TrackerOptions {
  saved?: SavedState | undefined;
  overlapMs: number;
  backfillMs: number;
  silentAfterMs: number;
  gap: (gap: Gap) => void;
}

/** All that is known about the nodes behind one address: what was read, who is away, what is missing. */
export interface Tracker {
  /** A stream starts. Returns its `since`, ns. */
  begin(nowMs: number, horizonMs: number): bigint;
  decoded(decoded: Decoded, repeat: boolean, nowMs: number): void;
  /** Once a second. Returns nodes that have fallen silent: reconnect for them. */
  check(nowMs: number): string[];
  allSilentFor(nowMs: number): number;
  /** Reading is paused: nobody can be heard, so nobody is silent. */
  heldBack(nowMs: number): void;
  snapshot(): SavedState;
  readonly outages: Outages;
  readonly nodes: number;
}

export function createTracker(options: TrackerOptions): Tracker {
  const watermarks = createWatermarks(options.saved?.watermarks);
  const outages = createOutages(options.saved?.outages);
  const continuity = createContinuity();
  const silence = createSilence(options.silentAfterMs);
  const tell = (gap: Gap | undefined) => {
    if (gap !== undefined) options.gap(gap);
  };

  function flow(node: string, timeNs: bigint, repeat: boolean, nowMs: number): void {
    watermarks.see(node, timeNs, nowMs);
    silence.see(node, nowMs);
    if (outages.size > 0) {
      const closed = outages.see(node, timeNs, repeat, nowMs);
      if (closed !== undefined) {
        // The outage's own row says what is missing; a wrapped ring would say it again.
        continuity.drop(node);
        tell(closed);
        return;
      }
    }
    if (continuity.pending > 0) tell(continuity.see(node, timeNs, repeat, nowMs));
  }

  return {
    outages,
    begin(nowMs, horizonMs) {
      const expected = watermarks.expected(outages.expectedBack(nowMs));
      let oldestNs: bigint | undefined;
      for (const [, newestNs] of expected)
        if (oldestNs === undefined || newestNs < oldestNs) oldestNs = newestNs;
      const { overlapMs, backfillMs } = options;
      const since = resumeFrom({ oldestNs, horizonMs, nowMs, overlapMs, backfillMs });
      for (const gap of continuity.begin(since, expected, nowMs)) tell(gap);
      silence.begin(nowMs);
      return since;
    },
    decoded(decoded, repeat, nowMs) {
      if (decoded.kind === "flow") flow(decoded.node, decoded.timeNs, repeat, nowMs);
      else if (decoded.kind === "node-status")
        for (const gap of outages.status(decoded, (n) => watermarks.of(n)?.newestNs, nowMs))
          tell(gap);
    },
    check(nowMs) {
      for (const gap of continuity.check(nowMs)) tell(gap);
      const silent = silence.check(nowMs);
      for (const node of silent)
        tell(
          outages.open({
            node,
            cause: "node-silent",
            fromNs: watermarks.of(node)?.newestNs ?? BigInt(Math.trunc(nowMs)) * 1_000_000n,
            noticedMs: nowMs,
            message:
              "The node sends nothing while others do; its stream inside relay may have ended.",
          }),
        );
      return silent;
    },
    heldBack: (nowMs) => silence.begin(nowMs),
    allSilentFor: (nowMs) => silence.allFor(nowMs),
    snapshot: () => ({ watermarks: watermarks.snapshot(), outages: outages.list() }),
    get nodes() {
      return watermarks.nodes;
    },
  };
}
