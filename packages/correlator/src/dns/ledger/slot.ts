import type { PolicyName } from "@dropscope/model";
import type { DropVerdict } from "../policies/drop-verdict.js";
import type { OutsideSubject } from "../policies/outside.js";
import type { RefusalVerdict } from "../policies/refusal.js";
import type { DnsServer } from "../read/servers.js";
import { createTally, type Tally } from "./tally.js";

/**
 * What was seen of one client within one slot of time. Everything in it grows by adding
 * only, in whatever order flows come, so that what the rules make of it depends on the set of flows alone.
 */
export interface Slot {
  readonly number: number;
  /** Goes up with everything that is written into it. */
  version: number;
  readonly servers: Map<string, ServerSlot>;
  /** Queries by socket (and, where the proxy logs them, by name): when they were sent. */
  readonly attempts: Map<string, Attempts>;
  /** Times of answers, in 10 ms, by the same keys. */
  readonly answers: Map<string, number[]>;
  /** Sockets whose queries the proxy logs: what their packets tell is told better there. */
  readonly logged: Set<string>;
  /** Sockets of which some packet was dropped, there or back. */
  readonly dropped: Set<string>;
  /** Drops towards addresses outside, of clients with toFQDNs rules. */
  readonly outside: Map<string, OutsideDrop>;
  /** Other drops of the same client. */
  readonly otherDrops: Tally;
}

export interface ServerSlot {
  readonly server: DnsServer;
  readonly drops: Map<string, DropKind>;
  readonly udpPassed: Tally;
  /** Answers by rcode; `search`: NXDOMAIN for a name with a search suffix. */
  readonly rcodes: Tally;
  readonly servfail: Tally;
  readonly search: Tally;
  readonly refusals: Map<string, Refusal>;
  /** Queries that went past the proxy, of clients with toFQDNs rules. */
  readonly unproxied: Map<string, Unproxied>;
}

/** Drops that the policies judge alike. */
export interface DropKind {
  readonly protocol: "UDP" | "TCP";
  readonly port: number;
  readonly verdict: DropVerdict;
  readonly tally: Tally;
}

export interface Refusal extends RefusalVerdict {
  readonly family: string;
  /** One of the queries. */
  query: string;
  readonly tally: Tally;
}

export interface Unproxied {
  readonly policies: readonly PolicyName[];
  readonly tally: Tally;
}

export interface Attempts {
  readonly serverKey: string;
  readonly pod: string;
  readonly node: string;
  /** Those of the proxy's log; else of packets. */
  readonly logged: boolean;
  /** Equal for attempts at one lookup from different sockets. */
  readonly track: string;
  /** In 10 ms, ascending; several of them are one attempt, seen at several points. */
  readonly times: number[];
  /** Told by trace events: their absence says something. */
  traced: boolean;
  /** Of the first. */
  sample: { time: number; uuid: string };
}

export interface OutsideDrop {
  readonly subject: OutsideSubject;
  readonly address: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly port: number;
  readonly pod: string;
  readonly node: string;
  readonly names: readonly string[];
  readonly tally: Tally;
}

export function createSlot(number: number): Slot {
  return {
    number,
    version: 0,
    servers: new Map(),
    attempts: new Map(),
    answers: new Map(),
    logged: new Set(),
    dropped: new Set(),
    outside: new Map(),
    otherDrops: createTally(),
  };
}

export function createServerSlot(server: DnsServer): ServerSlot {
  return {
    server,
    drops: new Map(),
    udpPassed: createTally(),
    rcodes: createTally(),
    servfail: createTally(),
    search: createTally(),
    refusals: new Map(),
    unproxied: new Map(),
  };
}

/** Times are kept in 10 ms: fine enough for waits of 2.5 s, coarse enough for one packet at several points. */
export const TICK_MS = 10;
const MAX_TIMES = 32;

/** Keeps the list sorted and without repeats. */
export function addTime(times: number[], time: number): void {
  const tick = Math.floor(time / TICK_MS);
  let place = times.length;
  while (place > 0 && (times[place - 1] ?? 0) > tick) place--;
  if (times[place - 1] === tick) return;
  times.splice(place, 0, tick);
  if (times.length > MAX_TIMES) times.pop();
}
