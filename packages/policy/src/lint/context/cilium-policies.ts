import type { SourceObject } from "../../objects.js";
import type { Policy } from "../../policy.js";
import type { Path } from "../rule.js";
import { isRecord, type Json, list } from "./raw.js";

/** One spec of a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy as it was written, valid or not. */
export interface CiliumSpecView {
  readonly source: SourceObject;
  /** `ns/name`, or the name alone of a clusterwide policy. */
  readonly title: string;
  readonly clusterwide: boolean;
  /** The normal form; undefined when parsing refused it. */
  readonly policy: Policy | undefined;
  /** `["spec"]` or `["specs", 2]`. */
  readonly path: Path;
  readonly spec: Json;
  readonly rules: readonly CiliumRuleView[];
}

export interface CiliumRuleView {
  readonly section: (typeof SECTIONS)[number];
  readonly direction: "ingress" | "egress";
  readonly deny: boolean;
  readonly path: Path;
  readonly value: Json;
}

const SECTIONS = ["ingress", "ingressDeny", "egress", "egressDeny"] as const;

export function isCiliumPolicy({ apiVersion, kind }: SourceObject): boolean {
  return (
    apiVersion.startsWith("cilium.io/") &&
    (kind === "CiliumNetworkPolicy" || kind === "CiliumClusterwideNetworkPolicy")
  );
}

/** `policies` are the normal forms of this object. */
export function viewCiliumPolicy(
  source: SourceObject,
  policies: readonly Policy[],
): CiliumSpecView[] {
  const { value } = source;
  const specs = [
    { path: ["spec"], spec: value["spec"] },
    ...list(value["specs"]).map((spec, index) => ({ path: ["specs", index], spec })),
  ];
  return specs.flatMap(({ path, spec }) => {
    if (!isRecord(spec)) return [];
    // The subject is written inside the spec, so that its path tells which spec a normal form is of.
    const start = path.length === 1 ? "spec." : `specs[${path[1]}].`;
    return {
      source,
      title: source.namespace === "" ? source.name : `${source.namespace}/${source.name}`,
      clusterwide: source.kind === "CiliumClusterwideNetworkPolicy",
      policy: policies.find((policy) => policy.subject.place.path.startsWith(start)),
      path,
      spec,
      rules: SECTIONS.flatMap((section) =>
        list(spec[section]).flatMap((rule, index) =>
          isRecord(rule)
            ? {
                section,
                direction: section.startsWith("ingress")
                  ? ("ingress" as const)
                  : ("egress" as const),
                deny: section.endsWith("Deny"),
                path: [...path, section, index],
                value: rule,
              }
            : [],
        ),
      ),
    };
  });
}
