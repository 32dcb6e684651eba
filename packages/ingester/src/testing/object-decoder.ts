import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Batch } from "@dropscope/store";
import type { Decoded, FlowDecoder } from "../decode/index.js";
import { GetFlowsResponseSchema, type GetFlowsResponse } from "@dropscope/hubble";

/** What a batch of the object decoder holds for each flow. */
export interface PlainRow {
  uuid: string;
  node: string;
  timeNs: string;
}

/**
 * A decoder for tests of what stands around it: generated code, one JSON text as the block of a batch,
 * so that a test can read back what was sealed (`rowsOf`). Slow, and knows none of the hard cases.
 */
export function createObjectDecoder(options: { capacity?: number } = {}): FlowDecoder {
  const capacity = options.capacity ?? 50_000;
  let rows: PlainRow[] = [];
  let times: bigint[] = [];
  let pending: { row: PlainRow; timeNs: bigint } | undefined;

  function flow(bytes: Uint8Array, message: GetFlowsResponse, salt: number): Decoded {
    const value = message.responseTypes.value as {
      uuid: string;
      nodeName: string;
      time?: Timestamp;
    };
    const timeNs = nanos(value.time ?? message.time) ?? 0n;
    const node = value.nodeName || message.nodeName;
    const uuid = value.uuid
      ? Buffer.from(value.uuid.replaceAll("-", ""), "hex")
      : createHash("sha256").update(bytes).update(String(salt)).digest().subarray(0, 16);
    pending = { row: { uuid: uuid.toString("hex"), node, timeNs: timeNs.toString() }, timeNs };
    return {
      kind: "flow",
      node,
      timeNs,
      timeMs: Number(timeNs / 1_000_000n),
      timeClamped: false,
      uuid,
      uuidWords: new Uint32Array(4),
      hasUuid: value.uuid !== "",
      verdict: 1,
    };
  }

  return {
    decodeResponse(bytes, salt = 0) {
      pending = undefined;
      let message: GetFlowsResponse;
      try {
        message = fromBinary(GetFlowsResponseSchema, bytes);
      } catch {
        return { kind: "rejected", reason: "truncated" };
      }
      const envelope = nanos(message.time);
      const at = { node: message.nodeName, ...(envelope !== undefined && { timeNs: envelope }) };
      switch (message.responseTypes.case) {
        case "flow":
          return flow(bytes, message, salt);
        case "lostEvents": {
          const lost = message.responseTypes.value;
          const first = nanos(lost.first);
          const last = nanos(lost.last);
          return {
            kind: "lost-events",
            ...at,
            source: lost.source,
            count: lost.numEventsLost,
            ...(lost.cpu !== undefined && { cpu: lost.cpu }),
            ...(first !== undefined && { firstNs: first }),
            ...(last !== undefined && { lastNs: last }),
          };
        }
        case "nodeStatus": {
          const { stateChange: state, nodeNames, message: text } = message.responseTypes.value;
          return { kind: "node-status", ...at, state, nodeNames, message: text };
        }
        default:
          return { kind: "ignored", what: "empty" };
      }
    },
    full: () => rows.length >= capacity,
    commit() {
      if (pending === undefined) return;
      rows.push(pending.row);
      times.push(pending.timeNs);
      pending = undefined;
    },
    discard() {
      pending = undefined;
    },
    get open() {
      return { rows: rows.length, bytes: 0, days: 1, minTimeNs: 0n, maxTimeNs: 0n };
    },
    finish(stamp) {
      const batch: Batch = {
        id: stamp.id,
        flows: rows.length,
        minTimeNs: times.reduce((a, b) => (b < a ? b : a), times[0] ?? 0n),
        maxTimeNs: times.reduce((a, b) => (b > a ? b : a), 0n),
        blocks:
          rows.length === 0
            ? []
            : [{ table: "flows", rows: rows.length, chunks: [Buffer.from(JSON.stringify(rows))] }],
      };
      rows = [];
      times = [];
      return batch;
    },
  };
}

/** The flows of batches that the object decoder made. */
export function rowsOf(batches: readonly Batch[]): PlainRow[] {
  return batches.flatMap((batch) =>
    batch.blocks
      .filter((block) => block.table === "flows")
      .flatMap((block) => JSON.parse(Buffer.concat(block.chunks).toString()) as PlainRow[]),
  );
}

function nanos(time: Timestamp | undefined): bigint | undefined {
  return time === undefined ? undefined : time.seconds * 1_000_000_000n + BigInt(time.nanos);
}
