import type { Place } from "../place.js";
import type { Direction, Peer, Policy, PortMatch, Rule } from "../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
} from "../selector.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { parsePrefix, covers } from "./cidr.js";
import {
  checkFields,
  isAbsent,
  readInteger,
  readRecord,
  readRecords,
  readText,
  readTexts,
} from "./fields.js";
import { added, kubernetesKey, readRequirements, selectorOf } from "./label-selector.js";
import { wrongPortName } from "./names.js";
import type { ObjectInput } from "./kinds.js";
import { type Report, show } from "./report.js";

const knownOfSpec = new Set(["podSelector", "policyTypes", "ingress", "egress"]);

/** networking.k8s.io/v1. Undefined: the API server would refuse it; the report says why. */
export function readNetworkPolicy(input: ObjectInput): Policy | undefined {
  const { report, root, object } = input;
  const spec = readRecord(report, child(root, "spec"));
  if (!spec) {
    // An empty spec is a valid one: it selects every pod and denies all ingress.
    if (!isAbsent(child(root, "spec"))) return undefined;
  } else checkFields(report, spec, knownOfSpec);
  const at = spec ?? child(root, "spec");
  const podSelector = child(at, "podSelector");
  const written = readRecord(report, podSelector);
  const subject = written ? readRequirements(report, written, kubernetesKey) : [];
  const rules = [...readRules(input, at, "ingress"), ...readRules(input, at, "egress")];
  const isolates = readTypes(report, at, rules);
  if (report.failed) return undefined;
  return {
    ...object,
    kind: "NetworkPolicy",
    ...input.uid,
    specIndex: 0,
    tier: "normal",
    priority: 0,
    subject: {
      of: "pods",
      selector: selectorOf(subject, [added(POD_NAMESPACE, "In", object.namespace)]),
      place: placeOf(podSelector),
    },
    isolates,
    rules,
    place: placeOf(root),
  };
}

/** The API server's default: always Ingress, Egress only if there is an egress rule. */
function readTypes(
  report: Report,
  spec: Slot,
  rules: readonly Rule[],
): Readonly<Record<Direction, boolean>> {
  const slot = child(spec, "policyTypes");
  const types = readTexts(report, slot) ?? [];
  for (const { text, slot: at } of types)
    if (text !== "Ingress" && text !== "Egress")
      report.error(
        "BAD_VALUE",
        at,
        `${show(text)} is not a policy type`,
        "Write Ingress or Egress.",
      );
  if (types.length > 2)
    report.error("BAD_VALUE", slot, "more than two policy types", "List each of them once.");
  if (types.length === 0)
    return { ingress: true, egress: rules.some((rule) => rule.direction === "egress") };
  return {
    ingress: types.some(({ text }) => text === "Ingress"),
    egress: types.some(({ text }) => text === "Egress"),
  };
}

const knownOfRule = {
  ingress: new Set(["from", "ports"]),
  egress: new Set(["to", "ports"]),
};

function readRules(input: ObjectInput, spec: Slot, direction: Direction): Rule[] {
  const { report } = input;
  return (readRecords(report, child(spec, direction)) ?? []).map((slot, index): Rule => {
    checkFields(report, slot, knownOfRule[direction]);
    const peers = readRecords(report, child(slot, direction === "ingress" ? "from" : "to")) ?? [];
    const ports = readRecords(report, child(slot, "ports")) ?? [];
    return {
      direction,
      section: direction,
      index,
      action: "allow",
      // An empty list is the same as none: the API drops it.
      peers: peers.length === 0 ? "any" : peers.flatMap((peer) => readPeer(input, peer) ?? []),
      ports: ports.length === 0 ? "any" : ports.flatMap((port) => readPort(report, port) ?? []),
      place: placeOf(slot),
    };
  });
}

const knownOfPeer = new Set(["podSelector", "namespaceSelector", "ipBlock"]);

function readPeer({ report, object, cluster }: ObjectInput, slot: Slot): Peer | undefined {
  checkFields(report, slot, knownOfPeer);
  const block = readRecord(report, child(slot, "ipBlock"));
  const pods = readRecord(report, child(slot, "podSelector"));
  const namespaces = readRecord(report, child(slot, "namespaceSelector"));
  if (block && (pods || namespaces)) {
    report.error(
      "BAD_PEER",
      slot,
      "ipBlock stands beside a selector, and a peer may have only one of the two",
      "Make two entries of the list: one with the ipBlock, one with the selectors.",
    );
    return undefined;
  }
  if (block) return readIpBlock(report, block, placeOf(slot));
  if (!pods && !namespaces) {
    report.error(
      "BAD_PEER",
      slot,
      "the peer says nothing",
      "Write podSelector, namespaceSelector or ipBlock; leave the whole list out to mean everybody.",
    );
    return undefined;
  }
  const requirements: Requirement[] = pods ? readRequirements(report, pods, kubernetesKey) : [];
  if (namespaces) requirements.push(...namespaceRequirements(report, namespaces));
  else requirements.push(added(POD_NAMESPACE, "In", object.namespace));
  if (!requirements.some(({ key }) => key === POLICY_CLUSTER))
    requirements.push(added(POLICY_CLUSTER, "In", cluster));
  return { of: "endpoints", selector: { requirements }, place: placeOf(slot) };
}

/** A selector of namespaces, as requirements on what their pods carry of it; `{}` still means pods alone. */
export function namespaceRequirements(report: Report, slot: Slot): Requirement[] {
  const requirements = readRequirements(report, slot, kubernetesKey);
  if (requirements.length === 0) return [added(POD_NAMESPACE, "Exists")];
  return requirements.map((one) => Object.assign(one, { key: NAMESPACE_LABEL_PREFIX + one.key }));
}

const knownOfBlock = new Set(["cidr", "except"]);

function readIpBlock(report: Report, slot: Slot, place: Place): Peer | undefined {
  checkFields(report, slot, knownOfBlock);
  const at = child(slot, "cidr");
  const cidr = readText(report, at);
  if (cidr === undefined || cidr === "") {
    report.error("BAD_CIDR", slot, "ipBlock without cidr", "Write a cidr such as 10.0.0.0/8.");
    return undefined;
  }
  const prefix = parsePrefix(cidr);
  if (!prefix) {
    report.error(
      "BAD_CIDR",
      at,
      `${show(cidr)} is not a CIDR`,
      "Write an address, '/' and a length.",
    );
    return undefined;
  }
  const except = readTexts(report, child(slot, "except")) ?? [];
  for (const { text, slot: item } of except) {
    const inner = parsePrefix(text);
    if (!inner)
      report.error(
        "BAD_CIDR",
        item,
        `${show(text)} is not a CIDR`,
        "Write an address, '/' and a length.",
      );
    else if (!covers(prefix, inner) || inner.bits === prefix.bits)
      report.error(
        "BAD_CIDR",
        item,
        `${text} is not strictly inside ${cidr}`,
        "Except only a smaller range of the cidr.",
      );
  }
  return { of: "cidr", cidr, except: except.map(({ text }) => text), place };
}

const knownOfPort = new Set(["protocol", "port", "endPort"]);
const protocols = new Set(["TCP", "UDP", "SCTP"]);

function readPort(report: Report, slot: Slot): PortMatch | undefined {
  checkFields(report, slot, knownOfPort);
  const protocol = readText(report, child(slot, "protocol")) ?? "TCP";
  if (!protocols.has(protocol))
    report.error(
      "BAD_PORT",
      child(slot, "protocol"),
      `${show(protocol)} is not a protocol`,
      "Write TCP, UDP or SCTP, in capitals.",
    );
  const common = { protocols: [protocol as "TCP" | "UDP" | "SCTP"], place: placeOf(slot) };
  const at = child(slot, "port");
  const endPort = readInteger(report, child(slot, "endPort"));
  if (isAbsent(at)) {
    if (endPort !== undefined)
      report.error(
        "BAD_PORT",
        child(slot, "endPort"),
        "endPort without port",
        "Write the first port of the range under port.",
      );
    return { of: "number", ...common, first: 1, last: 65_535 };
  }
  if (typeof at.value === "string") {
    const wrong = wrongPortName(at.value);
    if (wrong)
      report.error(
        "BAD_PORT",
        at,
        `${show(at.value)} is not the name of a port: it ${wrong}`,
        /^\d+$/.test(at.value) ? "Write the number without quotes." : "Correct the name.",
      );
    if (endPort !== undefined)
      report.error(
        "BAD_PORT",
        child(slot, "endPort"),
        "endPort beside a named port",
        "Give port as a number, or leave endPort out.",
      );
    return { of: "name", ...common, name: at.value };
  }
  const first = readInteger(report, at);
  if (first === undefined) return undefined;
  checkPortNumber(report, at, first);
  if (endPort === undefined) return { of: "number", ...common, first, last: first };
  const end = child(slot, "endPort");
  checkPortNumber(report, end, endPort);
  if (endPort < first)
    report.error(
      "BAD_PORT",
      end,
      `endPort ${endPort} is less than port ${first}`,
      "Write the larger number under endPort.",
    );
  return { of: "number", ...common, first, last: endPort };
}

export function checkPortNumber(report: Report, slot: Slot, port: number): void {
  if (port < 1 || port > 65_535)
    report.error("BAD_PORT", slot, `${port} is not a port`, "Write a number from 1 to 65535.");
}
