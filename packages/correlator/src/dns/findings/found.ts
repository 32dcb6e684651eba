import type { DnsRule, Peer, PolicyName } from "@dropscope/model";
import { createTally, merge, type Tally } from "../ledger/tally.js";

/** What one rule found for one client, before it is put into words; parts of it add up in any order. */
export interface Found {
  readonly rule: DnsRule;
  readonly client: Peer;
  /** Of several, the first by its text. */
  server: Peer;
  /** The server, where it tells findings apart. */
  readonly at: string;
  /** A name that tells findings apart. */
  readonly family: string;
  /** A finer cause that tells findings apart. */
  readonly cause: string;
  readonly tally: Tally;
  /** Other drops of the same client soon after. */
  readonly after: Tally;
  readonly policies: Map<string, PolicyName>;
  /** Numbers that are summed up. */
  readonly sums: Record<string, number>;
  /** Numbers of which the highest counts. */
  readonly peaks: Record<string, number>;
  /** Texts of which the first by order counts. */
  readonly texts: Record<string, string>;
  /** Sets of short texts: pods, namespaces, protocols with ports. */
  readonly sets: Record<string, Set<string>>;
}

/** What one slot adds to a finding. */
export interface Part {
  readonly rule: DnsRule;
  readonly client: Peer;
  readonly server: Peer;
  /** The server when it is not given. */
  readonly at?: string;
  readonly family?: string;
  readonly cause?: string;
  readonly tally: Tally;
  readonly after?: Tally;
  readonly policies?: Iterable<PolicyName>;
  readonly sums?: Readonly<Record<string, number>>;
  readonly peaks?: Readonly<Record<string, number>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly sets?: Readonly<Record<string, Iterable<string>>>;
}

type Identity = Pick<Part, "rule" | "client" | "server" | "at" | "family" | "cause">;

/** Members kept of a set, and policies named. */
const MAX_MEMBERS = 50;

export function keyOf({ rule, client, server, at, family = "", cause = "" }: Identity): string {
  return JSON.stringify([rule, peerText(client), at ?? peerText(server), family, cause]);
}

export function addPart(into: Map<string, Found>, part: Part): void {
  const key = keyOf(part);
  let found = into.get(key);
  if (found === undefined) into.set(key, (found = emptyFound(part)));
  if (peerText(part.server) < peerText(found.server)) found.server = part.server;
  merge(found.tally, part.tally);
  if (part.after !== undefined) merge(found.after, part.after);
  for (const { kind, namespace, name } of part.policies ?? [])
    if (found.policies.size < MAX_MEMBERS)
      found.policies.set(`${kind}/${namespace}/${name}`, { kind, namespace, name });
  for (const [name, number] of Object.entries(part.sums ?? {}))
    found.sums[name] = (found.sums[name] ?? 0) + number;
  for (const [name, number] of Object.entries(part.peaks ?? {}))
    found.peaks[name] = Math.max(found.peaks[name] ?? number, number);
  for (const [name, text] of Object.entries(part.texts ?? {})) {
    const known = found.texts[name];
    if (text !== "" && (known === undefined || text < known)) found.texts[name] = text;
  }
  for (const [name, members] of Object.entries(part.sets ?? {}))
    for (const member of members) {
      const set = (found.sets[name] ??= new Set());
      if (set.size < MAX_MEMBERS) set.add(member);
    }
}

/** Adds what was found before, or elsewhere. */
export function addFound(into: Map<string, Found>, found: Found): void {
  addPart(into, { ...found, policies: found.policies.values() });
}

function emptyFound({ rule, client, server, at, family = "", cause = "" }: Part): Found {
  return {
    rule,
    client,
    server,
    family,
    cause,
    at: at ?? peerText(server),
    tally: createTally(),
    after: createTally(),
    policies: new Map(),
    sums: {},
    peaks: {},
    texts: {},
    sets: {},
  };
}

export function peerText({ kind, namespace, name }: Peer): string {
  return `${kind}/${namespace}/${name}`;
}
