import type { Direction, Policy, PolicyKind, PortMatch, Rule, Tier } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { type PeerRules, readAdminPeer, readAdminSubject } from "./admin-peers.js";
import { readAdminPort, readClusterPort } from "./admin-ports.js";
import { checkFields, isAbsent, readInteger, readRecord, readRecords, readText } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { type Report, show } from "./report.js";

/** What tells the three kinds of policy.networking.k8s.io apart. */
interface AdminKind {
  readonly kind: PolicyKind;
  readonly known: ReadonlySet<string>;
  readonly actions: Readonly<Record<string, Rule["action"]>>;
  readonly maxRules: number;
  /** The rule's field for ports, and the reader of its entries. */
  readonly ports: string;
  readonly readPort: (report: Report, slot: Slot) => PortMatch | undefined;
  readonly peers: Pick<PeerRules, "unknownFailsClosed" | "remoteNodesOnly">;
}

const v1alpha1 = {
  maxRules: 100,
  ports: "ports",
  readPort: readAdminPort,
  peers: { unknownFailsClosed: false, remoteNodesOnly: false },
};

const admin: AdminKind = {
  ...v1alpha1,
  kind: "AdminNetworkPolicy",
  known: new Set(["priority", "subject", "ingress", "egress"]),
  actions: { Allow: "allow", Deny: "deny", Pass: "pass" },
};

const baseline: AdminKind = {
  ...v1alpha1,
  kind: "BaselineAdminNetworkPolicy",
  known: new Set(["subject", "ingress", "egress"]),
  actions: { Allow: "allow", Deny: "deny" },
};

const cluster: AdminKind = {
  kind: "ClusterNetworkPolicy",
  known: new Set(["tier", "priority", "subject", "ingress", "egress"]),
  actions: { Accept: "allow", Deny: "deny", Pass: "pass" },
  maxRules: 25,
  ports: "protocols",
  readPort: readClusterPort,
  peers: { unknownFailsClosed: true, remoteNodesOnly: true },
};

/** policy.networking.k8s.io/v1alpha1. */
export function readAdminNetworkPolicy(input: ObjectInput): Policy | undefined {
  return readPolicy(input, admin, (spec) => ({
    tier: "admin",
    priority: readPriority(input.report, spec),
  }));
}

/** policy.networking.k8s.io/v1alpha1: one for the whole cluster, which must be named `default`. */
export function readBaselineAdminNetworkPolicy(input: ObjectInput): Policy | undefined {
  if (input.object.name !== "default")
    input.report.error(
      "BAD_NAME",
      child(child(input.root, "metadata"), "name"),
      "there is only one baseline admin network policy, and its name is default",
      "Write name: default.",
    );
  return readPolicy(input, baseline, () => ({ tier: "baseline", priority: 0 }));
}

/** policy.networking.k8s.io/v1alpha2, which puts both tiers into one kind. */
export function readClusterNetworkPolicy(input: ObjectInput): Policy | undefined {
  return readPolicy(input, cluster, (spec) => ({
    tier: readTier(input.report, spec),
    priority: readPriority(input.report, spec),
  }));
}

function readPolicy(
  input: ObjectInput,
  kind: AdminKind,
  rank: (spec: Slot) => Pick<Policy, "tier" | "priority">,
): Policy | undefined {
  const { report, root, object } = input;
  const spec = readRecord(report, child(root, "spec"));
  if (!spec) {
    report.error("EMPTY_POLICY", root, "no spec", "Write a spec, with subject and rules.");
    return undefined;
  }
  checkFields(report, spec, kind.known);
  const subject = readAdminSubject(input, spec);
  const rules = [
    ...readRules(input, kind, spec, "ingress"),
    ...readRules(input, kind, spec, "egress"),
  ];
  const { tier, priority } = rank(spec);
  if (!subject || report.failed) return undefined;
  return {
    ...object,
    ...input.uid,
    kind: kind.kind,
    specIndex: 0,
    tier,
    priority,
    subject,
    isolates: { ingress: false, egress: false },
    rules,
    place: placeOf(root),
  };
}

const MAX_PRIORITY = 1000;

function readPriority(report: Report, spec: Slot): number {
  const slot = child(spec, "priority");
  const priority = readInteger(report, slot);
  if (priority !== undefined && priority >= 0 && priority <= MAX_PRIORITY) return priority;
  if (priority !== undefined || isAbsent(slot))
    report.error(
      "BAD_PRIORITY",
      slot,
      priority === undefined ? "no priority" : `${priority} is not a priority`,
      `Write a number from 0 to ${MAX_PRIORITY}; lower comes first.`,
    );
  return 0;
}

function readTier(report: Report, spec: Slot): Tier {
  const slot = child(spec, "tier");
  const tier = readText(report, slot);
  if (tier === "Admin" || tier === "Baseline") return tier === "Admin" ? "admin" : "baseline";
  report.error(
    "BAD_VALUE",
    slot,
    tier === undefined ? "no tier" : `${show(tier)} is not a tier`,
    "Write Admin or Baseline.",
  );
  return "admin";
}

const MAX_PEERS = 100;
const MAX_NAME = 100;

function readRules(input: ObjectInput, kind: AdminKind, spec: Slot, direction: Direction): Rule[] {
  const { report } = input;
  const list = readRecords(report, child(spec, direction)) ?? [];
  if (list.length > kind.maxRules)
    report.error(
      "BAD_VALUE",
      child(spec, direction),
      `${list.length} rules, and at most ${kind.maxRules} are allowed`,
      "Spread them over several policies.",
    );
  return list.flatMap((slot, index) => {
    const rule = readRule(input, kind, slot, direction, index);
    return kind.kind === "ClusterNetworkPolicy" ? [rule].concat(dnsRules(rule)) : [rule];
  });
}

/**
 * Beside a rule that accepts domain names Cilium accepts questions for them to the
 * cluster's DNS, through its proxy, since it knows addresses from the answers only.
 */
function dnsRules(rule: Rule): Rule[] {
  const names = rule.peers === "any" ? [] : rule.peers.filter((peer) => peer.of === "fqdn");
  if (rule.action !== "allow" || names.length === 0) return [];
  const { place } = rule;
  const dns = names.map(({ name }) => name);
  const l7 = { kind: "dns", http: [], dns, place } as const;
  const ports = ["dns", "dns-tcp"].map((name): PortMatch => ({
    of: "name",
    protocols: ["TCP", "UDP", "SCTP"],
    name,
    l7,
    place,
  }));
  const app = { source: "any", key: "k8s-app", operator: "In", values: ["kube-dns"] } as const;
  const peers = [{ of: "endpoints", selector: { requirements: [app] }, place } as const];
  return [{ ...rule, peers, ports, derived: true }];
}

const peerList: Readonly<Record<Direction, string>> = { ingress: "from", egress: "to" };

function readRule(
  { report, cluster: own }: ObjectInput,
  kind: AdminKind,
  slot: Slot,
  direction: Direction,
  index: number,
): Rule {
  checkFields(report, slot, new Set(["name", "action", peerList[direction], kind.ports]));
  const name = readText(report, child(slot, "name"));
  if (name !== undefined && name.length > MAX_NAME)
    report.error(
      "BAD_NAME",
      child(slot, "name"),
      `longer than ${MAX_NAME} characters`,
      "Shorten it.",
    );
  const action = readAction(report, kind, slot);
  const peers = readRecords(report, child(slot, peerList[direction])) ?? [];
  if (peers.length === 0 || peers.length > MAX_PEERS)
    report.error(
      "BAD_PEER",
      child(slot, peerList[direction]),
      `${peers.length} peers; 1 to ${MAX_PEERS} are needed`,
      "Write namespaces: {} to mean every pod.",
    );
  const ports = readRecords(report, child(slot, kind.ports)) ?? [];
  const rule: Rule = {
    direction,
    section: direction,
    index,
    ...(name === undefined ? {} : { name }),
    action,
    peers: peers.flatMap((peer) =>
      readAdminPeer(report, peer, direction, { ...kind.peers, cluster: own }),
    ),
    ports:
      ports.length === 0
        ? "any"
        : ports.flatMap((port): PortMatch | PortMatch[] => kind.readPort(report, port) ?? []),
    place: placeOf(slot),
  };
  checkCombination(report, slot, rule);
  return rule;
}

function readAction(report: Report, kind: AdminKind, rule: Slot): Rule["action"] {
  const slot = child(rule, "action");
  const written = readText(report, slot);
  if (written !== undefined && Object.hasOwn(kind.actions, written)) return kind.actions[written]!;
  report.error(
    "BAD_ACTION",
    slot,
    written === undefined ? "no action" : `unrecognized action ${show(written)}`,
    `Write ${Object.keys(kind.actions).join(" or ")}.`,
  );
  return "deny";
}

/** What the API's own rules forbid between the fields of a rule. */
function checkCombination(report: Report, slot: Slot, { peers, ports, action }: Rule): void {
  if (peers === "any") return;
  if (action !== "allow" && peers.some((peer) => peer.of === "fqdn"))
    report.error(
      "BAD_ACTION",
      slot,
      "domainNames in a rule that does not allow",
      "Domain names may only be allowed.",
    );
  const named = ports !== "any" && ports.some((port) => port.of === "name");
  if (named && peers.some((peer) => peer.of === "cidr" || peer.of === "nodes"))
    report.error(
      "CONFLICTING_FIELDS",
      slot,
      "a named port beside networks or nodes, which have no named ports",
      "Write the number of the port.",
    );
}
