import type { Place } from "../place.js";
import type { Peer } from "../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
} from "../selector.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { covers, parsePrefix } from "./cidr.js";
import { checkFields, readRecord, readText, readTexts } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { added, kubernetesKey, readRequirements } from "./label-selector.js";
import { type Report, show } from "./report.js";

const knownOfPeer = new Set(["podSelector", "namespaceSelector", "ipBlock"]);

/** One entry of `from` or `to`. */
export function readPeer({ report, object, cluster }: ObjectInput, slot: Slot): Peer | undefined {
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
