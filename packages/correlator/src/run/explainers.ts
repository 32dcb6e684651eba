import type { Catalog, Profile } from "@dropscope/policy";
import { createExplainer, type Explainer, type Revisions } from "../explain/index.js";
import type { ClusterKnowledge } from "./options.js";

/** Explainers by the history that a flow is judged by. */
export interface Explainers {
  /** @param time of the flow, ms since 1970 */
  readonly at: (time: number) => Promise<Explainer>;
  readonly revisions: () => Revisions;
  stop(): void;
}

export function createExplainers(knowledge: ClusterKnowledge, profile: Profile): Explainers {
  let changes = 0;
  const stop = knowledge.onChange(() => {
    changes += 1;
  });
  const revisions = (): Revisions => ({ objects: changes, pods: changes });
  const live = createExplainer({ history: knowledge.catalog, profile, revisions });
  const past = new WeakMap<Catalog, Explainer>();
  // A past day is not changed any more.
  const still = { objects: 0, pods: 0 };
  return {
    revisions,
    stop,
    async at(time) {
      const history = await knowledge.historyAt(time);
      if (history === knowledge.catalog) return live;
      const known = past.get(history);
      if (known !== undefined) return known;
      const explainer = createExplainer({ history, profile, revisions: () => still });
      past.set(history, explainer);
      return explainer;
    },
  };
}
