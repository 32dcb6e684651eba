import type { DnsClient } from "../read/client.js";
import type { Found } from "../findings/found.js";
import { SLOT_MS, slotOf } from "../limits.js";
import { createSlot, type Slot } from "./slot.js";

/** All that is known of one client workload. */
export interface Ledger {
  readonly client: DnsClient;
  readonly slots: Map<number, Slot>;
  /** What slots that are closed came to. */
  readonly closed: Map<string, Found>;
  /** Slots up to this one are closed: what still comes for them is context, and counts no more. */
  closedUntil: number;
  /** Newest time seen, ms. */
  newest: number;
  /** Nodes that told of it, at most `MAX_NODES`. */
  readonly nodes: Set<string>;
  /** When something last came, by the clock, ms. */
  touched: number;
  /** Names that findings are folded by. */
  readonly families: Set<string>;
}

export const MAX_NODES = 64;

export function createLedger(client: DnsClient, closedUntil = Number.NEGATIVE_INFINITY): Ledger {
  return {
    client,
    slots: new Map(),
    closed: new Map(),
    closedUntil,
    newest: Number.NEGATIVE_INFINITY,
    nodes: new Set(),
    touched: 0,
    families: new Set(),
  };
}

/** The slot for a moment; undefined when it came too late to change anything. */
export function slotAt(ledger: Ledger, time: number, contextMs: number): Slot | undefined {
  const number = slotOf(time);
  const known = ledger.slots.get(number);
  if (known !== undefined) return known;
  if (number <= ledger.closedUntil - contextMs / SLOT_MS) return undefined;
  const slot = createSlot(number);
  ledger.slots.set(number, slot);
  return slot;
}

/** Slots that lie within `ms` of another one, itself included, in order of time. */
export function slotsAround(ledger: Ledger, number: number, ms: number): Slot[] {
  const reach = Math.ceil(ms / SLOT_MS);
  const found: Slot[] = [];
  for (let i = number - reach; i <= number + reach; i++) {
    const slot = ledger.slots.get(i);
    if (slot !== undefined) found.push(slot);
  }
  return found;
}
