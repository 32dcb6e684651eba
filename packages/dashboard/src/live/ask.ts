import { type Clock, DropscopeError } from "@dropscope/model";

/** Asks the store within bounds: few questions at once, and none for ever. */
export interface Ask {
  <T>(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** A store that says nothing for so long counts as gone. */
const PATIENCE_MS = 15_000;

export function createAsk(clock: Clock, atOnce: number): Ask {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function turn(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    // The one who ends passes its place on, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function done(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return async (signal, run) => {
    await turn();
    try {
      signal.throwIfAborted();
      return await withPatience(clock, signal, run);
    } finally {
      done();
    }
  };
}

/** Ends with the signal or the patience even when `run` heeds neither. */
function withPatience<T>(
  clock: Clock,
  outer: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      controller.abort(reason);
      reject(reason instanceof Error ? reason : new Error("aborted"));
    };
    const onAbort = () => giveUp(outer.reason);
    outer.addEventListener("abort", onAbort, { once: true });
    const cancel = clock.after(PATIENCE_MS, () => giveUp(silent()));
    const settle = () => {
      cancel();
      outer.removeEventListener("abort", onAbort);
    };
    Promise.resolve(controller.signal).then(run).finally(settle).then(resolve, reject);
  });
}

function silent(): DropscopeError {
  return new DropscopeError("STORE_TIMEOUT", "The store did not answer in time.", {
    next: "`dropscope doctor` says what is wrong with it.",
  });
}
