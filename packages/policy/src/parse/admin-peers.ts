import type { Direction, FqdnMatch, Peer, Policy } from "../policy.js";
import { POLICY_CLUSTER, type Requirement } from "../selector.js";
import { child, entries, placeOf, type Slot } from "../source/slot.js";
import { parsePrefix } from "./cidr.js";
import { checkFields, isAbsent, readRecord, readTexts } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { added, type KeyScope, kubernetesKey, readRequirements } from "./label-selector.js";
import { namespaceRequirements } from "./network-peers.js";
import { wrongDnsSubdomain } from "./names.js";
import { type Report, show } from "./report.js";

const subjectFields = new Set(["namespaces", "pods"]);

/** Whom an admin or baseline policy is about: exactly one of `namespaces` and `pods`. */
export function readAdminSubject(
  { report }: ObjectInput,
  spec: Slot,
): Policy["subject"] | undefined {
  const slot = readRecord(report, child(spec, "subject"));
  const written = slot ? entries(slot).filter(([, value]) => !isAbsent(value)) : [];
  if (!slot || written.length !== 1 || !subjectFields.has(written[0]![0])) {
    report.error(
      "BAD_SUBJECT",
      child(spec, "subject"),
      slot ? "exactly one field must be set in a subject" : "no subject",
      "Write namespaces: {} to select every pod, or pods with two selectors.",
    );
    return undefined;
  }
  const requirements = podRequirements(report, slot);
  return { of: "pods", selector: { requirements }, place: placeOf(slot) };
}

/** Requirements of `namespaces` or of `pods`, without any for the cluster. */
function podRequirements(report: Report, slot: Slot): Requirement[] {
  const namespaces = readRecord(report, child(slot, "namespaces"));
  if (namespaces) return namespaceRequirements(report, namespaces);
  const pods = readRecord(report, child(slot, "pods"));
  if (!pods) return [];
  checkFields(report, pods, podsFields);
  const selectorOf = (name: string): Slot | undefined => {
    const selector = readRecord(report, child(pods, name));
    if (!selector)
      report.warn(
        "BAD_PEER",
        pods,
        `no ${name}; it is read as {}`,
        `Write ${name}: {} to select all.`,
      );
    return selector;
  };
  const [ofNamespaces, ofPods] = [selectorOf("namespaceSelector"), selectorOf("podSelector")];
  return [
    ...(ofPods ? readRequirements(report, ofPods, kubernetesKey) : []),
    ...namespaceRequirements(report, ofNamespaces ?? child(pods, "namespaceSelector")),
  ];
}

const podsFields = new Set(["namespaceSelector", "podSelector"]);
const peerFields: Readonly<Record<Direction, ReadonlySet<string>>> = {
  ingress: new Set(["namespaces", "pods"]),
  egress: new Set(["namespaces", "pods", "nodes", "networks", "domainNames"]),
};

/** How the versions of the API differ in their peers. */
export interface PeerRules {
  readonly cluster: string;
  /** A peer with no field that is known must fail closed, says v1alpha2; v1alpha1 refuses it. */
  readonly unknownFailsClosed: boolean;
  /** Cilium, which is the one that reads this version, knows other nodes only. */
  readonly remoteNodesOnly: boolean;
}

/** The peers that one entry of `from` or `to` stands for; `networks` and `domainNames` are lists. */
export function readAdminPeer(
  report: Report,
  slot: Slot,
  direction: Direction,
  rules: PeerRules,
): Peer[] {
  const written = entries(slot).filter(([, value]) => !isAbsent(value));
  const known = written.filter(([key]) => peerFields[direction].has(key));
  if (written.length > 1 || (known.length !== 1 && !rules.unknownFailsClosed)) {
    report.error(
      "BAD_PEER",
      slot,
      "exactly one field must be set in a rule peer",
      `Write one of ${[...peerFields[direction]].join(", ")}; make several entries of several.`,
    );
    return [];
  }
  const place = placeOf(slot);
  const [field] = known;
  if (!field) {
    checkFields(report, slot, peerFields[direction]);
    report.warn(
      "BAD_PEER",
      slot,
      "a peer of no kind that is known: an Accept rule lets nobody in by it, any other denies all",
      `Write one of ${[...peerFields[direction]].join(", ")}.`,
    );
    return [{ of: "unknown", what: written[0]?.[0] ?? "an empty peer", place }];
  }
  const [name, value] = field;
  switch (name) {
    case "nodes":
      return readNodes(report, value, place, rules);
    case "networks":
      return readNetworks(report, value);
    case "domainNames":
      return readDomainNames(report, value);
    default: {
      const requirements = podRequirements(report, slot);
      // Cilium limits `pods` to the own cluster, and `namespaces` not.
      if (name === "pods" && !requirements.some(({ key }) => key === POLICY_CLUSTER))
        requirements.push(added(POLICY_CLUSTER, "In", rules.cluster));
      return [{ of: "endpoints", selector: { requirements }, place }];
    }
  }
}

const nodeKey: KeyScope = { of: (key) => ({ source: "node", key }), checked: (key) => key };

function readNodes(report: Report, slot: Slot, place: Peer["place"], rules: PeerRules): Peer[] {
  const selector = readRecord(report, slot);
  if (!selector) return [];
  const requirements = readRequirements(report, selector, nodeKey);
  if (rules.remoteNodesOnly)
    requirements.push(
      { source: "reserved", key: "remote-node", operator: "Exists", values: [] },
      added(POLICY_CLUSTER, "In", rules.cluster),
    );
  return [{ of: "nodes", selector: { requirements }, place }];
}

/** What `networks` and `domainNames` may hold at most. */
const MAX_LIST = 25;

function readNetworks(report: Report, slot: Slot): Peer[] {
  return readBounded(report, slot).flatMap(({ text, slot: item }): Peer[] => {
    if (parsePrefix(text)) return [{ of: "cidr", cidr: text, except: [], place: placeOf(item) }];
    report.error(
      "BAD_CIDR",
      item,
      `${show(text)} is not a CIDR`,
      "Write an address, '/' and a length: 10.0.0.0/8.",
    );
    return [];
  });
}

function readDomainNames(report: Report, slot: Slot): Peer[] {
  return readBounded(report, slot).flatMap(({ text, slot: item }): Peer[] => {
    const wildcard = text.startsWith("*.");
    const name = (wildcard ? text.slice(2) : text).replace(/\.$/, "");
    const wrong = wrongDnsSubdomain(name);
    if (wrong) {
      report.error(
        "BAD_PATTERN",
        item,
        `${show(text)} is not a domain name: it ${wrong}`,
        "Write a name, or *. and a name.",
      );
      return [];
    }
    // The wildcard of this API stands for any number of labels, which Cilium writes as `**`.
    const match: FqdnMatch = wildcard
      ? { kind: "pattern", pattern: `**.${name}` }
      : { kind: "name", name };
    return [{ of: "fqdn", name: match, place: placeOf(item) }];
  });
}

function readBounded(report: Report, slot: Slot): { text: string; slot: Slot }[] {
  const list = readTexts(report, slot) ?? [];
  if (list.length === 0 || list.length > MAX_LIST)
    report.error(
      "BAD_PEER",
      slot,
      `${list.length} entries; 1 to ${MAX_LIST} are allowed`,
      "Spread them over several peers.",
    );
  return list;
}
