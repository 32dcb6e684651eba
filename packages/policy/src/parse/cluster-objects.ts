import type { CidrGroup, Namespace, Node } from "../objects.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { emptyRecord } from "../source/record.js";
import { parseAddress, parsePrefix } from "./cidr.js";
import {
  checkFields,
  readRecord,
  readRecords,
  readText,
  readTextMap,
  readTexts,
} from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { wrongDnsLabel, wrongLabelKey, wrongLabelValue } from "./names.js";
import { type Report, show } from "./report.js";

/** Set by the control plane on every namespace. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

export function readNamespace({ report, root, object }: ObjectInput): Namespace {
  const wrong = wrongDnsLabel(object.name);
  if (wrong)
    report.error(
      "BAD_NAME",
      child(child(root, "metadata"), "name"),
      `the namespace ${show(object.name)} ${wrong}`,
      "Correct the namespace's name.",
    );
  const labels = readLabels(report, child(child(root, "metadata"), "labels"));
  labels[NAMESPACE_NAME_LABEL] = object.name;
  return { name: object.name, labels, place: placeOf(root) };
}

/** Labels of an object, with the syntax that the API server demands. */
export function readLabels(report: Report, slot: Slot): Record<string, string> {
  const labels = emptyRecord<string>();
  for (const [key, value, at] of readTextMap(report, slot)) {
    const wrongKey = wrongLabelKey(key);
    if (wrongKey)
      report.error(
        "BAD_NAME",
        at,
        `${show(key)} is not a label key: ${wrongKey}`,
        "Correct the key.",
      );
    const wrongValue = wrongLabelValue(value);
    if (wrongValue)
      report.error(
        "BAD_VALUE",
        at,
        `${show(value)} is not a label value: it ${wrongValue}`,
        "Correct the value.",
      );
    labels[key] = value;
  }
  return labels;
}

export function readNode({ report, root, object }: ObjectInput): Node {
  const spec = child(root, "spec");
  const podCidrs = texts(report, child(spec, "podCIDRs"));
  const podCidr = readText(report, child(spec, "podCIDR"));
  return {
    name: object.name,
    labels: readLabels(report, child(child(root, "metadata"), "labels")),
    addresses: (readRecords(report, child(child(root, "status"), "addresses")) ?? [])
      .map((address) => readText(report, child(address, "address")) ?? "")
      // Host names stand in the same list.
      .filter((address) => parseAddress(address)),
    podCidrs: podCidrs.length > 0 || !podCidr ? podCidrs : [podCidr],
    place: placeOf(root),
  };
}

const knownOfGroup = new Set(["externalCIDRs"]);

export function readCidrGroup({ report, root, object }: ObjectInput): CidrGroup {
  const spec = readRecord(report, child(root, "spec")) ?? child(root, "spec");
  checkFields(report, spec, knownOfGroup);
  const cidrs = readTexts(report, child(spec, "externalCIDRs")) ?? [];
  for (const { text, slot } of cidrs)
    if (!parsePrefix(text) && !parseAddress(text))
      report.error(
        "BAD_CIDR",
        slot,
        `${show(text)} is not a CIDR`,
        "Write an address, '/' and a length: 10.0.0.0/8.",
      );
  return {
    name: object.name,
    labels: readLabels(report, child(child(root, "metadata"), "labels")),
    cidrs: cidrs.map(({ text }) => text),
    place: placeOf(root),
  };
}

export function texts(report: Report, slot: Slot): string[] {
  return (readTexts(report, slot) ?? []).map(({ text }) => text);
}
