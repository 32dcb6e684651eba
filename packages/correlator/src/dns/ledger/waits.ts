import { SLOT_MS } from "../limits.js";
import type { Ledger } from "./ledger.js";
import { type Attempts, type Slot, TICK_MS } from "./slot.js";

/** One attempt at a lookup: A and AAAA together, however many points saw the packets. */
export interface Sent {
  /** ms */
  readonly time: number;
  readonly key: string;
  readonly of: Attempts;
  readonly slot: number;
  /** When the first answer came, ms after; undefined when none came in time. */
  readonly answeredAfter: number | undefined;
  /** A packet of the socket was dropped, there or back. */
  readonly dropped: boolean;
  /** The flow that told of it; empty for repetitions. */
  readonly uuid: string;
}

/** Packets so close together belong to one attempt; resolvers wait for seconds. */
const BURST_MS = 500;

/** What a slot came to, for as long as nothing is written into it or its neighbours. */
interface Read {
  readonly versions: readonly unknown[];
  readonly sent: readonly Sent[];
  readonly isCalm: boolean;
}

const known = new WeakMap<Slot, Read>();

/**
 * Attempts of one client within a slot, in order of time; the same objects while nothing changes.
 * @param answerMs how late an answer may come
 */
export function sentIn(ledger: Ledger, slot: Slot, answerMs: number): readonly Sent[] {
  return slot.attempts.size === 0 ? [] : readSlot(ledger, slot, answerMs).sent;
}

/** Every attempt was the first from its socket and was answered: nothing to be found. */
export function isCalm(ledger: Ledger, slot: Slot, answerMs: number): boolean {
  if (slot.attempts.size === 0) return true;
  const before = ledger.slots.get(slot.number - 1);
  const isCalmBefore =
    before === undefined ||
    before.attempts.size === 0 ||
    readSlot(ledger, before, answerMs).sent.every(isAnswered);
  return isCalmBefore && readSlot(ledger, slot, answerMs).isCalm;
}

const isAnswered = ({ answeredAfter }: Sent): boolean => answeredAfter !== undefined;

function readSlot(ledger: Ledger, slot: Slot, answerMs: number): Read {
  const before = ledger.slots.get(slot.number - 1);
  const after = ledger.slots.get(slot.number + 1);
  const versions = [before?.version, slot.version, after?.version, answerMs];
  const remembered = known.get(slot);
  if (remembered?.versions.every((version, i) => version === versions[i]) === true)
    return remembered;
  const sent = readSent(before, slot, after, answerMs);
  const isRepeated = [...slot.attempts.keys()].some((key) => before?.attempts.has(key) === true);
  const isFirst = new Set(sent.map(({ key }) => key)).size === sent.length;
  const read = { versions, sent, isCalm: !isRepeated && isFirst && sent.every(isAnswered) };
  known.set(slot, read);
  return read;
}

function readSent(
  before: Slot | undefined,
  slot: Slot,
  after: Slot | undefined,
  answerMs: number,
): Sent[] {
  const slots = [before, slot, after].filter((one) => one !== undefined);
  const found: Sent[] = [];
  for (const [key, of] of slot.attempts) {
    const socket = socketOf(key);
    if (!of.logged && slots.some(({ logged }) => logged.has(socket))) continue;
    const answers = slots.flatMap(({ answers: all }) => all.get(key) ?? []);
    const dropped = slots.some((one) => one.dropped.has(socket));
    // A burst that began in the slot before is counted there.
    let last = (before?.attempts.get(key)?.times.at(-1) ?? Number.NEGATIVE_INFINITY) * TICK_MS;
    for (const tick of of.times) {
      const time = tick * TICK_MS;
      const isNew = time - last > BURST_MS;
      last = time;
      if (!isNew) continue;
      const waits = answers
        .map((answer) => answer * TICK_MS - time)
        .filter((wait) => wait >= -BURST_MS && wait <= answerMs);
      found.push({
        time,
        key,
        of,
        dropped,
        slot: slot.number,
        answeredAfter: waits.length === 0 ? undefined : Math.min(...waits),
        uuid: Math.floor(of.sample.time / TICK_MS) === tick ? of.sample.uuid : "",
      });
    }
  }
  return found.sort((a, b) => a.time - b.time || (a.key < b.key ? -1 : 1));
}

function socketOf(key: string): string {
  const blank = key.indexOf(" ");
  return blank < 0 ? key : key.slice(0, blank);
}

/** How long resolvers wait before they ask again, ms: musl; glibc and Go. Measured. */
export const QUANTA = { musl: 2_500, others: 5_000 } as const;
const TOLERANCE_MS = 100;

export type Quantum = keyof typeof QUANTA;

export function quantumOf(gap: number): Quantum | undefined {
  if (Math.abs(gap - QUANTA.musl) <= TOLERANCE_MS) return "musl";
  return Math.abs(gap - QUANTA.others) <= TOLERANCE_MS ? "others" : undefined;
}

/** Waits between two attempts from one socket that end in this slot. */
export function quantaIn(
  ledger: Ledger,
  slot: Slot,
  serverKey: string,
): Readonly<Record<Quantum, number>> {
  const found = { musl: 0, others: 0 };
  const reach = Math.ceil(QUANTA.others / SLOT_MS);
  for (const [key, of] of slot.attempts) {
    if (of.serverKey !== serverKey) continue;
    const earlier = ledger.slots.get(slot.number - reach)?.attempts.get(key)?.times ?? [];
    const times = [...earlier, ...of.times].map((tick) => tick * TICK_MS);
    let start = times[0] ?? 0;
    for (const [i, time] of times.entries()) {
      if (i > 0 && time - (times[i - 1] ?? time) <= BURST_MS) continue;
      const quantum = i === 0 || i < earlier.length ? undefined : quantumOf(time - start);
      if (quantum !== undefined) found[quantum]++;
      start = time;
    }
  }
  return found;
}
