import type { CidrGroup, Service } from "../objects.js";
import type { Profile } from "../profile.js";

/** What a match needs to know beside the two ends: the data plane's rules and the objects that peers refer to. */
export interface MatchContext {
  readonly profile: Profile;
  readonly cidrGroups: readonly CidrGroup[];
  readonly services: readonly Service[];
}

export function matchContext(
  profile: Profile,
  objects: {
    readonly cidrGroups?: readonly CidrGroup[];
    readonly services?: readonly Service[];
  } = {},
): MatchContext {
  return {
    profile,
    cidrGroups: objects.cidrGroups ?? [],
    services: objects.services ?? [],
  };
}
