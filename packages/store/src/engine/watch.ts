import type { Clock } from "@dropscope/model";

/** All in ms. */
export interface WatchTimes {
  readonly everyMs: number;
  /** Without an answer for so long it hangs. A busy machine makes it slow, but not as slow as that. */
  readonly patienceMs: number;
  /** One insert may take so long; the next ones wait behind it. */
  readonly insertMs: number;
}

const TIMES: WatchTimes = { everyMs: 10_000, patienceMs: 60_000, insertMs: 300_000 };

/**
 * Watches over an engine that lives: one that hangs neither ends nor answers, and no batch would be
 * stored any more without anybody being told. The returned function ends it.
 * @param onHung called once, with the reason
 */
export function watchEngine(
  url: string,
  given: { readonly clock: Clock } & Partial<WatchTimes>,
  onHung: (why: string) => void,
): () => void {
  const { clock, everyMs, patienceMs, insertMs } = { ...TIMES, ...given };
  let silentSince: number | undefined;
  let ended = false;
  let cancel = (): void => undefined;

  async function look(): Promise<string | undefined> {
    const begun = performance.now();
    try {
      const response = await fetch(`${url}/alive`, { signal: AbortSignal.timeout(everyMs) });
      const alive = (await response.json()) as { insertMs: number };
      silentSince = undefined;
      return alive.insertMs > insertMs
        ? `an insert goes on for ${Math.round(alive.insertMs / 1000)} s`
        : undefined;
    } catch {
      silentSince ??= begun;
      const silent = performance.now() - silentSince;
      return silent > patienceMs ? `no answer for ${Math.round(silent / 1000)} s` : undefined;
    }
  }

  async function turn(): Promise<void> {
    const why = await look();
    if (ended) return;
    if (why === undefined) return again();
    ended = true;
    onHung(why);
  }

  function again(): void {
    cancel = clock.after(everyMs, () => void turn());
  }

  again();
  return () => {
    ended = true;
    cancel();
  };
}
