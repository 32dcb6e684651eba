/**
 * Finds nodes that have fallen silent while others talk: relay does not subscribe again to a node
 * whose stream ended without an error, and says nothing. What silence is depends on the node: many
 * times its usual pause, and never less than `leastMs`. A node that turns out to be merely quiet is left
 * alone for longer each time.
 */
export interface Silence {
  see(node: string, nowMs: number): void;
  /** The nodes that are newly silent. The caller reconnects, and tells `quiet` who was right to be silent. */
  check(nowMs: number): string[];
  /** The whole stream has been silent for `ms`. */
  allFor(nowMs: number): number;
  /** A stream starts: nobody is late yet. */
  begin(nowMs: number): void;
  forget(node: string): void;
}

interface Heard {
  lastMs: number;
  /** Moving mean of the pauses, ms. */
  pauseMs: number;
  flows: number;
  /** Doubles with each alarm. */
  patience: number;
  alarmed: boolean;
}

const PAUSES = 30;
/** A node of fewer flows has no usual pause yet. */
const ENOUGH_FLOWS = 20;
const LONGEST_MS = 3_600_000;

export function createSilence(leastMs: number): Silence {
  const nodes = new Map<string, Heard>();
  let lastMs = 0;

  return {
    see(node, nowMs) {
      lastMs = nowMs;
      const heard = nodes.get(node);
      if (heard === undefined) {
        nodes.set(node, { lastMs: nowMs, pauseMs: 0, flows: 1, patience: 1, alarmed: false });
        return;
      }
      const pause = nowMs - heard.lastMs;
      heard.pauseMs += (pause - heard.pauseMs) / 16;
      heard.lastMs = nowMs;
      heard.flows++;
      heard.alarmed = false;
    },
    check(nowMs) {
      const silent: string[] = [];
      // Silence of one is told by the voices of others; silence of all is another matter.
      if (nowMs - lastMs > leastMs / 4) return silent;
      for (const [node, heard] of nodes) {
        if (heard.alarmed || heard.flows < ENOUGH_FLOWS) continue;
        const allowed = Math.max(leastMs, heard.pauseMs * PAUSES) * heard.patience;
        if (nowMs - heard.lastMs <= Math.min(allowed, LONGEST_MS)) continue;
        heard.alarmed = true;
        heard.patience = Math.min(heard.patience * 2, 64);
        silent.push(node);
      }
      return silent;
    },
    allFor: (nowMs) => nowMs - lastMs,
    begin(nowMs) {
      lastMs = nowMs;
      for (const heard of nodes.values()) if (!heard.alarmed) heard.lastMs = nowMs;
    },
    forget: (node) => void nodes.delete(node),
  };
}
