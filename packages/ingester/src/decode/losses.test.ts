import { create, toBinary } from "@bufbuild/protobuf";
import type { Gap } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../../../test/kit/native-reader.js";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { createDecoder } from "./decoder.js";
import { gapOfLostEvents } from "./envelope.js";
import { createGapBlockBuilder, gapId } from "./gaps.js";

const STAMP = { id: 7n, storedOn: 20_000, nowMs: 1_700_000_000_000 };
const TIME = { seconds: 1_700_000_000n, nanos: 250_000_000 };

function response(init: object): Uint8Array {
  return toBinary(
    GetFlowsResponseSchema,
    create(GetFlowsResponseSchema, { nodeName: "default/n1", time: TIME, ...init }),
  );
}

function lost(init: object) {
  const bytes = response({ responseTypes: { case: "lostEvents", value: init } });
  const seen = createDecoder().decodeResponse(bytes);
  if (seen.kind !== "lost-events") throw new Error(seen.kind);
  return seen;
}

describe("losses and node states", () => {
  it("a lost_events message becomes a gap", () => {
    const seen = lost({
      source: 1,
      numEventsLost: 12n,
      cpu: 3,
      first: TIME,
      last: { seconds: 1_700_000_001n },
    });
    expect(seen).toEqual({
      kind: "lost-events",
      node: "default/n1",
      timeNs: 1_700_000_000_250_000_000n,
      source: 1,
      count: 12n,
      cpu: 3,
      firstNs: 1_700_000_000_250_000_000n,
      lastNs: 1_700_000_001_000_000_000n,
    });
    expect(gapOfLostEvents(seen, 0)).toEqual({
      source: 1,
      gap: {
        time: "2023-11-14T22:13:20.250Z",
        node: "default/n1",
        cause: "perf-ring",
        count: 12,
        cpu: 3,
        from: "2023-11-14T22:13:20.250Z",
        to: "2023-11-14T22:13:21Z",
      },
    });
  });

  it.each([
    [2, "observer-queue"],
    [3, "hubble-ring"],
    [0, "lost-other"],
    [99, "lost-other"],
  ])("source %i is %s", (source, cause) => {
    const { gap } = gapOfLostEvents(lost({ source, numEventsLost: 2n ** 64n - 1n }), 0);
    expect(gap).toEqual({
      time: "2023-11-14T22:13:20.250Z",
      node: "default/n1",
      cause,
      count: Number.MAX_SAFE_INTEGER,
    });
  });

  it("without a time, now counts", () => {
    const bytes = toBinary(
      GetFlowsResponseSchema,
      create(GetFlowsResponseSchema, { responseTypes: { case: "lostEvents", value: {} } }),
    );
    const seen = createDecoder().decodeResponse(bytes);
    expect(seen.kind === "lost-events" && gapOfLostEvents(seen, 1500).gap.time).toBe(
      "1970-01-01T00:00:01.500Z",
    );
  });

  it("node_status is told with clean texts", () => {
    const bytes = response({
      responseTypes: {
        case: "nodeStatus",
        value: { stateChange: 4, nodeNames: ["a", "b\u0000"], message: "down\n" },
      },
    });
    expect(createDecoder().decodeResponse(bytes)).toEqual({
      kind: "node-status",
      node: "default/n1",
      timeNs: 1_700_000_000_250_000_000n,
      state: 4,
      nodeNames: ["a", String.raw`b\u0000`],
      message: String.raw`down\u000a`,
    });
  });
});

describe("the gaps block", () => {
  const gap: Gap = {
    time: "2023-11-14T22:13:20.123456789Z",
    node: "default/n1",
    cause: "perf-ring",
    count: 12,
    from: "2023-11-14T22:13:19Z",
    to: "2023-11-14T22:13:20.5Z",
    cpu: 3,
    message: "x\u0000",
  };

  it("holds what the gap says", () => {
    const builder = createGapBlockBuilder();
    expect(builder.finish(STAMP)).toBeUndefined();
    const id = builder.add(gap, 1);
    builder.add({ time: "1969-01-01T00:00:00Z", node: "", cause: "spool-full", count: 0 });
    expect(builder.rows).toBe(2);
    const block = builder.finish(STAMP)!;
    expect(builder.rows).toBe(0);
    expect(rowsOf([block], "gaps")).toEqual([
      {
        time: "2023-11-14 22:13:20.123456789",
        batch: "7",
        stored_on: "2024-10-04",
        id: Buffer.from(id)
          .toString("hex")
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
        node: "default/n1",
        cause: "perf-ring",
        source: 1,
        count: "12",
        lost_from: "2023-11-14 22:13:19.000000000",
        lost_to: "2023-11-14 22:13:20.500000000",
        cpu: 3,
        message: String.raw`x\u0000`,
      },
      {
        time: "1970-01-01 00:00:00.000000000",
        batch: "7",
        stored_on: "2024-10-04",
        id: expect.any(String),
        node: "",
        cause: "spool-full",
        source: -1,
        count: "0",
        lost_from: null,
        lost_to: null,
        cpu: null,
        message: "",
      },
    ]);
  });

  it("equal losses have equal ids, others do not", () => {
    expect(gapId({ ...gap })).toEqual(gapId(gap));
    const others: Gap[] = [
      { ...gap, node: "default/n2" },
      { ...gap, cause: "hubble-ring" },
      { ...gap, count: 13 },
      { ...gap, time: "2023-11-14T22:13:21Z" },
      { ...gap, from: "2023-11-14T22:13:18Z" },
    ];
    for (const other of others) expect(gapId(other)).not.toEqual(gapId(gap));
  });
});
