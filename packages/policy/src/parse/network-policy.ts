import type { Direction, Policy, Rule } from "../policy.js";
import { POD_NAMESPACE } from "../selector.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, isAbsent, readRecord, readRecords, readTexts } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { added, kubernetesKey, readRequirements, selectorOf } from "./label-selector.js";
import { readPeer } from "./network-peers.js";
import { readPort } from "./network-ports.js";
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
