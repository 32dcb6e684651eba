import type { Flow } from "@dropscope/model";
import { normalizeName } from "@dropscope/policy";
import { readObservation } from "../read/read.js";
import type { Answer } from "../read/observation.js";

/** Which names meant an address when, and to whom: pods and nodes see different answers. */
export interface NameHistory {
  /** Learns from the DNS proxy's log of an answer; every other flow says nothing. */
  observe(flow: Flow): void;
  /** The same of a flow that was read already. */
  learn(answer: Answer): void;
  /**
   * Names that were seen to resolve to the address up to `at` (ms) and not more than
   * a day before, by name; `among` narrows it to the answers that a pod or a node saw.
   */
  namesOf(address: string, at: number, among?: Among): NameSighting[];
  /** Different addresses known of the name. */
  addressesOf(name: string): number;
  stats(): { readonly sightings: number; readonly addresses: number; readonly names: number };
}

export interface Among {
  /** `namespace/pod`. */
  readonly pod?: string;
  readonly node?: string;
}

/** The newest answer that one pod got, before the moment that was asked about. */
export interface NameSighting {
  /** Lower case, without trailing dot. */
  readonly name: string;
  readonly address: string;
  readonly pod: string;
  readonly node: string;
  /** When it was answered, ms. */
  readonly at: number;
  /** When its time to live ended, ms. */
  readonly until: number;
}

export interface NameHistoryOptions {
  /** Answers are remembered by address, name, pod and node; so many at most, the longest unused go first. */
  readonly maxSightings?: number;
  readonly keepMs?: number;
}

interface Sighting {
  readonly address: string;
  readonly name: string;
  readonly pod: string;
  readonly node: string;
  /** Newest last, at most `ANSWERS`. */
  answers: { at: number; until: number }[];
}

/** Answers kept per sighting, so that a drop that comes late is still held against what was then. */
const ANSWERS = 8;
const DAY_MS = 24 * 3_600_000;

export function createNameHistory({
  maxSightings = 100_000,
  keepMs = DAY_MS,
}: NameHistoryOptions = {}): NameHistory {
  /** In the order of their last use. */
  const sightings = new Map<string, Sighting>();
  const byAddress = new Map<string, Map<string, Set<Sighting>>>();
  const addressCount = new Map<string, number>();

  const add = (key: string, sighting: Sighting): void => {
    sightings.set(key, sighting);
    const { address, name } = sighting;
    let names = byAddress.get(address);
    if (names === undefined) byAddress.set(address, (names = new Map()));
    let of = names.get(name);
    if (of === undefined) {
      names.set(name, (of = new Set()));
      addressCount.set(name, (addressCount.get(name) ?? 0) + 1);
    }
    of.add(sighting);
  };

  const remove = (key: string, sighting: Sighting): void => {
    sightings.delete(key);
    const { address, name } = sighting;
    const names = byAddress.get(address);
    const of = names?.get(name);
    of?.delete(sighting);
    if (of?.size !== 0) return;
    names?.delete(name);
    if (names?.size === 0) byAddress.delete(address);
    const left = (addressCount.get(name) ?? 1) - 1;
    if (left > 0) addressCount.set(name, left);
    else addressCount.delete(name);
  };

  const learn = (answer: Answer): void => {
    if (answer.rcode !== 0 || answer.query === "" || answer.refused) return;
    const { time: at, node, client, query: name } = answer;
    for (const address of answer.ips) {
      const key = JSON.stringify([address, name, node, client.pod]);
      let sighting = sightings.get(key);
      if (sighting === undefined) {
        sighting = { address, name, pod: client.pod, node, answers: [] };
        add(key, sighting);
      } else {
        // Moves it to the end of the order of use.
        sightings.delete(key);
        sightings.set(key, sighting);
      }
      remember(sighting, { at, until: at + answer.ttl * 1000 });
    }
    for (const [key, oldest] of sightings) {
      if (sightings.size <= maxSightings) break;
      remove(key, oldest);
    }
  };

  return {
    learn,
    observe: (flow) => {
      if (flow.l7?.dns === undefined) return;
      const found = readObservation(flow);
      if (found?.kind === "answer") learn(found);
    },
    namesOf: (address, at, among = {}) => {
      const found: NameSighting[] = [];
      for (const of of byAddress.get(address)?.values() ?? [])
        for (const { name, pod, node, answers } of of) {
          if (among.pod !== undefined && pod !== among.pod) continue;
          if (among.node !== undefined && node !== among.node) continue;
          const newest = answers.findLast((answer) => answer.at <= at && answer.at >= at - keepMs);
          if (newest !== undefined) found.push({ name, address, pod, node, ...newest });
        }
      return found.sort((a, b) => compare(a.name, b.name) || b.at - a.at || compare(a.pod, b.pod));
    },
    addressesOf: (name) => addressCount.get(normalizeName(name)) ?? 0,
    stats: () => ({
      sightings: sightings.size,
      addresses: byAddress.size,
      names: addressCount.size,
    }),
  };
}

/** In order of time whatever the order of coming; the same answer twice is one. */
function remember(sighting: Sighting, answer: { at: number; until: number }): void {
  const { answers } = sighting;
  let place = answers.length;
  while (place > 0 && (answers[place - 1]?.at ?? 0) > answer.at) place--;
  const same = answers[place - 1];
  if (same?.at === answer.at) {
    same.until = Math.max(same.until, answer.until);
    return;
  }
  answers.splice(place, 0, answer);
  if (answers.length > ANSWERS) answers.shift();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
