import { groupBy } from "./group.js";
import { SHORTEST_FOR_PATTERNS } from "./pattern.js";

/** What is looked at of an edge: who tries what, where, when, and with what success. */
export interface Probe {
  readonly source: string;
  readonly target: string;
  /** `TCP/443`. */
  readonly port: string;
  /** Hours since 1970, and the flows in each. */
  readonly hours: readonly number[];
  readonly hourFlows: readonly number[];
  readonly dropped: boolean;
  /** Nobody answered, although answers are seen elsewhere. */
  readonly unanswered: boolean;
  /** Nothing but first packets and at most one answer to each: so a closed port looks, and a short exchange. */
  readonly brief: boolean;
  /** The target says that it listens there. */
  readonly declared: boolean;
}

/** So many different doors tried make a scan: on one target, at one port of many, or in all. */
interface Many {
  readonly ports: number;
  readonly targets: number;
  readonly doors: number;
}

/** Where nobody opens, and where somebody may have. */
const CLOSED: Many = { ports: 4, targets: 6, doors: 8 };
const UNFAMILIAR: Many = { ports: 6, targets: 20, doors: 16 };
/** Of what a source does in the time of a scan, so much must be trying doors. */
const SHARE = 0.6;
/** Flows an hour up to which somebody only knocks: once, and a few times more where nobody opens. */
const FEW = 4;
const FEW_CLOSED = 12;
/** Where somebody comes and goes for so much of the time, he is no stranger. */
const OFTEN_HOURS = 12;
const OFTEN_SHARE = 0.25;
/** Hours in which a single door is tried, at most: who comes more often has something to do there. */
const RARELY = 2;
/** Trying slowly, over days, takes so many times as many. */
const SLOWLY = 1.5;

/** What is found out about single probes, in the light of all of them. */
interface Judge<P> {
  readonly kindOf: (probe: P) => "closed" | "unfamiliar" | undefined;
  readonly isOften: (probe: P) => boolean;
}

/**
 * Edges of those who try many ports or many targets: in one hour, every night, or slowly. What a source
 * does besides, in other hours or much more of, is not among them.
 * @param observed hours in which anything was seen at all
 */
export function scansAmong<P extends Probe>(
  probes: readonly P[],
  observed: readonly number[],
): ReadonlySet<P> {
  const judge = createJudge<P>(probes, observed);
  const scans = new Set<P>();
  for (const own of groupBy(probes, ({ source }) => source).values())
    for (const one of scansOf(own, judge)) scans.add(one);
  return scans;
}

function createJudge<P extends Probe>(probes: readonly P[], observed: readonly number[]): Judge<P> {
  const isOften = ({ hours }: P): boolean =>
    hours.length >= OFTEN_HOURS && hours.length >= observed.length * OFTEN_SHARE;
  // Doors that somebody really uses; another who only knocks there is no witness.
  const used = new Set(
    probes
      .filter((one) => !one.dropped && !one.unanswered && (isOften(one) || perHour(one) > FEW))
      .map(doorOf),
  );
  // In a short time everybody comes for the first time: only what looks refused is a try then.
  const isShort = observed.length < SHORTEST_FOR_PATTERNS;
  return {
    isOften,
    kindOf: (probe) => {
      if (isOften(probe)) return undefined;
      const flows = perHour(probe);
      if (probe.dropped || probe.unanswered) return flows > FEW_CLOSED ? undefined : "closed";
      const isFamiliar = used.has(doorOf(probe)) || probe.declared || flows > FEW;
      return isFamiliar || (isShort && !probe.brief) ? undefined : "unfamiliar";
    },
  };
}

/** Of one source. */
function scansOf<P extends Probe>(own: readonly P[], { kindOf, isOften }: Judge<P>): P[] {
  const kinds = new Map(own.map((one) => [one, kindOf(one)]));
  const tries = own.filter((one) => kinds.get(one) !== undefined);
  if (tries.length < CLOSED.ports) return [];
  const knocks = median(tries.map(perHour));
  const isLight = (one: P): boolean =>
    !isOften(one) && perHour(one) <= Math.max(FEW + 2, 2 * knocks);
  const isScan = (some: readonly P[], times: number): boolean => {
    const closed = some.filter((one) => kinds.get(one) === "closed");
    const tried = some.filter((one) => kinds.get(one) !== undefined);
    return (
      tried.length >= some.length * SHARE &&
      (isMany(closed, CLOSED, times) || isMany(tried, UNFAMILIAR, times))
    );
  };
  const byHour = new Map<number, P[]>();
  for (const one of own)
    for (const hour of one.hours) {
      const some = byHour.get(hour);
      if (some === undefined) byHour.set(hour, [one]);
      else some.push(one);
    }
  // A scan does not heed the turn of an hour.
  const hours = new Set<number>();
  for (const [hour, some] of byHour) {
    const next = byHour.get(hour + 1) ?? [];
    if (isScan(some, 1)) hours.add(hour);
    else if (isScan([...new Set([...some, ...next])], 1))
      for (const one of [hour, hour + 1]) hours.add(one);
  }
  const isAround = (hour: number): boolean =>
    hours.has(hour) || hours.has(hour - 1) || hours.has(hour + 1);
  // Who does nothing else is let in nowhere, though some doors are meant to be open.
  const onlyScans = own.every((one) => one.hours.every(isAround));
  const found = own.filter((one) => {
    if (!isLight(one) || one.hours.length === 0) return false;
    if (onlyScans || one.hours.every((hour) => hours.has(hour))) return true;
    if (kinds.get(one) === undefined) return false;
    // What was tried once before, by mistake, is no habit either.
    const isRare = one.hours.length <= RARELY && one.hours.some(isAround);
    return isRare || one.hours.every(isAround);
  });
  if (found.length > 0) return found;
  const rare = own.filter((one) => one.hours.length <= RARELY && isLight(one));
  return isScan(rare, SLOWLY) ? rare : [];
}

function isMany(some: readonly Probe[], { ports, targets, doors }: Many, times: number): boolean {
  const portsOf = new Map<string, Set<string>>();
  const targetsOf = new Map<string, Set<string>>();
  for (const { target, port } of some) {
    addTo(portsOf, target, port);
    addTo(targetsOf, port, target);
  }
  const most = (sets: ReadonlyMap<string, ReadonlySet<string>>): number =>
    Math.max(0, ...[...sets.values()].map(({ size }) => size));
  const all = new Set(some.map(doorOf)).size;
  return (
    most(portsOf) >= ports * times ||
    most(targetsOf) >= targets * times ||
    // The same port everywhere may be somebody's job.
    (targetsOf.size > 1 && portsOf.size > 1 && all >= doors * times)
  );
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

const doorOf = ({ target, port }: Probe): string => `${target} ${port}`;

function perHour({ hours, hourFlows }: Probe): number {
  const flows = hourFlows.reduce((sum, one) => sum + one, 0);
  return flows / Math.max(1, hours.length);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
