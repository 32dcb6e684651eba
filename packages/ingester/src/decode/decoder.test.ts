import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { flowBytes } from "../../../../test/kit/generic-flow.js";
import { rowsOf } from "../../../../test/kit/native-reader.js";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { createDecoder } from "./decoder.js";
import type { FlowDecoder } from "./types.js";

const UUID = "01234567-89ab-cdef-0123-456789abcdef";
const DAY = 86_400;
const stamp = (nowMs = 1_700_000_000_000) => ({ id: 7n, storedOn: 20_000, nowMs });

function flow(more: object = {}): Uint8Array {
  return flowBytes({
    time: { seconds: 1_700_000_000n, nanos: 5 },
    uuid: UUID,
    nodeName: "default/node-1",
    verdict: 2,
    source: { labels: ["k8s:app=shop"], podName: "shop-1", clusterName: "default", identity: 300 },
    destination: { labels: ["reserved:world"], identity: 2 },
    egressDeniedBy: [{ name: "deny-all", namespace: "web", kind: "NetworkPolicy", revision: 3n }],
    ...more,
  });
}

function add(decoder: FlowDecoder, bytes: Uint8Array, salt = 0): Record<string, unknown> {
  const seen = decoder.decodeResponse(bytes, salt);
  if (seen.kind !== "flow") throw new Error(`${seen.kind} instead of a flow`);
  decoder.commit();
  return rowsOf(decoder.finish(stamp()).blocks, "flows")[0]!;
}

describe("the pending row", () => {
  it("tells what the caller needs to recognise a repeat", () => {
    const seen = createDecoder().decodeResponse(flow());
    expect(seen).toMatchObject({
      kind: "flow",
      node: "default/node-1",
      timeNs: 1_700_000_000_000_000_005n,
      timeMs: 1_700_000_000_000,
      timeClamped: false,
      hasUuid: true,
      verdict: 2,
    });
    if (seen.kind === "flow") {
      expect(Buffer.from(seen.uuid).toString("hex")).toBe(UUID.replaceAll("-", ""));
      expect(Buffer.from(seen.uuidWords.buffer, seen.uuidWords.byteOffset, 16)).toEqual(
        Buffer.from(seen.uuid),
      );
    }
  });

  it("leaves no trace when it is discarded, forgotten or rejected", () => {
    const clean = createDecoder();
    clean.decodeResponse(flow());
    clean.commit();
    const other = createDecoder();
    other.decodeResponse(flow({ uuid: "", source: { podName: "ghost", labels: ["k8s:ghost=1"] } }));
    other.discard();
    other.decodeResponse(flow({ Summary: "ghost", egressDeniedBy: [{ name: "ghost" }] }));
    other.decodeResponse(flow({ nodeName: "ghost" }).subarray(0, 100));
    other.commit();
    other.decodeResponse(flow());
    other.commit();
    expect(other.finish(stamp())).toEqual(clean.finish(stamp()));
  });

  it("survives finish and goes to the next batch", () => {
    const decoder = createDecoder({ capacity: 1 });
    decoder.decodeResponse(flow());
    expect(decoder.full()).toBe(false);
    decoder.commit();
    decoder.decodeResponse(flow({ verdict: 1 }));
    expect(decoder.full()).toBe(true);
    expect(decoder.finish(stamp()).flows).toBe(1);
    expect(decoder.full()).toBe(false);
    decoder.commit();
    expect(rowsOf(decoder.finish(stamp()).blocks, "flows")).toMatchObject([{ verdict: 1 }]);
  });
});

describe("the open batch", () => {
  it("is full before a ninth day, and knows its span", () => {
    const decoder = createDecoder();
    for (let day = 8; day > 0; day--) {
      decoder.decodeResponse(flow({ time: { seconds: BigInt(day * DAY), nanos: day } }));
      expect(decoder.full()).toBe(false);
      decoder.commit();
    }
    expect(decoder.open).toMatchObject({ rows: 8, days: 8 });
    decoder.decodeResponse(flow({ time: { seconds: BigInt(3 * DAY + 1) } }));
    expect(decoder.full()).toBe(false);
    decoder.decodeResponse(flow({ time: { seconds: BigInt(9 * DAY) } }));
    expect(decoder.full()).toBe(true);
    const batch = decoder.finish(stamp());
    expect(batch).toMatchObject({
      id: 7n,
      flows: 8,
      minTimeNs: BigInt(DAY) * 10n ** 9n + 1n,
      maxTimeNs: BigInt(8 * DAY) * 10n ** 9n + 8n,
    });
    expect(decoder.open).toMatchObject({ rows: 0, days: 0, minTimeNs: 0n, maxTimeNs: 0n });
  });

  it("is bounded in bytes", () => {
    const decoder = createDecoder({ maxBatchBytes: 4000 });
    let rows = 0;
    for (;;) {
      decoder.decodeResponse(flow({ Summary: "x".repeat(500) }));
      if (decoder.full()) break;
      decoder.commit();
      rows++;
    }
    expect(rows).toBeGreaterThan(2);
    expect(decoder.open.bytes).toBeGreaterThanOrEqual(4000);
    expect(rows).toBeLessThan(8);
  });

  it("without flows has no blocks", () => {
    expect(createDecoder().finish(stamp())).toEqual({
      id: 7n,
      blocks: [],
      flows: 0,
      minTimeNs: 0n,
      maxTimeNs: 0n,
    });
  });

  it("blocks own their bytes, so that they can be transferred", () => {
    const decoder = createDecoder();
    decoder.decodeResponse(flow());
    decoder.commit();
    const { blocks } = decoder.finish(stamp());
    expect(blocks.map((block) => block.table)).toEqual(["identities", "policy_refs", "flows"]);
    for (const { chunks } of blocks) {
      expect(chunks.length).toBe(1);
      expect(chunks[0]!.buffer.byteLength).toBe(chunks[0]!.length);
    }
  });
});

describe("identities and policy references", () => {
  it("are written once, in the batch that uses them first, and again after an hour", () => {
    const decoder = createDecoder();
    const tables = (nowMs: number) => {
      decoder.decodeResponse(flow());
      decoder.commit();
      return decoder.finish(stamp(nowMs)).blocks.map((block) => block.table);
    };
    const all = ["identities", "policy_refs", "flows"];
    expect(tables(0)).toEqual(all);
    expect(tables(1000)).toEqual(["flows"]);
    expect(tables(3_600_000)).toEqual(["flows"]);
    expect(tables(3_600_001)).toEqual(all);
    expect(tables(3_600_002)).toEqual(["flows"]);
  });

  it("a row that waits while the old is forgotten is as it was", () => {
    const decoder = createDecoder({ capacity: 1 });
    const rows: unknown[] = [];
    for (const nowMs of [1, 2, 3_600_003, 3_600_004]) {
      decoder.decodeResponse(flow({ uuid: "" }), 5);
      if (decoder.full()) {
        const { blocks } = decoder.finish(stamp(nowMs));
        rows.push(rowsOf(blocks, "flows")[0]);
      }
      decoder.commit();
    }
    const { blocks } = decoder.finish(stamp(3_600_005));
    expect(rows).toEqual(Array.from({ length: 3 }, () => rowsOf(blocks, "flows")[0]));
    expect(rows[0]).toMatchObject({ node: "default/node-1", src_pod: "shop-1" });
  });

  it("hostile names cannot grow without bound", () => {
    const decoder = createDecoder();
    let most = 0;
    for (let i = 0; i < 3000; i++) {
      const podName = `${i}`.padStart(250, "x");
      decoder.decodeResponse(flow({ source: { podName, labels: [podName, `a${podName}`] } }));
      decoder.commit();
      most = Math.max(most, decoder.open.bytes);
      if (i === 1500) decoder.finish(stamp());
    }
    // Names and labels of the open batch count, those of the ones before do not.
    expect(most).toBeGreaterThan(1500 * 750);
    expect(most).toBeLessThan(1500 * 1300);
  });

  it("keys depend on content alone: same labels, same key, in every process", () => {
    const decoder = createDecoder();
    decoder.decodeResponse(flow());
    decoder.commit();
    decoder.decodeResponse(
      flow({ source: { labels: ["k8s:app=shop"], podName: "shop-2", clusterName: "default" } }),
    );
    decoder.commit();
    const { blocks } = decoder.finish(stamp());
    const [first, second] = rowsOf(blocks, "flows");
    expect(first!["src_labels"]).toBe(second!["src_labels"]);
    expect(rowsOf(blocks, "identities")).toMatchObject([
      {
        key: first!["src_labels"],
        cluster: "default",
        identity: 300,
        labels: ["k8s:app=shop"],
        batch: "7",
      },
      { key: first!["dst_labels"], cluster: "", labels: ["reserved:world"] },
    ]);
    // SHA-256 of "default\nk8s:app=shop" and of "deny-all\nweb\nNetworkPolicy\n3".
    expect(first!["src_labels"]).toBe("12047269160219715698");
    expect(first!["egress_denied_by"]).toEqual(["9702840365694900877"]);
  });
});

describe("flows without uuid", () => {
  const anonymous = (more: object = {}) => flow({ uuid: "", ...more });
  const idOf = (bytes: Uint8Array, salt?: number) => add(createDecoder(), bytes, salt)["uuid"];

  it("get the same id whenever they are read, and another one when anything differs", () => {
    expect(idOf(anonymous())).toBe(idOf(anonymous()));
    const ids = [
      idOf(anonymous()),
      idOf(anonymous(), 1),
      idOf(anonymous({ nodeName: "default/node-2" })),
      idOf(anonymous({ time: { seconds: 1_700_000_000n, nanos: 6 } })),
      idOf(anonymous({ Summary: "x" })),
    ];
    expect(new Set(ids).size).toBe(5);
  });

  it("say so", () => {
    expect(createDecoder().decodeResponse(anonymous())).toMatchObject({ hasUuid: false });
    expect(Number(add(createDecoder(), anonymous())["present"]) & 2).toBe(0);
  });
});

describe("R16: wrong clocks", () => {
  it.each([
    [-1n, 0, "1970-01-01 00:00:00.000000000", "1969-12-31T23:59:59Z"],
    [-62_135_596_800n, 0, "1970-01-01 00:00:00.000000000", "0001-01-01T00:00:00Z"],
    [253_402_300_799n, 5, "2262-04-11 23:47:16.854775807", "9999-12-31T23:59:59.000000005Z"],
    [2_147_483_648n, 0, "2038-01-19 03:14:08.000000000", undefined],
    [0n, 0, "1970-01-01 00:00:00.000000000", undefined],
  ])("%s s, %s ns", (seconds, nanos, time, original) => {
    const bytes = flow({ time: { seconds, nanos } });
    const decoder = createDecoder();
    expect(decoder.decodeResponse(bytes)).toMatchObject({ timeClamped: original !== undefined });
    const row = add(decoder, bytes);
    expect(row["time"]).toBe(time);
    expect(row["rest"]).toBe(original === undefined ? "" : JSON.stringify({ time: original }));
  });

  it.each([
    [1_700_000_000n, -1],
    [1_700_000_000n, 1_000_000_000],
    [2n ** 62n, 0],
    [-(2n ** 63n), -(2 ** 31)],
  ])("%s s, %s ns cannot be written as text, so its bytes are kept", (seconds, nanos) => {
    const row = add(createDecoder(), flow({ time: { seconds, nanos } }));
    expect(Object.keys(JSON.parse(String(row["rest"])).unknown)).toEqual(["time"]);
  });

  it("a flow without time takes that of the envelope", () => {
    const bytes = toBinary(
      GetFlowsResponseSchema,
      create(GetFlowsResponseSchema, {
        responseTypes: { case: "flow", value: { Summary: "x" } },
        nodeName: "n",
        time: { seconds: 5n, nanos: 0 },
      }),
    );
    const row = add(createDecoder(), bytes);
    expect(row).toMatchObject({ time: "1970-01-01 00:00:05.000000000", present: "0", node: "n" });
  });
});
