import type { DropExplanation } from "@dropscope/model";
import type { LandedFlow } from "@dropscope/store";
import type { History } from "../explain/index.js";
import type { ClusterKnowledge } from "./options.js";
import { feedOthers } from "./read-batches.js";
import type { RunState } from "./run-state.js";

const DAY_NS = 86_400_000_000_000n;
const MS_NS = 1_000_000n;

/**
 * Feeds flows, in the order of time, to those who judge them too but cannot wait for the policies
 * of a past day: these are loaded before.
 */
export async function feedByDay(
  state: Pick<RunState, "dns" | "audit">,
  flows: readonly LandedFlow[],
  explanations: ReadonlyMap<string, DropExplanation>,
  knowledge: ClusterKnowledge,
): Promise<void> {
  for (let at = 0; at < flows.length;) {
    const { timeNs } = flows[at] as LandedFlow;
    const day = timeNs / DAY_NS;
    let end = at + 1;
    while (end < flows.length && (flows[end] as LandedFlow).timeNs / DAY_NS === day) end += 1;
    if (timeNs > 0n) await knowledge.historyAt(Number(timeNs / MS_NS));
    feedOthers(state, flows.slice(at, end), explanations);
    at = end;
  }
}

/** The cluster over all time, as far as it is at hand. */
export function historyAtHand(knowledge: ClusterKnowledge): History {
  const { catalog } = knowledge;
  if (knowledge.loadedAt === undefined) return catalog;
  const of = (time: number): History => knowledge.loadedAt?.(time) ?? catalog;
  return {
    at: (time) => of(time).at(time),
    changes: (from, to) => of(to).changes(from, to),
  };
}
