import { type Ledger, MAX_NODES, slotsAround } from "../ledger/ledger.js";
import type { Slot } from "../ledger/slot.js";
import { createTally, merge, type Tally } from "../ledger/tally.js";
import { isCalm } from "../ledger/waits.js";
import { SLOT_MS, slotOf } from "../limits.js";
import { RULES } from "../rules/index.js";
import type { Around } from "../rules/rule.js";
import { addFound, addPart, type Found, type Part } from "./found.js";

/** Everything found for a client up to now, in no order. */
export function evaluate(ledger: Ledger, around: Around): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const one of ledger.closed.values()) addFound(found, one);
  for (const slot of ledger.slots.values())
    if (slot.number > ledger.closedUntil)
      for (const part of partsOf(ledger, slot, around)) addPart(found, part);
  return found;
}

/**
 * Closes slots of which no more can come, up to `until` (a slot's number), and lets go of those
 * that no open one looks back at.
 * @returns the slots that were let go
 */
export function closeSlots(ledger: Ledger, until: number, around: Around): Slot[] {
  if (until <= ledger.closedUntil) return [];
  for (const slot of ledger.slots.values())
    if (slot.number > ledger.closedUntil && slot.number <= until)
      for (const part of partsOf(ledger, slot, around)) addPart(ledger.closed, part);
  ledger.closedUntil = until;
  const context = Math.ceil(around.limits.windowMs / SLOT_MS);
  const gone = [...ledger.slots.values()].filter(({ number }) => number <= until - context);
  for (const { number } of gone) ledger.slots.delete(number);
  return gone;
}

/** A node that lags so far behind the others is gone, or its clock is wrong: nobody waits for it. */
const STALLED_MS = 600_000;

/**
 * Up to which slot nothing within the window can still come, since flows of all nodes that tell of
 * the client are newer. Of clients that fell silent too: what the others met at the same time
 * has to be there still when they are closed.
 */
export function closableUntil(
  { newest, nodes }: Ledger,
  { limits, nodeTime }: Pick<Around, "limits" | "nodeTime">,
): number {
  const oldest =
    nodes.size === 0 || nodes.size >= MAX_NODES
      ? Number.NEGATIVE_INFINITY
      : Math.min(...[...nodes].map((node) => nodeTime(node) ?? Number.NEGATIVE_INFINITY));
  const now = newest - oldest > STALLED_MS ? newest : oldest;
  return slotOf(now - limits.latenessMs - limits.windowMs) - 1;
}

function* partsOf(ledger: Ledger, slot: Slot, around: Around): Generator<Part> {
  if (isQuiet(ledger, slot, around)) return;
  let after: Tally | undefined;
  for (const definition of RULES)
    for (const part of definition.judge(ledger, slot, around)) {
      if (!STALLING.has(definition.rule)) yield part;
      else yield { ...part, after: (after ??= dropsAfter(ledger, slot, part.tally.first)) };
    }
}

/** Lookups that were answered as they should, and nothing else: no rule finds anything in them. */
function isQuiet(ledger: Ledger, slot: Slot, { limits }: Around): boolean {
  if (slot.outside.size > 0) return false;
  for (const { drops, refusals, unproxied, servfail, search } of slot.servers.values())
    if (
      drops.size > 0 ||
      refusals.size > 0 ||
      unproxied.size > 0 ||
      hasAny(servfail) ||
      hasAny(search)
    )
      return false;
  return isCalm(ledger, slot, limits.answerMs);
}

const hasAny = ({ last }: Tally): boolean => last !== Number.NEGATIVE_INFINITY;

/** Rules after whose failure a client's connections fail. */
const STALLING: ReadonlySet<string> = new Set(["D1", "D2", "D3", "D5", "D6", "D7", "D8"]);
/** The longest stall that is measured, ms. */
const AFTER_MS = 40_000;

/** Other drops of the client from then on; that they follow is all that is claimed. */
function dropsAfter(ledger: Ledger, slot: Slot, from: number): Tally {
  const found = createTally();
  for (const { number, otherDrops } of slotsAround(ledger, slot.number, AFTER_MS))
    if (number >= slot.number && otherDrops.last >= from) merge(found, otherDrops);
  found.samples = found.samples.filter(({ time }) => time >= from);
  return found;
}
