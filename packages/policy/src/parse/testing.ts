import type { ManifestProblem, Manifests } from "../objects.js";
import type { Policy } from "../policy.js";
import type { Requirement } from "../selector.js";
import { parseManifests } from "./manifests.js";

/** Short ways to write policies and to look at what became of them, for tests. */

export function policyYaml(apiVersion: string, kind: string, spec: string, metadata = ""): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: p, ${metadata}}\nspec: ${spec}\n`;
}

export const knp = (spec: string): string =>
  policyYaml("networking.k8s.io/v1", "NetworkPolicy", spec, "namespace: web");
export const cnp = (spec: string): string =>
  policyYaml("cilium.io/v2", "CiliumNetworkPolicy", spec, "namespace: web");
export const ccnp = (spec: string): string =>
  policyYaml("cilium.io/v2", "CiliumClusterwideNetworkPolicy", spec);
export const anp = (spec: string): string =>
  policyYaml("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", spec);
export const kcnp = (spec: string): string =>
  policyYaml("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", spec);

export function parse(text: string): Manifests {
  return parseManifests(text, "f");
}

/** The one policy of a text that nothing is wrong with but what is expected, by its code. */
export function only(text: string, expected?: ManifestProblem["code"]): Policy {
  const { policies, problems } = parse(text);
  if (problems.some(({ code }) => code !== expected) || policies.length !== 1)
    throw new Error(`expected one policy and no problems: ${JSON.stringify(problems, null, 1)}`);
  return policies[0]!;
}

/** `severity CODE path`, of each problem. */
export function complaints(text: string): string[] {
  return parse(text).problems.map(complaint);
}

export function complaint({ severity, code, place }: ManifestProblem): string {
  return `${severity} ${code} ${place.path}`;
}

/** A requirement as a short text; `+` in front of one that scoping added. */
export function requirementText({ source, key, operator, values, place }: Requirement): string {
  return `${place ? "" : "+"}${source}:${key} ${operator}${values.length > 0 ? ` ${values.join("|")}` : ""}`;
}
