import type { Clock, DropscopeError, Gap } from "@dropscope/model";
import type { FlowDecoder } from "../decode/index.js";
import { createFeed, type Feed } from "../feed.js";
import { createRecentIds, type RecentIds } from "../recent-ids.js";
import type { HubbleTarget } from "../sources/hubble/config.js";
import { resolveHubbleTarget } from "../sources/hubble/config.js";
import type { SavedState } from "../sources/hubble/saved-state.js";
import { createHubbleSource, type HubbleSource } from "../sources/hubble/source.js";
import type { HubbleTuning } from "../sources/hubble/tuning.js";
import { createFastClock } from "./fast-clock.js";
import { createMemoryDoor, type MemoryDoor } from "./memory-door.js";
import { createObjectDecoder, rowsOf, type PlainRow } from "./object-decoder.js";

export interface TestPipelineOptions {
  /** `host:port` in plaintext, or a whole target. */
  target: string | HubbleTarget;
  tuning?: Partial<HubbleTuning>;
  saved?: SavedState | undefined;
  /** Default: a fresh one. A second pipeline that gets the first one's is a restart with seeded ids. */
  recentIds?: RecentIds;
  door?: MemoryDoor;
  clock?: Clock;
  decoder?: FlowDecoder;
  maxUnacked?: number;
}

export interface TestPipeline {
  source: HubbleSource;
  feed: Feed;
  door: MemoryDoor;
  clock: Clock;
  recentIds: RecentIds;
  gaps: Gap[];
  notices: DropscopeError[];
  fatal: DropscopeError[];
  /** Checkpoints, as they may be persisted: taken when their batch was sealed. */
  marks: SavedState[];
  /** What was sealed. */
  rows(): PlainRow[];
}

/** The Hubble source in this thread, at twenty times the speed of life, with a door in memory. */
export function createTestPipeline(options: TestPipelineOptions): TestPipeline {
  const clock = options.clock ?? createFastClock(20);
  const door = options.door ?? createMemoryDoor();
  const recentIds = options.recentIds ?? createRecentIds({ now: () => clock.now() });
  const gaps: Gap[] = [];
  const notices: DropscopeError[] = [];
  const fatal: DropscopeError[] = [];
  const marks: SavedState[] = [];
  let feed!: Feed;
  const source = createHubbleSource({
    target: typeof options.target === "string" ? plaintext(options.target) : options.target,
    clock,
    random: () => 1,
    recentIds,
    saved: options.saved,
    ...(options.tuning && { tuning: options.tuning }),
    onNotice: (notice) => notices.push(notice),
    onFatal: (error) => fatal.push(error),
    feed: (hooks) =>
      (feed = createFeed<SavedState>({
        door,
        clock,
        recentIds,
        decoder: options.decoder ?? createObjectDecoder(),
        live: true,
        ...(options.maxUnacked && { maxUnacked: options.maxUnacked }),
        onDecoded: hooks.onDecoded,
        mark: hooks.mark,
        onSealed: (_batch, mark) => marks.push(mark),
        onGap: (gap) => gaps.push(gap),
        onFatal: (error) => fatal.push(error),
      })),
  });
  return {
    source,
    feed,
    door,
    clock,
    recentIds,
    gaps,
    notices,
    fatal,
    marks,
    rows: () => rowsOf(door.batches),
  };
}

function plaintext(server: string): HubbleTarget {
  const result = resolveHubbleTarget({ flags: { server } });
  if (!result.ok) throw new Error(result.problems[0]?.message);
  return result.target;
}
