import {
  type Connection,
  type PatchPath,
  pathSteps,
  type PolicyAccount,
  type RuleAccount,
  type SideExplanation,
} from "@dropscope/policy";
import { type Candidate, ORDER, type PolicyId } from "./candidate.js";
import type { Naming } from "./naming.js";
import { record, valueAt } from "./path.js";
import { type PeerText, peerText } from "./peer.js";
import { type PortText, portText } from "./ports.js";

type Rule = Readonly<Record<string, unknown>>;
/** What the object says, by the name of its policy; undefined where its text was not kept. */
export type Values = (policy: PolicyId) => unknown;

interface Asked {
  readonly side: SideExplanation;
  readonly port: PortText;
  readonly values: Values;
  readonly naming: Naming;
}

/**
 * Edits that should let a connection through that nothing allows: widen a rule where only its
 * port or only its peer fails, or add a rule to a policy that selects the end.
 */
export function allowCandidates(
  side: SideExplanation,
  connection: Connection,
  values: Values,
  naming: Naming,
): Candidate[] {
  const asked: Asked = { side, port: portText(connection), values, naming };
  const accounts = side.policies.filter(
    ({ policy, inert }) => !inert && policy.tier === "normal" && policy.subject.of === "pods",
  );
  const rules = accounts.flatMap(({ rules: some }) => some).filter(isAllow);
  return [
    ...rules.flatMap((rule) => widened(rule, asked)),
    ...accounts.flatMap((account) => withRule(account, asked)),
  ];
}

const isAllow = ({ rule }: RuleAccount): boolean =>
  rule.action === "allow" && rule.derived !== true;

/** Whether a policy is about every pod of its namespace, or of the cluster. */
export function isForEverybody({ subject }: PolicyAccount["policy"]): boolean {
  return subject.selector.requirements.every(({ place }) => place === undefined);
}

function widened({ policy, rule, ...account }: RuleAccount, asked: Asked): Candidate[] {
  const { side, port, values } = asked;
  const at = rule.place.path;
  const path = pathSteps(at);
  const written = valueAt(values(policy), path);
  if (written === undefined || account.matches || rule.section !== side.direction) return [];
  if (account.peersMatch) {
    const place = portPlace(record(written), path, policy.kind.startsWith("Cilium"), port);
    if (place === undefined) return [];
    return [
      {
        kind: "add-port",
        policy,
        operations: [{ op: "add", ...place }],
        title: `Add ${portWords(port)} to ${at}`,
        effect: "Everybody whom that rule names may use this port too.",
        order: ORDER.port,
      },
    ];
  }
  if (!account.portsMatch) return [];
  const peer = peerOf(policy, asked);
  const list = peer && peerPlace(record(written), path, side, peer);
  if (peer === undefined || list === undefined) return [];
  return [
    {
      kind: "add-peer",
      policy,
      operations: [{ op: "add", path: list, value: entryFor(list, peer) }],
      title: `Add ${peer.words} to ${at}`,
      effect: "They may use every port of that rule.",
      order: ORDER.peer,
    },
  ];
}

/** The port alone: the rule has its other half already. */
function portWords({ words: all, ciliumPort }: PortText): string {
  const one = record(ciliumPort);
  return ciliumPort === undefined ? all : `${String(one["protocol"])} ${String(one["port"])}`;
}

function portPlace(
  rule: Rule,
  path: PatchPath,
  cilium: boolean,
  port: PortText,
): { path: PatchPath; value: unknown } | undefined {
  const { protocol, port: number } = record(port.ciliumPort);
  if (port.ciliumPort === undefined) return undefined;
  if (!cilium) return { path: [...path, "ports", "-"], value: { protocol, port: Number(number) } };
  const entries = Array.isArray(rule["toPorts"]) ? (rule["toPorts"] as unknown[]) : [];
  // A port beside an L7 rule would be handed to the proxy, which then refuses it.
  const plain = entries.findIndex((entry) => Object.keys(record(entry)).join() === "ports");
  return plain < 0
    ? { path: [...path, "toPorts", "-"], value: { ports: [port.ciliumPort] } }
    : { path: [...path, "toPorts", plain, "ports", "-"], value: port.ciliumPort };
}

function peerOf(policy: PolicyId, { side, naming }: Asked): PeerText | undefined {
  const egress = side.direction === "egress";
  return peerText(side.peer, policy.kind, policy.namespace, egress, naming);
}

const prefix = ({ direction }: SideExplanation): string => (direction === "egress" ? "to" : "from");

/** Where the rule lists ends of this kind; Cilium lets no rule list two kinds. */
function peerPlace(
  rule: Rule,
  path: PatchPath,
  side: SideExplanation,
  peer: PeerText,
): PatchPath | undefined {
  const names = [`${prefix(side)}${peer.list}`];
  if (peer.list === "CIDR") names.push(`${prefix(side)}CIDRSet`);
  const name = names.find((one) => Array.isArray(rule[one]));
  return name === undefined ? undefined : [...path, name, "-"];
}

function entryFor(list: PatchPath, { entry }: PeerText): unknown {
  return String(list.at(-2)).endsWith("CIDRSet") ? { cidr: entry } : entry;
}

/** The rule for exactly this traffic, in the words of one kind of policy; undefined where that has none. */
export function ruleFor(
  kind: string,
  side: SideExplanation,
  peer: PeerText,
  port: PortText,
): Rule | undefined {
  if (kind.startsWith("Cilium")) {
    return { [`${prefix(side)}${peer.list}`]: [peer.entry], ...port.cilium };
  }
  return port.network && { [prefix(side)]: [peer.entry], ports: port.network };
}

/** A policy of the workload itself is the place for a rule, rather than one for everybody or one that only forbids. */
function strangeness(policy: PolicyAccount["policy"]): number {
  const onlyDenies =
    policy.rules.length > 0 && policy.rules.every(({ action }) => action === "deny");
  return (isForEverybody(policy) ? 0.3 : 0) + (onlyDenies ? 0.5 : 0);
}

function withRule({ policy }: PolicyAccount, asked: Asked): Candidate[] {
  const { side, port, values } = asked;
  const peer = peerOf(policy, asked);
  const rule = peer && ruleFor(policy.kind, side, peer, port);
  const value = values(policy);
  if (peer === undefined || rule === undefined || value === undefined) return [];
  const subject = pathSteps(policy.subject.place.path);
  const path: PatchPath = subject[0] === "specs" ? subject.slice(0, 2) : ["spec"];
  const listed = valueAt(value, [...path, side.direction]);
  // The API server leaves empty lists out: what is added to one would not be found there.
  const isList = Array.isArray(listed) && listed.length > 0;
  const operation = isList
    ? { op: "add" as const, path: [...path, side.direction, "-"], value: rule }
    : { op: "add" as const, path: [...path, side.direction], value: [rule] };
  const towards = side.direction === "egress" ? "to" : "from";
  return [
    {
      kind: "new-rule",
      policy,
      operations: [operation],
      title: `Add a rule for ${port.words} ${towards} ${peer.words}`,
      effect: isForEverybody(policy)
        ? `The policy is about every pod ${policy.namespace === "" ? "of the cluster" : `in ${policy.namespace}`}, so all of them get the rule.`
        : "",
      order: ORDER.rule + strangeness(policy),
    },
  ];
}
