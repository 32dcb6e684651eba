import type { Direction, Policy, PolicyKind } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { readCiliumRules, SECTIONS } from "./cilium-rule.js";
import { ciliumKey, type PeerScope, subjectRequirements } from "./cilium-scope.js";
import { checkFields, readBoolean, readRecord, readRecords } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { readRequirements } from "./label-selector.js";

const knownOfSpec = new Set([
  "endpointSelector",
  "nodeSelector",
  "ingress",
  "ingressDeny",
  "egress",
  "egressDeny",
  "enableDefaultDeny",
  "description",
  "labels",
  "log",
]);

/** cilium.io/v2. Empty: Cilium would refuse it, and the report says why. */
export function readCiliumPolicy(input: ObjectInput, kind: PolicyKind): Policy[] {
  const { report, root } = input;
  const spec = readRecord(report, child(root, "spec"));
  const specs = readRecords(report, child(root, "specs")) ?? [];
  if (!spec && specs.length === 0)
    report.error(
      "EMPTY_POLICY",
      root,
      "neither spec nor specs",
      "Write a spec, with endpointSelector and rules.",
    );
  const policies = [
    ...(spec ? readSpec(input, kind, spec, 0) : []),
    ...specs.flatMap((slot, index) => readSpec(input, kind, slot, index + 1)),
  ];
  // One bad spec makes Cilium refuse the whole object.
  return report.failed ? [] : policies;
}

function readSpec(input: ObjectInput, kind: PolicyKind, spec: Slot, specIndex: number): Policy[] {
  const { report, object, root } = input;
  checkFields(report, spec, knownOfSpec);
  const subject = readSubject(input, spec);
  if (!subject) return [];
  const host = subject.of === "nodes";
  const scope: PeerScope = {
    namespace: object.namespace,
    cluster: input.cluster,
    selectsInit: subject.selector.requirements.some(
      ({ source, key }) => source === "reserved" && key === "init",
    ),
  };
  const rules = SECTIONS.flatMap((section) => readCiliumRules(report, spec, section, scope, host));
  if (rules.length === 0) {
    report.error(
      "EMPTY_POLICY",
      spec,
      "none of ingress, ingressDeny, egress, egressDeny has a rule, so Cilium refuses the policy",
      "To deny all ingress, write ingress: [{}].",
    );
    return [];
  }
  const asked = readRecord(report, child(spec, "enableDefaultDeny"));
  const isolates = (direction: Direction): boolean =>
    rules.some((rule) => rule.direction === direction) &&
    ((asked && readBoolean(report, child(asked, direction))) ?? true);
  return [
    {
      ...object,
      ...input.uid,
      kind,
      specIndex,
      tier: "normal",
      priority: 0,
      subject,
      isolates: { ingress: isolates("ingress"), egress: isolates("egress") },
      rules,
      place: placeOf(root),
    },
  ];
}

function readSubject({ report, object }: ObjectInput, spec: Slot): Policy["subject"] | undefined {
  const nodes = readRecord(report, child(spec, "nodeSelector"));
  const endpoints = readRecord(report, child(spec, "endpointSelector"));
  if (!nodes === !endpoints) {
    report.error(
      "BAD_SUBJECT",
      spec,
      nodes ? "endpointSelector and nodeSelector stand together" : "no endpointSelector",
      "Write exactly one of the two; endpointSelector: {} selects every pod.",
    );
    return undefined;
  }
  if (nodes) {
    if (object.namespace !== "")
      report.error(
        "BAD_SUBJECT",
        nodes,
        "nodeSelector in a CiliumNetworkPolicy, which Cilium refuses",
        "Use a CiliumClusterwideNetworkPolicy.",
      );
    const requirements = readRequirements(report, nodes, ciliumKey);
    return { of: "nodes", selector: { requirements }, place: placeOf(nodes) };
  }
  const requirements = subjectRequirements(report, endpoints!, object.namespace);
  return { of: "pods", selector: { requirements }, place: placeOf(endpoints!) };
}
