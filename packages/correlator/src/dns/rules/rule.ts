import type { DnsFinding, DnsRule } from "@dropscope/model";
import type { Found, Part } from "../findings/found.js";
import type { GapLog } from "../ledger/gaps.js";
import type { Ledger } from "../ledger/ledger.js";
import type { Slot } from "../ledger/slot.js";
import type { DnsLimits } from "../limits.js";
import type { NameHistory } from "../names/history.js";
import type { Crowd } from "./crowd.js";

/** One detection rule. Pure: the same ledgers give the same findings. */
export interface DnsRuleDefinition {
  readonly rule: DnsRule;
  /** What one slot of a client adds to findings of the rule; looks at the slots within the window around it. */
  judge(ledger: Ledger, slot: Slot, around: Around): Iterable<Part>;
  /** Puts what was found into words; undefined when all of it together is not enough. */
  describe(found: Found): Words | undefined;
}

/** What a rule may look at beside the client's own slots. */
export interface Around {
  readonly limits: DnsLimits;
  readonly names: NameHistory;
  readonly gaps: GapLog;
  /** What the other clients of a server met at the same time. */
  readonly crowd: Crowd;
  /** What `make` gives, once for each slot and key within one evaluation. */
  once<Value>(slot: Slot, key: string, make: () => Value): Value;
  /** Newest time of any flow of the node, ms; undefined when it sent none. */
  nodeTime(node: string): number | undefined;
}

export function createOnce(): Around["once"] {
  const slots = new WeakMap<Slot, Map<string, unknown>>();
  return <Value>(slot: Slot, key: string, make: () => Value): Value => {
    let known = slots.get(slot);
    if (known === undefined) slots.set(slot, (known = new Map()));
    if (!known.has(key)) known.set(key, make());
    return known.get(key) as Value;
  };
}

export type Words = Pick<
  DnsFinding,
  "severity" | "query" | "detail" | "sentence" | "stall" | "next"
>;
