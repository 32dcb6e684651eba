import type { Clock, DropscopeError, Gap } from "@dropscope/model";
import type { SpoolDoor } from "@dropscope/store";
import { createDecoder } from "./decode/index.js";
import { createFeed, type Feed } from "./feed.js";
import { createRecentIds } from "./recent-ids.js";
import { createStateKeeper } from "./sources/hubble/saved-state.js";
import { createHubbleSource, type HubbleSource } from "./sources/hubble/source.js";
import type { WorkerInput } from "./thread-messages.js";

export interface LiveFeed {
  source: HubbleSource;
  feed: Feed;
  stop(deadlineMs: number): Promise<void>;
}

/** What the outside hears of a running source. */
export interface Tell {
  notice: (notice: DropscopeError) => void;
  gap: (gap: Gap) => void;
  fatal: (error: DropscopeError) => void;
}

/** The live source with all that belongs to it, in whichever thread it is to run. */
export function createLiveFeed(
  input: WorkerInput,
  door: SpoolDoor,
  clock: Clock,
  tell: Tell,
): LiveFeed {
  const recentIds = createRecentIds({ maxBytes: input.recentIdsBytes, now: () => clock.now() });
  if (input.seed !== undefined) recentIds.seed(input.seed.ids, input.seed.completeSinceMs);
  const keeper = createStateKeeper(input.stateFile, input.target.address.dial, clock, () => {});
  let feed!: Feed;
  const source = createHubbleSource({
    target: input.target,
    clock,
    recentIds,
    saved: input.saved,
    tuning: input.tuning,
    onNotice: tell.notice,
    onFatal: tell.fatal,
    feed: (hooks) =>
      (feed = createFeed({
        door,
        clock,
        recentIds,
        decoder: createDecoder({ capacity: input.batchRows, redact: input.redact }),
        live: true,
        maxAgeMs: input.batchAgeMs,
        maxUnacked: input.maxUnacked,
        onDecoded: hooks.onDecoded,
        mark: hooks.mark,
        onSealed: (_batch, mark) => keeper.keep(mark),
        onGap: tell.gap,
        onFatal: tell.fatal,
      })),
  });
  return {
    source,
    feed,
    async stop(deadlineMs) {
      await source.stop(deadlineMs);
      await keeper.flush();
    },
  };
}
