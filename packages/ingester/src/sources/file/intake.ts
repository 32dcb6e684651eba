import { gapId, gapOfLostEvents, type FlowDecoder, type RejectReason } from "../../decode/index.js";
import type { StoredIds } from "@dropscope/store";
import type { Feed } from "../../feed.js";
import { createOrdinals } from "./ordinals.js";
import type { ImportCounts } from "./summary.js";

export interface IntakeOptions {
  feed: Pick<Feed, "push" | "room">;
  decoder: FlowDecoder;
  counts: ImportCounts;
  known: StoredIds | undefined;
  reject: (line: number, reason: RejectReason, message: string) => void;
}

/** Messages of one file on their way to the feed, in groups, so that the store is asked once per group. */
export interface Intake {
  add(bytes: Uint8Array, line: number): void;
  /** True when the group is large enough to be settled. */
  full(): boolean;
  /** Gives what is not known yet to the feed; waits where the feed is full. */
  settle(): Promise<void>;
}

const GROUP_MESSAGES = 16_384;
const GROUP_BYTES = 32 * 1024 * 1024;
const DAY_NS = 86_400_000_000_000n;

interface Waiting {
  kind: "flow" | "lost";
  bytes: Uint8Array;
  salt: number;
  line: number;
  id: Uint8Array;
  timeNs: bigint;
}

export function createIntake(options: IntakeOptions): Intake {
  const { feed, decoder, counts } = options;
  const ordinals = createOrdinals();
  let waiting: Waiting[] = [];
  let held = 0;

  function add(bytes: Uint8Array, line: number): void {
    let decoded = decoder.decodeResponse(bytes);
    let salt = 0;
    if (decoded.kind === "flow" && !decoded.hasUuid) {
      salt = ordinals.next(decoded.uuidWords);
      if (salt > 0) decoded = decoder.decodeResponse(bytes, salt);
    }
    switch (decoded.kind) {
      case "flow": {
        counts.read += 1;
        const { timeNs } = decoded;
        waiting.push({ kind: "flow", bytes, salt, line, id: decoded.uuid.slice(), timeNs });
        decoder.discard();
        break;
      }
      case "lost-events": {
        const id = gapId(gapOfLostEvents(decoded, 0).gap);
        waiting.push({ kind: "lost", bytes, salt: Number(decoded.count), line, id, timeNs: 0n });
        break;
      }
      case "rejected":
        options.reject(line, decoded.reason, `the message was refused: ${decoded.reason}`);
        return;
      case "node-status":
      case "ignored":
        counts.otherEvents += 1;
        return;
    }
    held += bytes.length;
  }

  /**
   * Day by day: a stray time must not widen the question to the whole store, and a batch holds
   * few days, so that flows in no order would be cut into many small ones.
   */
  async function settle(): Promise<void> {
    const group = waiting;
    waiting = [];
    held = 0;
    const losses: Waiting[] = [];
    const days = new Map<bigint, Waiting[]>();
    for (const message of group) {
      const day = message.timeNs / DAY_NS;
      const list = message.kind === "lost" ? losses : days.get(day);
      if (list === undefined) days.set(day, [message]);
      else list.push(message);
    }
    await settleAll(losses, (ids) => options.known?.gaps(ids));
    for (const [, flows] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await settleAll(flows, (ids) => {
        let from = (flows[0] as Waiting).timeNs;
        let to = from;
        for (const { timeNs } of flows) {
          if (timeNs < from) from = timeNs;
          if (timeNs > to) to = timeNs;
        }
        return options.known?.flows(ids, from, to);
      });
    }
  }

  /** @param ask gives one byte per id, 1 when it is stored. */
  async function settleAll(
    messages: Waiting[],
    ask: (ids: Uint8Array) => Promise<Uint8Array> | undefined,
  ): Promise<void> {
    if (messages.length === 0) return;
    const ids = new Uint8Array(messages.length * 16);
    for (const [index, { id }] of messages.entries()) ids.set(id, index * 16);
    const known = await ask(ids);
    for (const [index, message] of messages.entries()) {
      if (known?.[index] === 1) {
        if (message.kind === "flow") counts.repeated += 1;
        else counts.lossesRepeated += 1;
        continue;
      }
      const room = feed.room();
      if (room !== undefined) await room;
      give(message);
    }
  }

  function give({ kind, bytes, salt, line }: Waiting): void {
    const taken = feed.push(bytes, kind === "flow" ? salt : 0);
    if (kind === "lost") {
      if (taken === "repeat") counts.lossesRepeated += 1;
      else {
        counts.losses += 1;
        counts.lostEvents += salt;
      }
    } else if (taken === "flow") counts.stored += 1;
    else if (taken === "repeat") counts.repeated += 1;
    else {
      counts.read -= 1;
      options.reject(line, "too-large", "the message is larger than a batch takes");
    }
  }

  return {
    add,
    full: () => waiting.length >= GROUP_MESSAGES || held >= GROUP_BYTES,
    settle,
  };
}
