import type { DropExplanation, Flow } from "@dropscope/model";
import type { Profile, Revisions } from "@dropscope/policy";
import { caseOf, type DirectedCase, isDirected } from "./case.js";
import type { History } from "./catalog.js";
import { linkedChange } from "./changes.js";
import { explainCase } from "./explain-case.js";
import { createMemory, type Memory } from "./memory.js";
import { momentOf } from "./packet.js";
import { plainFlow } from "./plain-flow.js";
import type { Verdict } from "./verdict.js";

export interface ExplainerOptions {
  readonly history: History;
  /** The data plane that the policies are judged for. */
  readonly profile: Profile;
  /**
   * Numbers that change whenever the history hears of something; `Catalog.revisions` gives them.
   * With them the explainer remembers what it read of the history and what it said of equal
   * connections; without them everything is asked anew for every flow.
   */
  readonly revisions?: () => Revisions;
}

/** Explains flows one by one, with the answers of `explainFlow`. */
export interface Explainer {
  explain(flow: Flow): DropExplanation;
}

/** Flows without a time are judged by the newest state. */
const NEWEST = Number.MAX_SAFE_INTEGER;

export function createExplainer({ history, profile, revisions }: ExplainerOptions): Explainer {
  const memory = createMemory<Verdict>(history, profile, revisions);
  return {
    explain(given) {
      const flow = plainFlow(given);
      const time = momentOf(flow);
      const moment = memory.momentAt(time ?? NEWEST);
      const one = caseOf(flow, moment, time !== undefined);
      const verdict = memory.answer(one, () => explainCase(one, memory));
      const changed = isDirected(one) ? withChange(verdict, one, memory) : verdict;
      return ordered(one, changed);
    },
  };
}

/** A change beside the cause is told; it makes another outcome only where it is the cause. */
function withChange(verdict: Verdict, one: DirectedCase, memory: Memory<Verdict>): Verdict {
  if (verdict.change !== null || verdict.outcome === "not-policy") return verdict;
  const change = linkedChange(one, memory.log);
  return change === null ? verdict : { ...verdict, change };
}

/** The fields in the order in which they are printed and stored. */
function ordered(
  {
    base,
    direction,
  }: Pick<DirectedCase, "base"> & { direction: DropExplanation["direction"] | undefined },
  verdict: Verdict,
): DropExplanation {
  return {
    uuid: base.uuid,
    time: base.time,
    direction: direction ?? "",
    outcome: verdict.outcome,
    selecting: verdict.selecting,
    denying: verdict.denying,
    nearest: verdict.nearest,
    agreement: verdict.agreement,
    sentence: verdict.sentence,
    next: verdict.next,
    reason: base.reason,
    audited: base.audited,
    change: verdict.change,
    places: verdict.places,
  };
}
