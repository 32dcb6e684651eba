/** What a moment of the past lies too early for, in words. Pure. */
import type { KnownAnswer } from "@dropscope/model";
import { near } from "../lib/format.js";

export function unknownThen(
  at: number,
  known: KnownAnswer | undefined,
  now: number,
  utc: boolean,
): string[] {
  if (known === undefined) return [];
  const { policies, pods } = known;
  const flows = known.counts ?? known.flows;
  const found: string[] = [];
  if (flows !== null && at < flows) found.push(`Flows are stored since ${near(flows, now, utc)}.`);
  if (policies === null) found.push("Policies are not known.");
  else if (at < policies)
    found.push(`Policies are known since ${near(policies, now, utc)}: before, they are a guess.`);
  if (pods !== null && at < pods && !(policies !== null && at < policies))
    found.push(`Pods and their addresses are known since ${near(pods, now, utc)}.`);
  return found;
}
