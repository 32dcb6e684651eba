import {
  type Entity,
  NAMESPACE_LABEL_PREFIX,
  type Peer,
  POD_NAMESPACE,
  type PortMatch,
  type Rule,
} from "@dropscope/policy";

/** What makes half of a rule broad, in words; empty where it is not. */
export interface Breadth {
  readonly peers: string;
  readonly ports: string;
}

const WIDE_PORTS = 1_000;
/** Bits of a prefix; shorter ones hold more than anybody runs. */
const WIDE_V4 = 8;
const WIDE_V6 = 16;
const WIDE_ENTITIES: ReadonlySet<Entity> = new Set([
  "all",
  "cluster",
  "world",
  "world-ipv4",
  "world-ipv6",
]);

export function breadthOf(rule: Rule): Breadth {
  return { peers: widePeers(rule.peers), ports: widePorts(rule.ports) };
}

function widePeers(peers: Rule["peers"]): string {
  if (peers === "any") return "anybody";
  for (const peer of peers) {
    const words = widePeer(peer);
    if (words !== "") return words;
  }
  return "";
}

function widePeer(peer: Peer): string {
  if (peer.of === "entity" && WIDE_ENTITIES.has(peer.entity)) return `entity ${peer.entity}`;
  if (peer.of === "cidr") {
    const bits = Number(peer.cidr.split("/")[1]);
    const wide = bits <= (peer.cidr.includes(":") ? WIDE_V6 : WIDE_V4);
    // A block with exceptions is somebody's deliberate "the internet but not us".
    return wide && peer.except.length === 0 ? peer.cidr : "";
  }
  if (peer.of !== "endpoints") return "";
  const written = peer.selector.requirements.filter(({ place }) => place !== undefined);
  const ofPods = written.filter(
    ({ key }) => key !== POD_NAMESPACE && !key.startsWith(NAMESPACE_LABEL_PREFIX),
  );
  if (ofPods.length > 0) return "";
  const narrowed = peer.selector.requirements.some(
    ({ key, operator }) =>
      operator === "In" && (key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX)),
  );
  return narrowed ? "every pod of a namespace" : "every pod of every namespace";
}

function widePorts(ports: Rule["ports"]): string {
  if (ports === "any") return "every port";
  const wide = ports.find(isWide);
  if (wide === undefined) return "";
  return wide.of === "number" && wide.first <= 1 && wide.last >= 65_535
    ? `every ${wide.protocols.join("/")} port`
    : `${wide.of === "number" ? wide.last - wide.first + 1 : 0} ports`;
}

const isWide = (port: PortMatch): boolean =>
  port.of === "number" && port.last - port.first + 1 >= WIDE_PORTS;
