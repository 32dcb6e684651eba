import type { Clock } from "@dropscope/model";
import type { HubbleTarget } from "./config.js";
import { reachable } from "./diagnose.js";

/** The pause between two tries. */
export interface Rest {
  for(ms: number): Promise<void>;
  end(): void;
}

const KNOCK_MS = 1_000;

/**
 * Waits, but not past the return of the server: while nothing accepts connections there, a plain TCP
 * connect each second costs next to nothing, and the first that succeeds ends the pause. So the backoff
 * may grow to 30 s and a relay that comes back is still read again within two.
 */
export function createRest(clock: Clock, target: HubbleTarget): Rest {
  let finish = () => {};
  const ending = new AbortController();
  return {
    async for(ms) {
      if (ending.signal.aborted) return;
      const untilMs = clock.now() + ms;
      let wasAway = false;
      while (!ending.signal.aborted) {
        const leftMs = untilMs - clock.now();
        if (leftMs <= 0) return;
        const here = await reachable(target);
        if (here && wasAway) return;
        wasAway = !here;
        // Somebody answers: then it is not the way that is broken, and the backoff counts.
        await sleep(here ? leftMs : Math.min(KNOCK_MS, leftMs));
      }
    },
    end() {
      ending.abort();
      finish();
    },
  };

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      finish = () => {
        cancel();
        resolve();
      };
    });
  }
}
