import { isDenial, type Decision, type SideDecision } from "../decision.js";
import type { Profile } from "../profile.js";

/**
 * Equal decisions are one frozen object with a number from 1, so that an answer
 * from the cache allocates nothing.
 */
export interface KeptDecisions {
  keep(egress: SideDecision, ingress: SideDecision): number;
  get(number: number): Decision;
  count(): number;
  clear(): void;
}

export function createKeptDecisions({ audit }: Profile): KeptDecisions {
  let list: Decision[] = [];
  let numbers = new Map<string, number>();
  let sides = new Map<string, { readonly id: number; readonly side: SideDecision }>();
  const objects = new WeakMap<object, number>();
  let nextObject = 0;

  const numberOf = (object: object): number => {
    let number = objects.get(object);
    if (number === undefined) {
      number = nextObject++;
      objects.set(object, number);
    }
    return number;
  };

  const keepSide = (side: SideDecision): { readonly id: number; readonly side: SideDecision } => {
    const { direction, outcome, by, alsoNamed = [], derived, authentication, tier } = side;
    const refs = [...by, ...alsoNamed].map(
      ({ policy, rule }) => `${numberOf(policy)}/${numberOf(rule)}`,
    );
    const name = [direction, outcome, derived, authentication, tier, by.length, ...refs].join();
    let kept = sides.get(name);
    if (kept === undefined) {
      for (const refsOfKind of [by, alsoNamed]) {
        for (const ref of refsOfKind) Object.freeze(ref);
        Object.freeze(refsOfKind);
      }
      kept = { id: sides.size, side: Object.freeze(side) };
      sides.set(name, kept);
    }
    return kept;
  };

  return {
    keep: (egressSide, ingressSide) => {
      const egress = keepSide(egressSide);
      const ingress = keepSide(ingressSide);
      const name = `${egress.id} ${ingress.id}`;
      let number = numbers.get(name);
      if (number === undefined) {
        const denied = isDenial(egress.side.outcome) || isDenial(ingress.side.outcome);
        const decision = {
          allowed: !denied || audit,
          egress: egress.side,
          ingress: ingress.side,
        };
        number = list.push(Object.freeze(decision));
        numbers.set(name, number);
      }
      return number;
    },
    get: (number) => {
      const decision = list[number - 1];
      if (decision === undefined) throw new RangeError(`there is no decision ${number}`);
      return decision;
    },
    count: () => list.length,
    clear: () => {
      list = [];
      numbers = new Map();
      sides = new Map();
    },
  };
}
