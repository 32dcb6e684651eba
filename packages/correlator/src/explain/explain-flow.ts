import type { DropExplanation, Flow } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import type { History } from "./catalog.js";
import { createExplainer } from "./explainer.js";

export interface ExplainOptions {
  /** The data plane that the policies are judged for. */
  readonly profile: Profile;
}

/**
 * Says why one flow was dropped, by the policies of its own time; audited flows as if they had
 * been. Pure and deterministic: equal flow and history give an equal answer. Never throws,
 * whatever the flow holds, and blames no policy without evidence.
 *
 * For many flows `createExplainer` does the same and remembers. Of the two events of a denied
 * packet only the policy verdict names policies: give it what `createDropPairs` puts together.
 */
export function explainFlow(
  flow: Flow,
  history: History,
  { profile }: ExplainOptions,
): DropExplanation {
  return createExplainer({ history, profile }).explain(flow);
}
