import type { Clock, Coverage, Part } from "@dropscope/model";
import type { FlowReader, Store } from "@dropscope/store";

/** How the source is, as far as this process knows. */
export interface SourceView {
  kind: "relay" | "simulator" | "file" | "none";
  address: string;
  state: Coverage["source"]["state"];
  message: string;
  nodes: Coverage["nodes"];
  flowsPerSecond: number;
}

export interface CoverageWatch extends Part {
  coverage(): Coverage;
}

/** Losses of this long ago still count as recent, ms. */
const RECENT_MS = 15 * 60_000;
const LOOK_MS = { asked: 1_000, unasked: 10_000 };
/** Who asked so long ago is taken to have gone. */
const GONE_MS = 10_000;

/**
 * Keeps an answer to "may this view be trusted?" ready, so that asking costs nothing: the store is
 * looked at once a second while somebody asks, and a store that is down is said to be down rather
 * than waited for.
 */
export function createCoverage(options: {
  reader: Pick<FlowReader, "totals">;
  store: Pick<Store, "state">;
  source: () => SourceView | undefined;
  clock: Clock;
}): CoverageWatch {
  const { reader, store, clock } = options;
  let totals: Awaited<ReturnType<FlowReader["totals"]>> | undefined;
  let previous: { at: number; flows: number } | undefined;
  let landing = 0;
  let cancel: () => void = () => undefined;
  let stopped = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let resting = false;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      const seen = await reader.totals(BigInt(clock.now() - RECENT_MS) * 1_000_000n);
      const at = clock.now();
      // For a process that only reads, the rate at which flows land is the rate there is.
      if (previous && at > previous.at)
        landing = Math.max(0, ((seen.flows - previous.flows) * 1000) / (at - previous.at));
      previous = { at, flows: seen.flows };
      totals = seen;
    } catch {
      // The store's own state says what is wrong; the last totals stay.
      landing = 0;
    }
  }

  function loop(): void {
    resting = false;
    looking = look().finally(() => {
      if (stopped) return;
      resting = clock.now() - askedAt > GONE_MS;
      cancel = clock.after(resting ? LOOK_MS.unasked : LOOK_MS.asked, loop);
    });
  }

  function asked(now: number): void {
    askedAt = now;
    if (!resting || stopped) return;
    cancel();
    loop();
  }

  return {
    start() {
      // Whoever starts it is about to ask.
      askedAt = clock.now();
      loop();
      return Promise.resolve();
    },
    async stop() {
      stopped = true;
      cancel();
      await looking;
    },
    coverage() {
      const now = clock.now();
      asked(now);
      const source = options.source();
      const nodes = totals?.nodes ?? [];
      const newest = totals?.newestNs ?? 0n;
      return {
        now,
        source: source
          ? {
              kind: source.kind,
              address: source.address,
              state: source.state,
              message: source.message,
            }
          : { kind: "none", address: "", state: "ok", message: "" },
        nodes: source?.nodes ?? { connected: nodes.length, total: nodes.length, unavailable: [] },
        lost: { recent: totals?.lostRecent ?? 0, total: totals?.lostTotal ?? 0 },
        lagMs: newest === 0n ? -1 : Math.max(0, now - Number(newest / 1_000_000n)),
        flowsPerSecond: source && source.kind !== "file" ? source.flowsPerSecond : landing,
        store: store.state(),
      };
    },
  };
}
