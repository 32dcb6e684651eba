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

  async function settle(): Promise<void> {
    const group = waiting;
    waiting = [];
    held = 0;
    const known = await askStore(group);
    for (const [index, message] of group.entries()) {
      if (known[index] === 1) {
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

  /** One byte per message: 1 when it is stored already. */
  async function askStore(group: Waiting[]): Promise<Uint8Array> {
    const answer = new Uint8Array(group.length);
    const { known } = options;
    if (known === undefined) return answer;
    // By day: one stray time would else widen the question to the whole store.
    const days = new Map<bigint | "lost", number[]>();
    for (const [index, message] of group.entries()) {
      const day = message.kind === "lost" ? "lost" : message.timeNs / DAY_NS;
      const list = days.get(day);
      if (list === undefined) days.set(day, [index]);
      else list.push(index);
    }
    for (const [day, indexes] of days) {
      const ids = new Uint8Array(indexes.length * 16);
      let from: bigint | undefined;
      let to = 0n;
      for (const [at, index] of indexes.entries()) {
        const { id, timeNs } = group[index] as Waiting;
        ids.set(id, at * 16);
        if (from === undefined || timeNs < from) from = timeNs;
        if (timeNs > to) to = timeNs;
      }
      const flags = day === "lost" ? await known.gaps(ids) : await known.flows(ids, from ?? 0n, to);
      for (const [at, index] of indexes.entries()) answer[index] = flags[at] as number;
    }
    return answer;
  }

  return {
    add,
    full: () => waiting.length >= GROUP_MESSAGES || held >= GROUP_BYTES,
    settle,
  };
}
