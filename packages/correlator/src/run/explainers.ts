import type { Catalog, Profile } from "@dropscope/policy";
import { createExplainer, type Explainer } from "../explain/index.js";
import type { ClusterKnowledge } from "./options.js";

/** Explainers by the history that a flow is judged by. */
export interface Explainers {
  /** @param time of the flow, ms since 1970 */
  readonly at: (time: number) => Promise<Explainer>;
}

export function createExplainers(knowledge: ClusterKnowledge, profile: Profile): Explainers {
  // Each with the day's own count of changes: a past day changes when something is learned of it.
  const known = new WeakMap<Catalog, Explainer>();
  return {
    async at(time) {
      const history = await knowledge.historyAt(time);
      let explainer = known.get(history);
      if (explainer === undefined) {
        explainer = createExplainer({ history, profile, revisions: () => history.revisions() });
        known.set(history, explainer);
      }
      return explainer;
    },
  };
}
