import type { Direction } from "../policy.js";
import type { EndpointClass } from "./classes.js";
import type { CompiledPolicy } from "./compile.js";
import type { PolicyVersions } from "./versions.js";
import type { RuleTable, RuleTables } from "./tables.js";

/**
 * A class together with one of its rule tables: all that one side of a decision
 * depends on. The number names the content, so that a decision kept under it
 * never becomes wrong: a changed policy gives the class another state, and gives
 * back the old one when it is undone.
 */
export interface State {
  readonly end: EndpointClass;
  readonly table: RuleTable;
}

export interface States {
  /** State by the latest policies. */
  now(end: number, direction: Direction): number;
  /** State by the policies of a moment, in ms since 1970. */
  at(end: number, direction: Direction, time: number): number;
  get(state: number): State;
  /** Forgets which policies select the class; what they decide stays known. */
  invalidate(end: EndpointClass): void;
  count(): number;
}

interface Timeline {
  /** Moments at which the policies of the class change, ascending; the first is −∞. */
  readonly times: readonly number[];
  /** State from that moment on, once it was asked for. */
  readonly states: (number | undefined)[];
}

export function createStates(
  classes: { byId(id: number): EndpointClass },
  versions: PolicyVersions,
  tables: RuleTables,
): States {
  const current = { ingress: new Uint32Array(1024), egress: new Uint32Array(1024) };
  /** By class. */
  const timelines: Record<Direction, (Timeline | undefined)[]> = { ingress: [], egress: [] };
  // Number 0 is no state.
  const list: (State | undefined)[] = [undefined];
  const numbers = new Map<number, number>();

  const numberOf = (
    end: EndpointClass,
    direction: Direction,
    policies: readonly CompiledPolicy[],
  ): number => {
    const table = tables.of(end, direction, policies);
    const key = table.id * 2 ** 26 + end.id;
    let number = numbers.get(key);
    if (number === undefined) {
      number = list.length;
      list.push({ end, table });
      numbers.set(key, number);
    }
    return number;
  };

  const compute = (id: number, direction: Direction): number => {
    const end = classes.byId(id);
    if (id >= current[direction].length) {
      const larger = new Uint32Array(Math.max(id + 1, current[direction].length * 2));
      larger.set(current[direction]);
      current[direction] = larger;
    }
    const state = numberOf(end, direction, versions.selectingNow(end));
    current[direction][id] = state;
    return state;
  };

  const makeTimeline = (id: number, direction: Direction): Timeline => {
    const moments = versions.momentsOf(classes.byId(id));
    const times = new Set([Number.NEGATIVE_INFINITY, ...moments]);
    times.delete(Number.POSITIVE_INFINITY);
    const timeline = { times: [...times].sort((a, b) => a - b), states: [] };
    timelines[direction][id] = timeline;
    return timeline;
  };

  const computeAt = (id: number, direction: Direction, time: number): number => {
    const end = classes.byId(id);
    return numberOf(end, direction, versions.selectingAt(end, time));
  };

  return {
    now: (id, direction) => current[direction][id] || compute(id, direction),
    at: (id, direction, time) => {
      const { times, states } = timelines[direction][id] ?? makeTimeline(id, direction);
      const segment = lastNotAfter(times, time);
      return (states[segment] ??= computeAt(id, direction, times[segment] ?? time));
    },
    get: (number) => {
      const state = list[number];
      if (state === undefined) throw new RangeError(`there is no state ${number}`);
      return state;
    },
    invalidate: ({ id }) => {
      for (const direction of ["ingress", "egress"] as const) {
        if (id < current[direction].length) current[direction][id] = 0;
        if (id < timelines[direction].length) timelines[direction][id] = undefined;
      }
    },
    count: () => list.length - 1,
  };
}

/** Index of the last of the ascending times that is not after `time`; 0 when all are. */
function lastNotAfter(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}
