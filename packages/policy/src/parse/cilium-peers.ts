import { nearest } from "@dropscope/model";
import type { Direction, Entity, Peer } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { parseAddress, parsePrefix, covers } from "./cidr.js";
import { ciliumKey, nodeRequirements, peerRequirements, type PeerScope } from "./cilium-scope.js";
import { checkFields, isAbsent, readRecord, readRecords, readText, readTexts } from "./fields.js";
import { kubernetesKey, readRequirements } from "./label-selector.js";
import { readFqdn } from "./patterns.js";
import { type Report, show } from "./report.js";

interface L3Field {
  readonly name: string;
  /** Written but empty, it selects nobody; other fields are then as if not written. */
  readonly emptyIsNobody: boolean;
  /** Deny rules of the API have no such field. */
  readonly allowOnly?: true;
  read(report: Report, slot: Slot, scope: PeerScope): Peer[];
}

const ingressFields: readonly L3Field[] = [
  { name: "fromEndpoints", emptyIsNobody: true, read: readEndpoints },
  { name: "fromNodes", emptyIsNobody: true, read: readNodes },
  { name: "fromEntities", emptyIsNobody: true, read: readEntities },
  { name: "fromCIDR", emptyIsNobody: true, read: readCidrs },
  { name: "fromCIDRSet", emptyIsNobody: true, read: readCidrSet },
  { name: "fromGroups", emptyIsNobody: false, read: readGroups },
];

const egressFields: readonly L3Field[] = [
  { name: "toEndpoints", emptyIsNobody: true, read: readEndpoints },
  { name: "toNodes", emptyIsNobody: true, read: readNodes },
  { name: "toEntities", emptyIsNobody: true, read: readEntities },
  { name: "toCIDR", emptyIsNobody: true, read: readCidrs },
  { name: "toCIDRSet", emptyIsNobody: true, read: readCidrSet },
  { name: "toGroups", emptyIsNobody: false, read: readGroups },
  { name: "toServices", emptyIsNobody: false, read: readServices },
  { name: "toFQDNs", emptyIsNobody: false, allowOnly: true, read: readFqdns },
];

/** The fields that say who the other end is, as the API names them. */
export function l3Fields(direction: Direction, deny: boolean): readonly L3Field[] {
  const fields = direction === "ingress" ? ingressFields : egressFields;
  return deny ? fields.filter((field) => !field.allowOnly) : fields;
}

/**
 * The peers of a rule; undefined when it names none, and then its ports decide
 * whom it means. Cilium refuses rules that combine two of the fields.
 */
export function readCiliumPeers(
  report: Report,
  rule: Slot,
  fields: readonly L3Field[],
  scope: PeerScope,
): Peer[] | undefined {
  let peers: Peer[] | undefined;
  let nobody = false;
  const used: string[] = [];
  for (const field of fields) {
    const slot = child(rule, field.name);
    if (isAbsent(slot)) continue;
    const found = field.read(report, slot, scope);
    const empty = Array.isArray(slot.value) && slot.value.length === 0;
    if (empty && field.emptyIsNobody) nobody = true;
    if (empty) continue;
    used.push(field.name);
    peers = [...(peers ?? []), ...found];
  }
  if (used.length > 1)
    report.error(
      "CONFLICTING_FIELDS",
      rule,
      `${used.join(" and ")} stand in one rule, which Cilium refuses`,
      "Make a rule of its own for each of them.",
    );
  return nobody ? [] : peers;
}

function readEndpoints(report: Report, slot: Slot, scope: PeerScope): Peer[] {
  return (readRecords(report, slot) ?? []).map((item) => ({
    of: "endpoints",
    selector: { requirements: peerRequirements(report, item, scope) },
    place: placeOf(item),
  }));
}

function readNodes(report: Report, slot: Slot, scope: PeerScope): Peer[] {
  return (readRecords(report, slot) ?? []).map((item) => ({
    of: "nodes",
    selector: { requirements: nodeRequirements(report, item, scope) },
    place: placeOf(item),
  }));
}

const entities = new Set<string>([
  "all",
  "world",
  "world-ipv4",
  "world-ipv6",
  "cluster",
  "host",
  "remote-node",
  "kube-apiserver",
  "ingress",
  "init",
  "health",
  "unmanaged",
  "none",
]);

function readEntities(report: Report, slot: Slot): Peer[] {
  return (readTexts(report, slot) ?? []).flatMap(({ text, slot: item }): Peer[] => {
    if (entities.has(text)) return [{ of: "entity", entity: text as Entity, place: placeOf(item) }];
    const near = report.full ? undefined : nearest(text, entities);
    report.error(
      "BAD_PEER",
      item,
      `${show(text)} is not an entity`,
      near ? `Did you mean ${near}?` : `Entities: ${[...entities].join(", ")}.`,
    );
    return [];
  });
}

function readCidrs(report: Report, slot: Slot): Peer[] {
  return (readTexts(report, slot) ?? []).flatMap(({ text, slot: item }): Peer[] => {
    if (!parsePrefix(text) && !parseAddress(text)) {
      badCidr(report, item, text);
      return [];
    }
    return [{ of: "cidr", cidr: text, except: [], place: placeOf(item) }];
  });
}

const knownOfCidrRule = new Set(["cidr", "cidrGroupRef", "cidrGroupSelector", "except"]);

function readCidrSet(report: Report, slot: Slot): Peer[] {
  return (readRecords(report, slot) ?? []).flatMap((item): Peer[] => {
    checkFields(report, item, knownOfCidrRule);
    const cidr = readText(report, child(item, "cidr")) || undefined;
    const name = readText(report, child(item, "cidrGroupRef")) || undefined;
    const labels = readRecord(report, child(item, "cidrGroupSelector"));
    const count = [cidr, name, labels].filter((one) => one !== undefined).length;
    if (count !== 1) {
      report.error(
        count === 0 ? "BAD_CIDR" : "CONFLICTING_FIELDS",
        item,
        count === 0
          ? "none of cidr, cidrGroupRef and cidrGroupSelector is written"
          : "only one of cidr, cidrGroupRef and cidrGroupSelector may be written",
        "Write exactly one of the three.",
      );
      return [];
    }
    const place = placeOf(item);
    if (cidr !== undefined) {
      const except = readExcept(report, item, cidr);
      return except ? [{ of: "cidr", cidr, except, place }] : [];
    }
    const except = (readTexts(report, child(item, "except")) ?? []).map(({ text }) => text);
    const group =
      name !== undefined
        ? { name }
        : { selector: { requirements: readRequirements(report, labels!, kubernetesKey) } };
    return [{ of: "cidr-group", group, except, place }];
  });
}

/** Exceptions of a CIDR, which must be within it; undefined when something is wrong. */
function readExcept(report: Report, rule: Slot, cidr: string): readonly string[] | undefined {
  const outer = parsePrefix(cidr);
  if (!outer) {
    badCidr(report, child(rule, "cidr"), cidr);
    return undefined;
  }
  return (readTexts(report, child(rule, "except")) ?? []).map(({ text, slot }) => {
    const inner = parsePrefix(text);
    if (!inner) badCidr(report, slot, text);
    else if (!covers(outer, inner))
      report.error(
        "BAD_CIDR",
        slot,
        `${text} is not inside ${cidr}`,
        "Except only ranges inside the cidr.",
      );
    return text;
  });
}

function badCidr(report: Report, slot: Slot, text: string): void {
  report.error(
    "BAD_CIDR",
    slot,
    `${show(text)} is not a CIDR`,
    "Write an address, '/' and a length: 10.0.0.0/8.",
  );
}

function readGroups(report: Report, slot: Slot): Peer[] {
  return (readRecords(report, slot) ?? []).map((item) => ({
    of: "unknown",
    what: "a group of a cloud provider",
    place: placeOf(item),
  }));
}

const knownOfService = new Set(["k8sService", "k8sServiceSelector"]);

function readServices(report: Report, slot: Slot): Peer[] {
  return (readRecords(report, slot) ?? []).flatMap((item): Peer[] => {
    checkFields(report, item, knownOfService);
    const place = placeOf(item);
    const named = readRecord(report, child(item, "k8sService"));
    const selected = readRecord(report, child(item, "k8sServiceSelector"));
    const peers: Peer[] = [];
    if (named) {
      const name = readText(report, child(named, "serviceName")) ?? "";
      peers.push({
        of: "service",
        service: { name, namespace: namespaceOf(report, named) },
        place,
      });
    }
    if (selected) {
      const labels = readRecord(report, child(selected, "selector"));
      const requirements = labels ? readRequirements(report, labels, ciliumKey) : [];
      const service = { selector: { requirements }, namespace: namespaceOf(report, selected) };
      peers.push({ of: "service", service, place });
    }
    return peers;
  });
}

/** Empty: services of every namespace. */
function namespaceOf(report: Report, slot: Slot): string {
  return readText(report, child(slot, "namespace")) ?? "";
}

function readFqdns(report: Report, slot: Slot): Peer[] {
  return (readRecords(report, slot) ?? []).flatMap((item): Peer[] => {
    const name = readFqdn(report, item);
    return name ? [{ of: "fqdn", name, place: placeOf(item) }] : [];
  });
}
