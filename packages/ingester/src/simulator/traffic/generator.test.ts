import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { INCIDENTS } from "../incidents/catalog.js";
import { encodeFlowResponse } from "../server/encode-flow.js";
import { bareWorld, type BareWorld } from "../testing-world.js";
import { SECOND } from "./timeline.js";

function fingerprint({ seen }: BareWorld, count: number): string {
  const hash = createHash("sha256");
  for (const { flow } of seen.slice(0, count)) hash.update(JSON.stringify(flow));
  return hash.digest("hex");
}

function run(world: BareWorld, seconds: number, step: number): BareWorld {
  for (let at = 0; at < seconds; at += step) world.generator.advance((at + step) * SECOND);
  return world;
}

test("the same seed gives the same first 10,000 flows, however time is cut up", () => {
  const once = run(bareWorld({ incidents: INCIDENTS }), 70, 70);
  const often = run(bareWorld({ incidents: INCIDENTS }), 70, 0.013);
  const other = run(bareWorld({ incidents: INCIDENTS, seed: "other" }), 70, 70);
  expect(once.seen.length).toBeGreaterThan(10_000);
  expect(fingerprint(often, 10_000)).toBe(fingerprint(once, 10_000));
  expect(fingerprint(other, 10_000)).not.toBe(fingerprint(once, 10_000));
});

test("every flow survives the wire and keeps every field", () => {
  const { seen } = run(bareWorld({ incidents: INCIDENTS, routing: "native" }), 25, 25);
  for (const { flow } of seen) {
    const bytes = encodeFlowResponse(flow);
    const back = toJson(GetFlowsResponseSchema, fromBinary(GetFlowsResponseSchema, bytes), {
      useProtoFieldName: true,
    });
    // Printed times leave out trailing groups of zeros.
    const time = flow.time?.replace(/(000)+Z$/, "Z").replace(/\.Z$/, "Z");
    expect(back).toEqual({ flow: { ...flow, time }, node_name: flow.node_name, time });
  }
});

test("uuids are version 4 and never repeat; times never run backwards on a node by more than a proxy's delay", () => {
  const { seen } = run(bareWorld({ incidents: INCIDENTS }), 60, 60);
  const ids = new Set(seen.map(({ flow }) => flow.uuid));
  expect(ids.size).toBe(seen.length);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  let last = 0;
  for (const { at, flow } of seen) {
    expect(at).toBeGreaterThanOrEqual(last);
    last = at;
    const lag = Date.UTC(2026, 0, 1) + at / 1e6 - Date.parse(flow.time ?? "");
    expect(lag).toBeGreaterThanOrEqual(-1);
    expect(lag).toBeLessThan(10);
  }
});

test("the average rate is what was asked for", () => {
  for (const rate of [20, 150, 3000]) {
    const seconds = 24_000 / rate;
    const { seen } = run(bareWorld({ rate }), seconds, seconds);
    expect(seen.length / seconds / rate).toBeGreaterThan(0.9);
    expect(seen.length / seconds / rate).toBeLessThan(1.15);
  }
});

test("without incidents nothing is dropped: the shop's policies allow the shop's traffic", () => {
  const { seen } = run(bareWorld({ rate: 1500 }), 40, 40);
  expect(seen.length).toBeGreaterThan(50_000);
  expect(seen.filter(({ flow }) => flow.verdict === "DROPPED")).toEqual([]);
});

test("all kinds of events occur, with Hubble's own summaries", () => {
  const { seen } = run(bareWorld({ rate: 500 }), 60, 60);
  const summaries = seen.map(({ flow }) => flow.Summary ?? "");
  for (const pattern of [
    /^TCP Flags: SYN$/,
    /^TCP Flags: SYN, ACK$/,
    /^TCP Flags: ACK, FIN$/,
    /^TCP Flags: ACK, RST$/,
    /^UDP$/,
    /^ICMPv4 EchoRequest$/,
    /^ICMPv4 EchoReply$/,
    /^DNS Query api\.paywell\.example\. A$/,
    /^DNS Answer "203\.0\.113\.20","203\.0\.113\.21" TTL: 30 \(Proxy api\.paywell\.example\. A\)$/,
    /^DNS Answer RCode: Non-Existent Domain TTL: 4294967295 \(Proxy api\.paywell\.example\.payments\.svc\.cluster\.local\. A\)$/,
    /^HTTP\/1\.1 GET http:\/\/cart:8080\/cart\?session=\w+&token=\w+$/,
    /^HTTP\/1\.1 200 \d+ms \(GET http:\/\/catalog:8080\/\S+\)$/,
  ]) {
    expect(
      summaries.some((text) => pattern.test(text)),
      String(pattern),
    ).toBe(true);
  }
  const types = new Set(seen.map(({ flow }) => flow.event_type?.type));
  expect(types).toEqual(new Set([4, 5, 7, 129]));
});
