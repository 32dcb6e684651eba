import type { StoreLogger } from "@dropscope/store";
import type { Counters } from "./stats.js";

const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** The store is away: says so once, waits longer each time, and says when it is back. */
export function createTrouble(
  logger: StoreLogger | undefined,
  counters: Counters,
): { happened(error: unknown): number; over(): void } {
  let failures = 0;
  return {
    happened(error) {
      failures += 1;
      const reason = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
      counters.state = "waiting";
      counters.message = `The store cannot be worked with (${reason.slice(0, 200)}); drops wait to be explained.`;
      if (failures === 1)
        logger?.warn("drops cannot be explained now; it is tried again", { reason });
      return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, failures - 1));
    },
    over() {
      if (failures > 0) logger?.info("drops are explained again", { failures });
      failures = 0;
      counters.message = "";
    },
  };
}
