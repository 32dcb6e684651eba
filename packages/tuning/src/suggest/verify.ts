import { createEngine, type Direction, isDenial, parseManifests } from "@dropscope/policy";
import { objectKey, type TuningCluster } from "../cluster/index.js";
import { groupBy } from "./group.js";
import type { Seen } from "./traffic.js";

/** Judges by the proposal alone, as its text says it. */
export interface Verifier {
  /** Whether its policies let the connection through on that side. */
  allows(seen: Seen, direction: Direction): boolean;
}

/** @throws Error when the text cannot be read back, which is a mistake of who wrote it */
export function createVerifier(yaml: string, cluster: TuningCluster): Verifier {
  const { profile, view } = cluster;
  const { policies, problems } = parseManifests(yaml, "proposal.yaml", {
    cluster: profile.cluster,
  });
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem !== undefined)
    throw new Error(`the proposal cannot be read: ${problem.message} (${problem.place.line})`);
  const { services, cidrGroups } = view.context();
  const engine = createEngine({ profile, services, cidrGroups, maxCached: 2 ** 16 });
  for (const [key, some] of groupBy(policies, objectKey)) engine.setPolicies(key, some);
  return {
    allows: ({ connection }, direction) => !isDenial(engine.decide(connection)[direction].outcome),
  };
}
