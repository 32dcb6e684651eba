import { type MatchContext, matchContext } from "../../match/context.js";
import type { Manifests, SourceObject } from "../../objects.js";
import type { Policy } from "../../policy.js";
import type { Profile } from "../../profile.js";
import type { LintOptions, LintSettings } from "../options.js";
import { type CiliumSpecView, isCiliumPolicy, viewCiliumPolicy } from "./cilium-policies.js";
import { indexNamespaces, type NamespaceIndex } from "./namespaces.js";
import { isNetworkPolicy, type NetworkPolicyView, viewNetworkPolicy } from "./network-policies.js";
import { indexObjects, type ObjectIndex } from "./objects.js";
import { indexPods, type PodIndex } from "./pods.js";
import { inferSettings } from "./settings.js";

/** What a rule may look at. Everything is read once, for all rules. */
export interface LintContext {
  readonly manifests: Manifests;
  readonly profile: Profile;
  /** Given by options, or told by the objects. */
  readonly settings: LintSettings;
  /** For the predicates of `match/`. */
  readonly match: MatchContext;
  readonly objects: ObjectIndex;
  readonly namespaces: NamespaceIndex;
  readonly pods: PodIndex;
  /** As written, refused ones included. */
  readonly networkPolicies: readonly NetworkPolicyView[];
  readonly ciliumSpecs: readonly CiliumSpecView[];
}

export function createContext(manifests: Manifests, options: LintOptions): LintContext {
  const match = matchContext(options.profile, manifests);
  const objects = indexObjects(manifests);
  const namespaces = indexNamespaces(manifests);
  const policies = new Map<SourceObject, Policy[]>();
  for (const policy of manifests.policies) {
    const source = objects.ofPolicy(policy);
    if (source === undefined) continue;
    const same = policies.get(source);
    if (same) same.push(policy);
    else policies.set(source, [policy]);
  }
  return {
    manifests,
    profile: options.profile,
    settings: settingsOf(inferSettings(objects, manifests), options.settings),
    match,
    objects,
    namespaces,
    pods: indexPods(manifests, namespaces, match),
    networkPolicies: objects.all
      .filter(isNetworkPolicy)
      .map((source) => viewNetworkPolicy(source, policies.get(source)?.[0])),
    ciliumSpecs: objects.all
      .filter(isCiliumPolicy)
      .flatMap((source) => viewCiliumPolicy(source, policies.get(source) ?? [])),
  };
}

/** What is given wins over what was inferred; labels are kept out of identities beside those by default. */
function settingsOf(inferred: LintSettings, given: Partial<LintSettings> = {}): LintSettings {
  const excludedLabels = [...inferred.excludedLabels, ...(given.excludedLabels ?? [])];
  return { ...inferred, ...given, excludedLabels };
}
