import type {
  Connection,
  PatchPath,
  PolicyAccount,
  RuleAccount,
  SideExplanation,
} from "@dropscope/policy";
import type { Candidate } from "./candidate.js";
import { pathParts, record, valueAt } from "./path.js";
import { type PeerText, peerText } from "./peer.js";
import { type PortText, portText } from "./ports.js";

type Rule = Readonly<Record<string, unknown>>;
/** What the object says, by the name of its policy; undefined where its text was not kept. */
export type Values = (policy: PolicyAccount["policy"]) => unknown;

interface Asked {
  readonly side: SideExplanation;
  readonly port: PortText;
  readonly values: Values;
}

/**
 * Edits that should let a connection through that nothing allows: widen the rule that came
 * nearest where only its port or only its peer fails, else add a rule. In the order in which
 * they are to be tried.
 */
export function allowCandidates(
  side: SideExplanation,
  connection: Connection,
  values: Values,
): Candidate[] {
  const asked: Asked = { side, port: portText(connection), values };
  const accounts = side.policies.filter(
    ({ policy, isolates, inert }) => isolates && !inert && policy.tier === "normal",
  );
  const rules = accounts.flatMap(({ rules: some }) => some).filter(isAllow);
  const nearestFirst = [side.nearest, ...rules.toSorted((a, b) => a.cost - b.cost)].filter(
    (rule): rule is RuleAccount => rule !== undefined,
  );
  const wider = [...new Set(nearestFirst)].flatMap((rule) => widened(rule, asked));
  const added = accounts
    .toSorted((a, b) => preference(b, side) - preference(a, side))
    .flatMap((account) => withRule(account, asked));
  // A rule that is one clause away is what was meant; one that is farther is another one.
  return [...wider, ...added];
}

const isAllow = ({ rule }: RuleAccount): boolean => rule.action === "allow" && !rule.derived;

/** A policy of the workload itself comes before one that is about everybody. */
function preference({ policy }: PolicyAccount, { nearest }: SideExplanation): number {
  return (
    (isForEverybody(policy) ? 0 : 2) + (nearest?.policy === policy ? 1 : 0) + sizeOf(policy) / 1e6
  );
}

const sizeOf = ({ rules }: PolicyAccount["policy"]): number => Math.min(1000, rules.length);

export function isForEverybody({ subject }: PolicyAccount["policy"]): boolean {
  return subject.selector.requirements.every(({ place }) => place === undefined);
}

function widened({ policy, rule, ...account }: RuleAccount, asked: Asked): Candidate[] {
  const { side, port, values } = asked;
  const path = pathParts(rule.place.path);
  const written = valueAt(values(policy), path);
  if (written === undefined || account.matches || rule.section !== side.direction) return [];
  const at = rule.place.path;
  if (account.peersMatch) {
    const place = portPlace(record(written), path, policy.kind.startsWith("Cilium"), port);
    if (place === undefined) return [];
    return [
      {
        policy,
        operations: [{ op: "add", ...place }],
        title: `Add ${words(port)} to ${at}`,
        effect: "Everybody whom that rule names may use this port too.",
      },
    ];
  }
  if (!account.portsMatch) return [];
  const peer = peerOf(policy, asked);
  const list = peer && peerPlace(record(written), path, side, peer);
  if (peer === undefined || list === undefined) return [];
  return [
    {
      policy,
      operations: [{ op: "add", path: list, value: entryFor(list, peer) }],
      title: `Add ${peer.words} to ${at}`,
      effect: "They may use every port of that rule.",
    },
  ];
}

/** The port alone: the rule has its other half already. */
function words({ words: all, ciliumPort }: PortText): string {
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

function peerOf(policy: PolicyAccount["policy"], { side }: Asked): PeerText | undefined {
  return peerText(side.peer, policy.kind, policy.namespace, side.direction === "egress");
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

/** The rule for exactly this traffic, in the words of one kind of policy. */
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

function withRule({ policy }: PolicyAccount, asked: Asked): Candidate[] {
  const { side, port, values } = asked;
  const peer = peerOf(policy, asked);
  const rule = peer && ruleFor(policy.kind, side, peer, port);
  const value = values(policy);
  if (peer === undefined || rule === undefined || value === undefined) return [];
  const subject = pathParts(policy.subject.place.path);
  const path: PatchPath = subject[0] === "specs" ? subject.slice(0, 2) : ["spec"];
  const listed = valueAt(value, [...path, side.direction]);
  const operation = Array.isArray(listed)
    ? { op: "add" as const, path: [...path, side.direction, "-"], value: rule }
    : { op: "add" as const, path: [...path, side.direction], value: [rule] };
  const towards = side.direction === "egress" ? "to" : "from";
  return [
    {
      policy,
      operations: [operation],
      title: `Add a rule for ${port.words} ${towards} ${peer.words}`,
      effect: isForEverybody(policy)
        ? `The policy is about every pod ${policy.namespace === "" ? "of the cluster" : `in ${policy.namespace}`}, so all of them get the rule.`
        : "Nothing else is let through.",
    },
  ];
}
