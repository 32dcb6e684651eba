import type { SourceObject } from "../../objects.js";
import type { Direction, Policy } from "../../policy.js";
import type { Path } from "../rule.js";
import { has, isRecord, type Json, list, record } from "./raw.js";

/** A NetworkPolicy as it was written, whether the API server would take it or not. */
export interface NetworkPolicyView {
  readonly source: SourceObject;
  /** `ns/name`. */
  readonly title: string;
  /** The normal form; undefined when parsing refused it. */
  readonly policy: Policy | undefined;
  readonly spec: Json;
  /** As written; undefined when absent, null or empty, for which the API server puts a default. */
  readonly policyTypes: readonly unknown[] | undefined;
  readonly rules: readonly RuleView[];
}

export interface RuleView {
  readonly direction: Direction;
  /** `Ingress rule 1`, counted from 1 as people do. */
  readonly title: string;
  readonly path: Path;
  readonly value: Json;
  /** Key of the peers: `from` or `to`. */
  readonly peersKey: "from" | "to";
  readonly peers: readonly PartView[];
  readonly ports: readonly PartView[];
}

/** A peer or a port entry. */
export interface PartView {
  readonly path: Path;
  readonly value: Json;
}

export const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

export function isNetworkPolicy({ apiVersion, kind }: SourceObject): boolean {
  return kind === "NetworkPolicy" && apiVersion.startsWith("networking.k8s.io/");
}

export function viewNetworkPolicy(
  source: SourceObject,
  policy: Policy | undefined,
): NetworkPolicyView {
  const spec = record(source.value["spec"]);
  const types = list(spec["policyTypes"]);
  return {
    source,
    title: `${source.namespace}/${source.name}`,
    policy,
    spec,
    policyTypes: types.length > 0 ? types : undefined,
    rules: DIRECTIONS.flatMap((direction) => viewRules(spec, direction)),
  };
}

function viewRules(spec: Json, direction: Direction): RuleView[] {
  const peersKey = direction === "ingress" ? "from" : "to";
  return list(spec[direction]).flatMap((value, index) => {
    if (!isRecord(value)) return [];
    const path: Path = ["spec", direction, index];
    return {
      direction,
      title: `${direction === "ingress" ? "Ingress" : "Egress"} rule ${index + 1}`,
      path,
      value,
      peersKey,
      peers: parts(value, path, peersKey),
      ports: parts(value, path, "ports"),
    };
  });
}

function parts(rule: Json, path: Path, key: string): PartView[] {
  // A null entry (`-` with nothing behind it) is an empty one to the API server.
  return list(rule[key]).flatMap((value, index) =>
    isRecord(value) || value === null ? { path: [...path, key, index], value: record(value) } : [],
  );
}

/** The directions that the policy isolates in, by what is written (`policyTypes` and its default). */
export function isolatesIn(view: NetworkPolicyView, direction: Direction): boolean {
  if (view.policyTypes !== undefined)
    return view.policyTypes.includes(direction === "ingress" ? "Ingress" : "Egress");
  return direction === "ingress" || list(view.spec["egress"]).length > 0;
}

/** Whether the rule names neither peers nor ports: it allows everything. */
export function allowsEverything({ value, peersKey }: RuleView): boolean {
  return [peersKey, "ports"].every((key) => !has(value, key) || list(value[key]).length === 0);
}
