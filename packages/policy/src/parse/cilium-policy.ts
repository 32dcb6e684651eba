import type { Direction, Policy, PolicyKind } from "../policy.js";
import { POD_NAMESPACE } from "../selector.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { readBoolean, readList, readRecord, readRecords } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { added, readRequirements, selectorOf, type KeyScope } from "./label-selector.js";

/** cilium.io/v2: `k8s:app` looks in one source, `app` in all. */
export const ciliumKey: KeyScope = (key) => {
  const colon = key.indexOf(":");
  return colon < 0
    ? { source: "any", key }
    : { source: key.slice(0, colon), key: key.slice(colon + 1) };
};

export function readCiliumPolicy(input: ObjectInput, kind: PolicyKind): Policy[] {
  const { report, root } = input;
  const spec = readRecord(report, child(root, "spec"));
  const specs = readRecords(report, child(root, "specs")) ?? [];
  const policies = [...(spec ? [spec] : []), ...specs].flatMap((slot, index) =>
    readSpec(input, kind, slot, spec ? index : index + 1),
  );
  return report.failed ? [] : policies;
}

function readSpec(input: ObjectInput, kind: PolicyKind, spec: Slot, specIndex: number): Policy[] {
  const { report, object, root } = input;
  const nodes = readRecord(report, child(spec, "nodeSelector"));
  const endpoints = readRecord(report, child(spec, "endpointSelector"));
  const selected = nodes ?? endpoints;
  if (!selected || (nodes && endpoints)) {
    report.error(
      "BAD_SUBJECT",
      spec,
      "exactly one of endpointSelector and nodeSelector is required",
      "Write endpointSelector: {} to select every pod.",
    );
    return [];
  }
  const has = (section: string): boolean =>
    (readList(report, child(spec, section)) ?? []).length > 0;
  const written: Record<Direction, boolean> = {
    ingress: has("ingress") || has("ingressDeny"),
    egress: has("egress") || has("egressDeny"),
  };
  if (!written.ingress && !written.egress) {
    report.error(
      "EMPTY_POLICY",
      spec,
      "none of ingress, ingressDeny, egress, egressDeny has a rule, so Cilium refuses the policy",
      "To deny all ingress, write ingress: [{}].",
    );
    return [];
  }
  const asked = child(spec, "enableDefaultDeny");
  return [
    {
      ...object,
      ...input.uid,
      kind,
      specIndex,
      tier: "normal",
      priority: 0,
      subject: {
        of: nodes ? "nodes" : "pods",
        selector: selectorOf(
          readRequirements(report, selected, ciliumKey),
          object.namespace ? [added(POD_NAMESPACE, "In", object.namespace)] : [],
        ),
        place: placeOf(selected),
      },
      isolates: {
        ingress: readBoolean(report, child(asked, "ingress")) ?? written.ingress,
        egress: readBoolean(report, child(asked, "egress")) ?? written.egress,
      },
      rules: [],
      place: placeOf(root),
    },
  ];
}
