import type { DropExplanation, Flow } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import type { ObjectReader } from "@dropscope/store";
import { createPastDays } from "../catalog/history.js";
import { explainFlow } from "./explain-flow.js";
import { momentOf } from "./packet.js";
import { plainFlow } from "./plain-flow.js";

/**
 * Explains one flow by the versions of objects that the store keeps, as whoever wrote them would.
 * @param now ms since 1970; a flow without a time of its own is judged by what held then
 * @throws DropscopeError when the store cannot be read
 */
export async function explainByStore(
  flow: Flow,
  reader: Pick<ObjectReader, "loadVersions" | "watches">,
  { profile, now }: { readonly profile: Profile; readonly now: number },
): Promise<DropExplanation> {
  const days = createPastDays(reader, { profile });
  const history = await days.at(momentOf(plainFlow(flow)) ?? now);
  return explainFlow(flow, history, { profile });
}
