import type { Clock, DropscopeError, Gap } from "@dropscope/model";
import { newBatchId, type Batch, type SpoolDoor } from "@dropscope/store";
import { createBatcher } from "./batcher.js";
import { emptyBooks, type Books } from "./books.js";
import {
  createGapBlockBuilder,
  dayOf,
  gapId,
  gapOfLostEvents,
  type Decoded,
  type FlowDecoder,
  type LostEventsSeen,
} from "./decode/index.js";
import { createLossFolder } from "./loss-folder.js";
import type { RecentIds } from "./recent-ids.js";
import { createSealer, type SealState } from "./sealer.js";

export interface FeedOptions<Mark = undefined> {
  door: SpoolDoor;
  /** Made by the caller, who chooses redaction and sizes. One decoder serves one feed. */
  decoder: FlowDecoder;
  /** Flow uuids and gap ids that are known; shared by feeds that must not repeat each other. */
  recentIds: RecentIds;
  clock: Clock;
  /**
   * True for a source that goes on without us (a relay): the time in which a full spool stopped us
   * becomes a `spool-full` gap, and the one-by-one ring losses of old agents are summed per batch.
   * False (default) for one that waits (a file): every loss is a row of its own.
   */
  live?: boolean;
  /** An open batch is sealed this long after its first row, ms; a busy one after twice that, a nearly empty one of a live source after half as much again. Default 500. */
  maxAgeMs?: number;
  /** `room()` asks for a pause from this many unacknowledged batches on. Default 3. */
  maxUnacked?: number;
  /** Every message, after it was entered in the books. `repeat` is true for a known flow or loss. */
  onDecoded?: (decoded: Decoded, repeat: boolean) => void;
  /** Taken when a batch is cut, given back when it is sealed: a checkpoint that may be persisted then. */
  mark?: () => Mark;
  onSealed?: (batch: Batch, mark: Mark) => void;
  /** A loss that was not known; it is in the open batch. */
  onGap?: (gap: Gap) => void;
  /** The door failed for good (ten times in a row); nothing more is sealed. */
  onFatal?: (error: DropscopeError) => void;
}

/** What became of a message. */
export type Taken = "flow" | "repeat" | "lost" | "status" | "other" | "rejected";

/**
 * Decode, drop repeats, batch, seal: what every source has in common.
 *
 *     push ─▶ decode ─▶ known id? ─▶ open batch ─▶ unacknowledged (≤ 3) ─▶ door.seal ─▶ sealed
 *                          └▶ repeats                     │
 *                                       room() ◀──────────┘ full: the source waits
 *
 * Batches are sealed one at a time, in the order in which they were cut.
 */
export interface Feed {
  /**
   * Takes the bytes of one `observer.GetFlowsResponse`; they are not kept. Never throws for what they hold.
   * @param salt tells equal flows without uuid apart; see `FlowDecoder.decodeResponse`.
   */
  push(bytes: Uint8Array, salt?: number): Taken;
  /** A loss that the source noticed itself. A repeated one is dropped. */
  gap(gap: Gap): void;
  /** Undefined: go on. Else wait for it before the next `push`; it rejects when the door failed for good. */
  room(): Promise<void> | undefined;
  /**
   * Cuts the open batch and resolves once everything is acknowledged.
   * @throws DropscopeError of the door when it failed for good.
   */
  flush(): Promise<void>;
  /** Like `flush`, but gives up after the deadline: what is not sealed by then is lost with the process. */
  stop(deadlineMs: number): Promise<void>;
  /** A copy. */
  books(): Books;
  readonly sealState: SealState;
}

export function createFeed<Mark = undefined>(options: FeedOptions<Mark>): Feed {
  const { decoder, recentIds, clock } = options;
  const live = options.live ?? false;
  const books = emptyBooks();
  const gaps = createGapBlockBuilder();
  const losses = createLossFolder();
  const sealer = createSealer<Mark>({
    door: options.door,
    clock,
    maxUnacked: options.maxUnacked ?? 3,
    onSealed(batch, mark) {
      books.open -= batch.flows;
      books.sealed += batch.flows;
      books.batches++;
      options.onSealed?.(batch, mark);
    },
    onFatal: (error) => options.onFatal?.(error),
    onFullOver(fromMs, toMs) {
      if (live) addGap(spoolFullGap(fromMs, toMs));
    },
  });
  const batcher = createBatcher({
    clock,
    maxAgeMs: options.maxAgeMs ?? 500,
    mayCut: () => !sealer.full(),
    live,
    rows: () => decoder.open.rows,
    cut,
  });

  function cut(): void {
    for (const gap of losses.take()) store(gap.gap, gap.source);
    const nowMs = clock.now();
    const stamp = { id: newBatchId(nowMs), storedOn: dayOf(nowMs), nowMs };
    const gapBlock = gaps.finish(stamp);
    if (decoder.open.rows === 0 && gapBlock === undefined) return;
    const batch = withGaps(decoder.finish(stamp), gapBlock);
    sealer.add(batch, options.mark?.() as Mark);
  }

  function store(gap: Gap, source?: number): void {
    gaps.add(gap, source);
    books.gaps++;
    options.onGap?.(gap);
  }

  function addGap(gap: Gap, source?: number): boolean {
    const id = gapId(gap);
    if (recentIds.isRepeat(id, 0, 0)) return false;
    store(gap, source);
    batcher.touch();
    return true;
  }

  function lost(seen: LostEventsSeen): boolean {
    if (live && losses.fold(seen, clock.now())) {
      books.lost += Number(seen.count);
      batcher.touch();
      return false;
    }
    const { gap, source } = gapOfLostEvents(seen, clock.now());
    if (!addGap(gap, source)) return true;
    books.lost += gap.count;
    return false;
  }

  function push(bytes: Uint8Array, salt?: number): Taken {
    const decoded = decoder.decodeResponse(bytes, salt);
    let repeat = false;
    let taken: Taken;
    switch (decoded.kind) {
      case "flow":
        books.read++;
        repeat = recentIds.isRepeat(decoded.uuid, 0, decoded.timeMs);
        taken = repeat ? "repeat" : "flow";
        if (repeat) {
          books.repeats++;
          decoder.discard();
        } else {
          if (decoder.full()) batcher.cutNow();
          decoder.commit();
          books.open++;
          batcher.touch();
        }
        break;
      case "lost-events":
        repeat = lost(decoded);
        taken = repeat ? "repeat" : "lost";
        break;
      case "node-status":
        books.other++;
        taken = "status";
        break;
      case "ignored":
        books.other++;
        taken = "other";
        break;
      case "rejected":
        books.read++;
        books.rejected++;
        books.rejectedBy[decoded.reason] = (books.rejectedBy[decoded.reason] ?? 0) + 1;
        taken = "rejected";
        break;
    }
    options.onDecoded?.(decoded, repeat);
    return taken;
  }

  async function flush(): Promise<void> {
    batcher.cutNow();
    await sealer.idle();
    // The end of a full spool adds a gap after the last batch was cut.
    if (gaps.rows > 0) await flush();
  }

  return {
    push,
    gap: (gap) => void addGap(gap),
    room: () => sealer.room(),
    flush,
    async stop(deadlineMs) {
      batcher.stop();
      let cancel = () => {};
      const deadline = new Promise<void>((resolve) => {
        cancel = clock.after(deadlineMs, resolve);
      });
      await Promise.race([flush().catch(() => {}), deadline]);
      cancel();
      sealer.stop();
    },
    books: () => ({ ...books, rejectedBy: { ...books.rejectedBy } }),
    get sealState() {
      return sealer.state;
    },
  };
}

const TABLE_ORDER = ["identities", "policy_refs", "gaps", "flows"];

function withGaps(batch: Batch, gaps: Batch["blocks"][number] | undefined): Batch {
  if (gaps === undefined) return batch;
  const blocks = [...batch.blocks, gaps].sort(
    (a, b) => TABLE_ORDER.indexOf(a.table) - TABLE_ORDER.indexOf(b.table),
  );
  return { ...batch, blocks };
}

function spoolFullGap(fromMs: number, toMs: number): Gap {
  const to = new Date(toMs).toISOString();
  return {
    time: to,
    node: "",
    cause: "spool-full",
    count: 0,
    from: new Date(fromMs).toISOString(),
    to,
    message:
      "The spool was full and reading stopped; Hubble reports what its rings lost meanwhile.",
  };
}
