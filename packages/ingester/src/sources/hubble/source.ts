import { status as Code } from "@grpc/grpc-js";
import type { Clock, DropscopeError, Part } from "@dropscope/model";
import type { Decoded } from "../../decode/index.js";
import type { Feed } from "../../feed.js";
import type { RecentIds } from "../../recent-ids.js";
import type { IngesterStatus } from "../../status.js";
import { createBackoff } from "./backoff.js";
import type { HubbleTarget } from "./config.js";
import { connect, type HubbleConnection } from "./connect.js";
import { diagnose } from "./diagnose.js";
import { classify, streamError } from "./failures.js";
import { createRefreshPlan } from "./refresh.js";
import { createRest } from "./rest.js";
import type { SavedState } from "./saved-state.js";
import { createFactsPoller } from "./server-facts.js";
import { createStatusBoard } from "./status-board.js";
import { readStream, type Stream, type StreamEnd } from "./stream.js";
import { createTracker } from "./tracker.js";
import { HUBBLE_TUNING, type HubbleTuning } from "./tuning.js";

export interface HubbleSourceOptions {
  target: HubbleTarget;
  clock: Clock;
  /** 0 … 1, for jitter. */
  random?: () => number;
  recentIds: RecentIds;
  saved?: SavedState | undefined;
  tuning?: Partial<HubbleTuning>;
  /** Makes the feed with the source's hooks in it. */
  feed: (hooks: FeedHooks) => Feed;
  /** Worth a line in the log: insecure TLS, a certificate that was read again. */
  onNotice?: (notice: DropscopeError) => void;
  /** The source has ended and will not come back by itself. */
  onFatal?: (error: DropscopeError) => void;
}

export interface FeedHooks {
  onDecoded: (decoded: Decoded, repeat: boolean) => void;
  mark: () => SavedState;
}

export interface HubbleSource extends Part {
  status(): IngesterStatus;
  /** What may be persisted now that everything is sealed. */
  snapshot(): SavedState;
}

/** Reading was not held back for so long: what is on the way is new, and still in the rings. */
const CAUGHT_UP_MS = 10_000;
const LATE_MS = 10_000;

/**
 * Follows one Hubble server for ever:
 *
 *     connect ─▶ resume(since) ─▶ read ─▶ ended ─┬─ ours: at once
 *        ▲                                       ├─ retry: after the backoff
 *        └───────────────────────────────────────┘   fatal: stop, and say why
 */
export function createHubbleSource(options: HubbleSourceOptions): HubbleSource {
  const { target, clock, recentIds } = options;
  const tuning: HubbleTuning = { ...HUBBLE_TUNING, ...options.tuning };
  const random = options.random ?? Math.random;
  const backoff = createBackoff({
    random,
    firstMs: tuning.backoffFirstMs,
    longestMs: tuning.backoffLongestMs,
  });
  const tracker = createTracker({
    saved: options.saved,
    overlapMs: tuning.overlapMs,
    backfillMs: tuning.backfillMs,
    silentAfterMs: tuning.silentAfterMs,
    gap: (gap) => feed.gap(gap),
  });
  const poller = createFactsPoller();
  const rest = createRest(clock, target);
  const refresh = createRefreshPlan(target, tuning, (notice) => options.onNotice?.(notice));
  let failures = 0;
  let pausedMs = -Infinity;
  let tickedMs = 0;
  const feed = options.feed({
    onDecoded(decoded, repeat) {
      tracker.decoded(decoded, repeat, clock.now());
      if (decoded.kind === "node-status") refresh.status(decoded.state, clock.now());
    },
    mark: () => tracker.snapshot(),
  });
  const board = createStatusBoard({ target, feed, tracker, poller });
  const ending = new AbortController();
  let stream: Stream | undefined;
  let connection: HubbleConnection | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopTicking = () => {};

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const end = await once();
      if (ending.signal.aborted || end === undefined) break;
      if (end === "again") continue;
      await rest.for(backoff.next());
    }
  }

  /** One connection from start to end. Undefined: it is over for good. */
  async function once(): Promise<"again" | "later" | undefined> {
    try {
      connection = await connect(target);
    } catch (error) {
      board.failed(error as DropscopeError);
      return "later";
    }
    if (ending.signal.aborted) return undefined;
    const nowMs = clock.now();
    refresh.begin(nowMs, connection.fingerprint);
    poller.reset();
    stream = readStream(connection, tracker.begin(nowMs, recentIds.horizonMs), feed);
    board.opened(stream);
    const end = await stream.ended;
    if (end.messages > 0) failures = 0;
    connection.close();
    connection = undefined;
    stream = undefined;
    return end.by === "ours" ? "again" : await judge(end);
  }

  async function judge(end: StreamEnd): Promise<"later" | undefined> {
    // The door's own error reaches the operator through the feed.
    if (end.by === "door") return undefined;
    if (end.messages > 0) backoff.reset();
    failures++;
    const error = streamError(end.code, end.details, target.address.dial);
    board.failed(error);
    if (classify(end.code) === "fatal") {
      board.ended(error);
      options.onFatal?.(error);
      return undefined;
    }
    // A server that has just answered knows our TLS; an end without an error is not about TLS either.
    if (end.messages === 0 && end.code !== Code.OK) void explain(failures);
    return "later";
  }

  async function explain(failure: number): Promise<void> {
    const found = await diagnose(target);
    if (found !== undefined && failures === failure) board.failed(found);
  }

  function tick(): void {
    stopTicking = clock.after(1_000, tick);
    const nowMs = clock.now();
    board.tick(nowMs);
    refresh.warn(nowMs);
    if (stream === undefined || connection === undefined) return;
    // A machine that slept, or a thread that was held up, has heard nobody either.
    const late = nowMs - tickedMs > LATE_MS;
    tickedMs = nowMs;
    if (stream.paused || late) {
      pausedMs = nowMs;
      tracker.heldBack(nowMs);
      return;
    }
    void poller.poll(connection, nowMs);
    const silent = tracker.check(nowMs);
    const due = refresh.due({
      nowMs,
      silent: silent.length > 0,
      away: tracker.outages.size,
      idleMs: tracker.allSilentFor(nowMs),
      unanswered: poller.unanswered,
      behind: nowMs - pausedMs < CAUGHT_UP_MS,
    });
    if (due) stream.end();
  }

  async function within(work: Promise<void>, ms: number): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(ms, resolve);
    });
    await Promise.race([work, late]);
    cancel();
  }

  return {
    async start() {
      tick();
      running = run();
    },
    async stop(deadlineMs) {
      if (ending.signal.aborted) return;
      ending.abort();
      stopTicking();
      rest.end();
      stream?.end();
      // A server that swallows packets may hold up a dial; what is open is sealed regardless.
      await within(running, deadlineMs / 4);
      connection?.close();
      await feed.stop((deadlineMs * 3) / 4);
    },
    status: () => board.status(),
    snapshot: () => tracker.snapshot(),
  };
}
