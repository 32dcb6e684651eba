import type { Ledger } from "../ledger/ledger.js";
import type { ServerSlot, Slot } from "../ledger/slot.js";
import { packetsOf, type Tally } from "../ledger/tally.js";
import { SLOT_MS } from "../limits.js";
import type { Around } from "./rule.js";

/** Whether a kind of answer is too frequent in some window that holds the slot. */
export function isFrequent(
  ledger: Ledger,
  slot: Slot,
  serverKey: string,
  around: Around,
  test: {
    readonly of: (server: ServerSlot) => Tally;
    readonly share: number;
    readonly atLeast: number;
    readonly ofAtLeast: number;
  },
): boolean {
  const length = Math.max(1, Math.round(around.limits.windowMs / SLOT_MS));
  for (let start = slot.number - length + 1; start <= slot.number; start++) {
    let [some, all] = [0, 0];
    for (let number = start; number < start + length; number++) {
      const server = ledger.slots.get(number)?.servers.get(serverKey);
      if (server === undefined) continue;
      some += packetsOf(test.of(server));
      all += packetsOf(server.rcodes);
    }
    if (some >= test.atLeast && all >= test.ofAtLeast && some > test.share * all) return true;
  }
  return false;
}
