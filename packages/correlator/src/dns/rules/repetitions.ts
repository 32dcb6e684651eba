import type { Ledger } from "../ledger/ledger.js";
import { slotsAround } from "../ledger/ledger.js";
import type { Slot } from "../ledger/slot.js";
import { QUANTA, quantumOf, type Sent, sentIn } from "../ledger/waits.js";
import type { Around } from "./rule.js";

/** An attempt that repeats another one. */
export interface Repetition {
  readonly earlier: Sent;
  readonly later: Sent;
  /** ms */
  readonly gap: number;
}

/** Whoever asks more often than this from one socket is polling, not repeating. */
const MAX_REPEATS = 6;

/**
 * Repetitions near a slot, of attempts that were seen to pass and of which nothing was dropped or
 * lost. From one socket every further attempt repeats the one before; from another socket only
 * when that one had no answer, for resolvers that take a new socket every time.
 */
export function repetitionsAround(
  ledger: Ledger,
  slot: Slot,
  around: Around,
): readonly Repetition[] {
  return around.once(slot, "repetitions", () => readRepetitions(ledger, slot, around));
}

function readRepetitions(ledger: Ledger, slot: Slot, around: Around): Repetition[] {
  const { limits, gaps } = around;
  const sent = slotsAround(ledger, slot.number, 2 * QUANTA.others)
    .flatMap((one) => sentIn(ledger, one, limits.answerMs))
    .filter(({ of, dropped }) => of.traced && !dropped)
    .filter(({ of, time }) => !gaps.overlaps(of.node, time, time + limits.answerMs));
  const found: Repetition[] = [];
  for (const list of grouped(sent, ({ key }) => key))
    if (list.length > 1 && !isPolled(ledger, slot, list, limits.windowMs))
      for (const [earlier, later] of pairs(list))
        found.push({ earlier, later, gap: later.time - earlier.time });
  for (const list of grouped(sent, ({ of }) => of.track))
    for (const [earlier, later] of pairs(list)) {
      const gap = later.time - earlier.time;
      if (earlier.key === later.key || earlier.answeredAfter !== undefined) continue;
      if (gap <= 2 * QUANTA.others) found.push({ earlier, later, gap });
    }
  return found;
}

/** Attempts that had no answer, but whose repetition after just the time of a resolver had. */
export function recovered(repetitions: readonly Repetition[]): Set<Sent> {
  return new Set(
    repetitions
      .filter(({ gap, later }) => quantumOf(gap) !== undefined && later.answeredAfter !== undefined)
      .map(({ earlier }) => earlier),
  );
}

function isPolled(ledger: Ledger, slot: Slot, list: readonly Sent[], windowMs: number): boolean {
  const [first] = list;
  if (list.length > MAX_REPEATS || first === undefined) return true;
  const slots = slotsAround(ledger, slot.number, windowMs);
  return slots.filter(({ attempts }) => attempts.has(first.key)).length > MAX_REPEATS / 2;
}

function* pairs(list: readonly Sent[]): Generator<readonly [Sent, Sent]> {
  for (const [i, later] of list.entries()) {
    const earlier = list[i - 1];
    if (earlier !== undefined) yield [earlier, later];
  }
}

function grouped(sent: readonly Sent[], by: (one: Sent) => string): Iterable<Sent[]> {
  const groups = new Map<string, Sent[]>();
  for (const one of sent.toSorted((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1))) {
    const group = groups.get(by(one));
    if (group === undefined) groups.set(by(one), [one]);
    else group.push(one);
  }
  return groups.values();
}
