import { type Found, keyOf } from "./findings/found.js";
import { createLedger, type Ledger } from "./ledger/ledger.js";
import { type DnsLimits, SLOT_MS } from "./limits.js";
import type { DnsClient } from "./read/client.js";

/** What a watch has come to for good, as JSON: together with the flows since, it is the whole watch. */
export interface DnsWatchState {
  /**
   * Flows of this time and later have to be given again, ms since 1970; null when no slot is open
   * and nothing has to. Of them only what is not in `clients` already counts.
   */
  readonly replayFrom: number | null;
  readonly clients: readonly ClientState[];
}

interface ClientState {
  readonly client: DnsClient;
  /** Slots up to this one are in `closed`; null when none is. */
  readonly closedUntil: number | null;
  readonly closed: readonly FoundState[];
  readonly families: readonly string[];
}

type FoundState = Omit<Found, "policies" | "sets"> & {
  readonly policies: readonly [string, { kind: string; namespace: string; name: string }][];
  readonly sets: readonly (readonly [string, readonly string[]])[];
};

export function writeState(ledgers: Iterable<Ledger>, limits: DnsLimits): DnsWatchState {
  const clients: ClientState[] = [];
  let replayFrom = Number.POSITIVE_INFINITY;
  for (const { client, closed, closedUntil, slots, families } of ledgers) {
    for (const number of slots.keys())
      if (number > closedUntil)
        replayFrom = Math.min(replayFrom, number * SLOT_MS - limits.windowMs);
    if (closedUntil === Number.NEGATIVE_INFINITY) continue;
    clients.push({
      client,
      closedUntil,
      closed: [...closed.values()].map(foundState),
      families: [...families],
    });
  }
  const state = { replayFrom: Number.isFinite(replayFrom) ? replayFrom : null, clients };
  // A copy: what is written must not change while the watch goes on.
  return JSON.parse(JSON.stringify(state)) as DnsWatchState;
}

function foundState({ policies, sets, ...found }: Found): FoundState {
  const members = Object.entries(sets).map(([name, set]) => [name, [...set]] as const);
  return { ...found, policies: [...policies], sets: members };
}

export function* readState(state: DnsWatchState | undefined): Generator<Ledger> {
  if (state === undefined) return;
  const copy = JSON.parse(JSON.stringify(state)) as DnsWatchState;
  for (const { client, closedUntil, closed, families } of copy.clients) {
    const ledger = createLedger(client, closedUntil ?? Number.NEGATIVE_INFINITY);
    for (const family of families) ledger.families.add(family);
    for (const { policies, sets, ...found } of closed) {
      // JSON knows no infinity: the bounds of a tally without events.
      for (const tally of [found.tally, found.after]) {
        tally.first ??= Number.POSITIVE_INFINITY;
        tally.last ??= Number.NEGATIVE_INFINITY;
      }
      ledger.closed.set(keyOf(found), {
        ...found,
        policies: new Map(policies),
        sets: Object.fromEntries(sets.map(([name, members]) => [name, new Set(members)])),
      });
    }
    yield ledger;
  }
}
