import type { DropExplanation } from "@dropscope/model";
import type { DnsLimits } from "../limits.js";
import { withoutSuffix, zoneOf } from "../names/cluster-names.js";
import type { Judge } from "../policies/judge.js";
import type {
  Answer,
  DroppedQuery,
  Observation,
  PassedQuery,
  Request,
} from "../read/observation.js";
import type { Exchanges } from "./exchanges.js";
import { type Ledger, MAX_NODES, slotAt } from "./ledger.js";
import { createServerSlot, type ServerSlot, type Slot } from "./slot.js";
import { count, createTally } from "./tally.js";

export interface Recording {
  readonly judge: Judge;
  readonly exchanges: Exchanges;
  readonly limits: DnsLimits;
  readonly clusterDomain: string;
}

/** Writes an observation into its client's ledger; false when it came too late. */
export function record(
  ledger: Ledger,
  seen: Observation,
  by: Recording,
  explanation?: DropExplanation,
): boolean {
  const slot = slotAt(ledger, seen.time, by.limits.windowMs);
  if (slot === undefined) return false;
  slot.version++;
  ledger.newest = Math.max(ledger.newest, seen.time);
  if (ledger.nodes.size < MAX_NODES) ledger.nodes.add(seen.node);
  switch (seen.kind) {
    case "other-drop": {
      count(slot.otherDrops, seen);
      recordOutside(slot, seen, by);
      break;
    }
    case "dropped-query":
      recordDrop(slot, seen, by, explanation);
      break;
    case "passed-query":
      recordPassed(slot, seen, by);
      break;
    case "reply":
      if (seen.dropped) by.exchanges.note(slot.dropped, seen.socket);
      else by.exchanges.answered(slot, seen.socket, seen.time);
      break;
    case "request":
      recordRequest(ledger, slot, seen, by);
      break;
    case "answer":
      recordAnswer(ledger, slot, seen, by);
      break;
  }
  return true;
}

function recordDrop(
  slot: Slot,
  seen: DroppedQuery,
  by: Recording,
  explanation: DropExplanation | undefined,
): void {
  by.exchanges.note(slot.dropped, seen.socket);
  const server = serverSlot(slot, seen, by);
  const verdict = by.judge.drop(seen, explanation);
  const { protocol, port } = seen;
  const policies = verdict.policies.map(({ kind, namespace, name }) => [kind, namespace, name]);
  const key = JSON.stringify([protocol, port, verdict.direction, verdict.outcome, policies]);
  const kind = kept(server.drops, key, by.limits.maxKinds, () => ({
    protocol,
    port,
    verdict,
    tally: createTally(),
  }));
  if (kind !== undefined) count(kind.tally, seen);
  if (verdict.direction === "egress") {
    by.exchanges.sent(slot, seen, { logged: false, traced: false, name: "" });
    if (seen.port === 53 || seen.port === 5353) recordUnproxied(server, seen, by);
  }
}

function recordPassed(slot: Slot, seen: PassedQuery, by: Recording): void {
  const server = serverSlot(slot, seen, by);
  if (seen.protocol === "UDP") {
    count(server.udpPassed, seen);
    by.exchanges.sent(slot, seen, { logged: false, traced: seen.traced, name: "" });
  }
  if (!seen.redirected && seen.flow.trace_observation_point !== "TO_PROXY")
    recordUnproxied(server, seen, by);
}

function recordUnproxied(
  server: ServerSlot,
  seen: PassedQuery | DroppedQuery,
  by: Recording,
): void {
  const policies = by.judge.names(seen);
  if (policies === undefined) return;
  const key = JSON.stringify(policies);
  const found = kept(server.unproxied, key, by.limits.maxKinds, () => ({
    policies,
    tally: createTally(),
  }));
  if (found !== undefined) count(found.tally, seen);
}

function recordRequest(ledger: Ledger, slot: Slot, seen: Request, by: Recording): void {
  by.exchanges.note(slot.logged, seen.socket);
  if (seen.refused) {
    recordRefusal(ledger, slot, seen, by);
    by.exchanges.note(slot.dropped, seen.socket);
  } else by.exchanges.sent(slot, seen, { logged: true, traced: true, name: lookupOf(seen) });
}

function recordAnswer(ledger: Ledger, slot: Slot, seen: Answer, by: Recording): void {
  by.exchanges.answered(slot, seen.socket, seen.time);
  by.exchanges.answered(slot, `${seen.socket} ${lookupOf(seen)}`, seen.time);
  const server = serverSlot(slot, seen, by);
  if (seen.refused || seen.rcode === 5) {
    recordRefusal(ledger, slot, seen, by);
    return;
  }
  count(server.rcodes, seen);
  if (seen.rcode === 2) count(server.servfail, seen);
  if (seen.rcode === 3 && isExpanded(seen, by.clusterDomain)) count(server.search, seen);
}

function isExpanded({ query, client }: Answer, clusterDomain: string): boolean {
  return withoutSuffix(query, client.namespace, clusterDomain) !== undefined;
}

function recordRefusal(ledger: Ledger, slot: Slot, seen: Request | Answer, by: Recording): void {
  const verdict = by.judge.refusal(seen);
  if (verdict === undefined) return;
  const family = familyOf(ledger, verdict.name, by.limits.maxFamilies);
  const server = serverSlot(slot, seen, by);
  const key = JSON.stringify([family, verdict.isExpansion]);
  const refusal = kept(server.refusals, key, by.limits.maxKinds, () => ({
    ...verdict,
    family,
    query: seen.query,
    tally: createTally(),
  }));
  if (refusal === undefined) return;
  if (seen.query < refusal.query) refusal.query = seen.query;
  // The proxy logs a refused query and its answer: each tells the same.
  count(refusal.tally, { ...seen, layer: seen.kind });
}

function recordOutside(
  slot: Slot,
  seen: Observation & { kind: "other-drop" },
  by: Recording,
): void {
  const { outside, client, node } = seen;
  if (outside === undefined) return;
  const key = JSON.stringify([outside.address, outside.protocol, outside.port, client.pod, node]);
  const known = slot.outside.get(key);
  if (known === undefined && slot.outside.size >= by.limits.maxKinds) return;
  const subject = known?.subject ?? by.judge.outside(seen);
  if (subject === undefined) return;
  const { address, protocol, port, names } = outside;
  const drop = known ?? {
    subject,
    address,
    protocol,
    port,
    names,
    node,
    pod: client.pod,
    tally: createTally(),
  };
  slot.outside.set(key, drop);
  count(drop.tally, seen);
}

function serverSlot(
  slot: Slot,
  { server }: Exclude<Observation, { kind: "other-drop" }>,
  { limits }: Recording,
): ServerSlot {
  const known = slot.servers.get(server.key);
  if (known !== undefined) return known;
  // Whoever asks hundreds of addresses on port 53 is not looking for a name.
  const own = slot.servers.size >= limits.maxServers ? MANY : server;
  const found = slot.servers.get(own.key) ?? createServerSlot(own);
  slot.servers.set(own.key, found);
  return found;
}

const MANY = {
  kind: "other",
  peer: { kind: "unknown", namespace: "", name: "many addresses" },
  key: "many",
} as const;

/** The name itself; once there are too many, the zone; once there are too many of those, nothing. */
function familyOf({ families }: Ledger, name: string, most: number): string {
  for (const family of [name, `*.${zoneOf(name)}`]) {
    if (families.has(family)) return family;
    const [from, to] = family === name ? [0, most] : [most, 2 * most];
    if (families.size >= from && families.size < to) {
      families.add(family);
      return family;
    }
  }
  return "";
}

function lookupOf({ query, types }: Request | Answer): string {
  return `${query} ${types}`;
}

function kept<Value>(
  map: Map<string, Value>,
  key: string,
  most: number,
  make: () => Value,
): Value | undefined {
  const known = map.get(key);
  if (known !== undefined) return known;
  if (map.size >= most) return undefined;
  const value = make();
  map.set(key, value);
  return value;
}
