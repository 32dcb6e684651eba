import { type Evidence, type Peer, peerOf, type RuleFinding } from "@dropscope/model";
import type { MatchContext, Rule, SourceObject } from "@dropscope/policy";
import type { Naming } from "../repair/naming.js";
import { breadthOf } from "./breadth.js";
import { coverageWords } from "./coverage-words.js";
import type { Hits } from "./hits.js";
import { narrowerRule } from "./narrower.js";
import { counted, some } from "./words.js";

export interface OverBroadInput {
  readonly evidence: Evidence;
  readonly context: MatchContext;
  /** The policy as it is written; undefined where its text is not known, and then no narrower one is written. */
  readonly source: SourceObject | undefined;
  /** Workloads of a namespace that are known. */
  readonly workloads: (namespace: string) => number;
  /** Whether names of DNS are known for the policy's pods. */
  readonly names: boolean;
  readonly naming: () => Naming;
}

/** More ends or ports than these use the breadth that they were given. */
const MOST_PEERS = 12;
const MOST_PORTS = 15;

/** A rule that lets in far more than it carried, with a narrower equivalent where there is one. */
export function overBroad(hits: Hits, input: OverBroadInput): RuleFinding | undefined {
  const { ref, carried, edges } = hits;
  const { rule, policy } = ref;
  if (rule.action !== "allow" || edges === 0 || carried.length < edges) return undefined;
  const wide = breadthOf(rule);
  const peers = new Set(carried.map((one) => peerName(one.edge, rule)));
  const ports = new Set(carried.map(({ connection: { protocol, port } }) => `${protocol} ${port}`));
  const broad = {
    peers: wide.peers !== "" && peers.size <= MOST_PEERS && !isFilled(rule, hits, input),
    ports: wide.ports !== "" && ports.size <= MOST_PORTS,
  };
  if (!broad.peers && !broad.ports) return undefined;
  const may = [
    ...(broad.peers
      ? [rule.direction === "egress" ? `to ${wide.peers}` : `from ${wide.peers}`]
      : []),
    ...(broad.ports ? [`on ${wide.ports}`] : []),
  ].join(" ");
  const yaml =
    input.source === undefined
      ? ""
      : narrowerRule({
          policy,
          rule,
          carried,
          source: input.source,
          context: input.context,
          broad,
          names: input.names,
          naming: input.naming(),
        });
  const towards = rule.direction === "egress" ? "to" : "from";
  return {
    kind: "over-broad",
    says: `It allows traffic ${may}, and carried ${counted(edges, "connection")} ${coverageWords(input.evidence)}: ${towards} ${some([...peers].sort())} on ${some([...ports].sort())}.`,
    yaml,
  };
}

/** A rule for a whole namespace is no more than is needed where most of the namespace uses it. */
function isFilled(rule: Rule, { carried }: Hits, { workloads }: OverBroadInput): boolean {
  if (breadthOf(rule).peers !== "every pod of a namespace") return false;
  const ends = carried.map(({ connection }) =>
    rule.direction === "egress" ? connection.to : connection.from,
  );
  const used = new Map<string, Set<string>>();
  for (const [index, end] of ends.entries()) {
    const names = used.get(end.namespace) ?? new Set<string>();
    used.set(end.namespace, names.add(peerName(carried[index]!.edge, rule)));
  }
  // Of one whose pods are not known it cannot be said.
  return [...used].every(([namespace, names]) => names.size * 2 > workloads(namespace));
}

function peerName(edge: Hits["carried"][number]["edge"], rule: Rule): string {
  const { namespace, name }: Peer = peerOf(
    edge.flow,
    rule.direction === "egress" ? "destination" : "source",
  );
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** Whether a rule of the policies that select a pod makes its names known. */
export function knowsNames(rules: readonly Rule[]): boolean {
  return rules.some(
    ({ ports }) => ports !== "any" && ports.some(({ l7 }) => l7 !== undefined && l7.kind === "dns"),
  );
}
