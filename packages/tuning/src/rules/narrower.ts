import {
  type Connection,
  matchesPeers,
  matchesPorts,
  type MatchContext,
  parseManifests,
  pathSteps,
  type Policy,
  type Rule,
  type SourceObject,
} from "@dropscope/policy";
import { stringify } from "yaml";
import type { Naming } from "../repair/naming.js";
import { type PeerText, peerText } from "../repair/peer.js";
import { portText } from "../repair/ports.js";
import type { Carried } from "./hits.js";

/** More entries than these nobody would want to read; the rule is then better left as it is. */
const MOST_PEERS = 12;
const MOST_PORTS = 15;

export interface NarrowInput {
  readonly policy: Policy;
  readonly rule: Rule;
  readonly carried: readonly Carried[];
  /** The policy as it is written. */
  readonly source: SourceObject;
  readonly context: MatchContext;
  /** Which halves of the rule are broad; at least one. The other stays as it is written. */
  readonly broad: { readonly peers: boolean; readonly ports: boolean };
  /** Whether names of DNS are known for these pods (a `rules.dns` list), so that a rule may name them. */
  readonly names: boolean;
  /** Which labels single a pod of the cluster out. */
  readonly naming: Naming;
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * The rule's list entries as YAML that carry what the rule really carried, and no more of its broad
 * half. They are read back and held against every connection that was carried. Empty when this
 * kind of policy has no word for one of the ends, or when there are too many.
 */
export function narrowerRule(input: NarrowInput): string {
  const { rule, source } = input;
  const written = valueAt(source.value, pathSteps(rule.place.path));
  if (typeof written !== "object" || written === null) return "";
  const rules = rulesFor(written as Plain, input);
  if (rules === undefined || rules.length === 0) return "";
  return holds(rules, input) ? stringify(rules, { lineWidth: 0 }) : "";
}

interface Need {
  readonly peer: PeerText | undefined;
  readonly ports: Map<string, Connection>;
}

function rulesFor(written: Plain, input: NarrowInput): Plain[] | undefined {
  const { policy, rule, broad } = input;
  const cilium = policy.kind.startsWith("Cilium");
  const needs = needsOf(input);
  if (needs === undefined) return undefined;
  const rest = without(written, [
    ...(broad.peers ? peerFields(rule) : []),
    ...(broad.ports ? ["ports", "toPorts", "icmps"] : []),
  ]);
  const found: Plain[] = [];
  // Ends that need the same ports share an entry.
  const groups = new Map<string, { peers: PeerText[]; ports: readonly Connection[] }>();
  for (const { peer, ports } of needs) {
    const key = JSON.stringify([peer?.list ?? "", [...ports.keys()].sort()]);
    const group = groups.get(key) ?? { peers: [], ports: [...ports.values()] };
    groups.set(key, group);
    if (peer !== undefined) group.peers.push(peer);
  }
  for (const { peers, ports } of groups.values()) {
    const portParts = broad.ports ? portFields(ports, cilium) : [{}];
    if (portParts === undefined) return undefined;
    for (const part of portParts) found.push({ ...peerField(rule, peers), ...rest, ...part });
  }
  return found;
}

/** Whom the rule must go on to carry, and on what; undefined where that cannot be written. */
function needsOf({ policy, rule, carried, broad, names, naming }: NarrowInput): Need[] | undefined {
  const needs = new Map<string, { peer: PeerText | undefined; ports: Map<string, Connection> }>();
  const ports = new Set<string>();
  for (const { connection } of carried) {
    const egress = rule.direction === "egress";
    const end = egress ? connection.to : connection.from;
    const peer = broad.peers
      ? peerText(end, policy.kind, policy.namespace, egress && names, naming)
      : undefined;
    if (broad.peers && peer === undefined) return undefined;
    const key = JSON.stringify(peer?.entry ?? null);
    const need = needs.get(key) ?? { peer, ports: new Map<string, Connection>() };
    needs.set(key, need);
    const port = `${connection.protocol} ${String(connection.port).padStart(5, "0")}`;
    if (broad.ports) need.ports.set(port, connection);
    ports.add(port);
    if (needs.size > MOST_PEERS || (broad.ports && ports.size > MOST_PORTS)) return undefined;
  }
  return [...needs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, need]) => need);
}

const towards = ({ direction }: Rule): string => (direction === "egress" ? "to" : "from");

function peerFields(rule: Rule): string[] {
  const kinds = [
    "",
    "Endpoints",
    "CIDR",
    "CIDRSet",
    "Entities",
    "Nodes",
    "Groups",
    "Services",
    "FQDNs",
  ];
  return kinds.map((kind) => `${towards(rule)}${kind}`);
}

function peerField(rule: Rule, peers: readonly PeerText[]): Plain {
  const [first] = peers;
  if (first === undefined) return {};
  return { [`${towards(rule)}${first.list}`]: peers.map(({ entry }) => entry) };
}

/** The `ports` of one entry, or for Cilium `toPorts` and `icmps`, which exclude each other, of as many as it takes. */
function portFields(ports: readonly Connection[], cilium: boolean): Plain[] | undefined {
  const sorted = ports.toSorted((a, b) =>
    a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port,
  );
  const texts = sorted.map((one) => ({ text: portText(one), one }));
  if (!cilium) {
    if (texts.some(({ text }) => text.network === undefined)) return undefined;
    return [{ ports: unique(texts.flatMap(({ text }) => text.network ?? [])) }];
  }
  const listed = texts.filter(({ text }) => text.ciliumPort !== undefined);
  const icmps = texts.filter(({ text }) => text.ciliumPort === undefined);
  const entries = listed.flatMap(({ text }) => {
    const [entry] = text.cilium["toPorts"] as readonly { readonly ports: readonly unknown[] }[];
    return entry?.ports ?? [];
  });
  return [
    ...(entries.length === 0 ? [] : [{ toPorts: [{ ports: unique(entries) }] }]),
    ...icmps.map(({ text }) => text.cilium),
  ];
}

function unique(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Puts the entries in the rule's place and reads the policy again. */
function holds(rules: readonly Plain[], input: NarrowInput): boolean {
  const { policy, rule, source, carried, context } = input;
  const steps = pathSteps(rule.place.path);
  const index = steps.at(-1);
  const value = structuredClone(source.value);
  const list = valueAt(value, steps.slice(0, -1));
  if (!Array.isArray(list) || typeof index !== "number") return false;
  list.splice(index, 1, ...rules);
  const text = JSON.stringify(value);
  const read = parseManifests(text, source.name, { cluster: context.profile.cluster });
  const spec = read.policies.find(({ specIndex }) => specIndex === policy.specIndex);
  if (spec === undefined || read.problems.some(({ severity }) => severity === "error"))
    return false;
  const made = spec.rules.filter(
    (one) => one.section === rule.section && one.index >= index && one.index < index + rules.length,
  );
  return carried.every(({ connection }) => {
    const { from, to, protocol, port } = connection;
    const peer = rule.direction === "egress" ? to : from;
    return made.some(
      (one) => matchesPorts(one, protocol, port, to) && matchesPeers(one, peer, context),
    );
  });
}

function without(value: Plain, keys: readonly string[]): Plain {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function valueAt(value: unknown, steps: readonly (string | number)[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}
