import type { Gap } from "@dropscope/model";
import { gapOfLostEvents, type LostEventsSeen } from "./decode/index.js";

/** LOST_EVENT_SOURCES: this reader was too slow for the agent's ring. */
const HUBBLE_RING_BUFFER = 3;

/**
 * Agents before 1.19 report the losses of a slow reader one slot at a time, up to
 * ten thousand messages a second, without first and last. They are never replayed,
 * so they may be summed: one gap for each node and batch, from the first to the last message.
 */
export interface LossFolder {
  /** False when the loss is not of this kind. */
  fold(lost: LostEventsSeen, nowMs: number): boolean;
  take(): { gap: Gap; source: number }[];
}

export function createLossFolder(): LossFolder {
  let open = new Map<string, LostEventsSeen>();
  let nowMs = 0;
  return {
    fold(lost, now) {
      if (lost.source !== HUBBLE_RING_BUFFER) return false;
      if (lost.firstNs !== undefined || lost.lastNs !== undefined) return false;
      nowMs = now;
      const timeNs = lost.timeNs ?? BigInt(Math.trunc(now)) * 1_000_000n;
      const sum = open.get(lost.node);
      open.set(lost.node, {
        ...lost,
        timeNs,
        count: lost.count + (sum?.count ?? 0n),
        firstNs: sum?.firstNs ?? timeNs,
        lastNs: timeNs,
      });
      return true;
    },
    take() {
      if (open.size === 0) return [];
      const gaps = [...open.values()].map((lost) => gapOfLostEvents(lost, nowMs));
      open = new Map();
      return gaps;
    },
  };
}
