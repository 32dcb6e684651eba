import { expect, test } from "vitest";
import { fromBinary } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { createFrames } from "./frames.js";
import { writeCounter, writeTime } from "./patch.js";

const frames = createFrames("test", 500);

function message(i: number) {
  const start = frames.starts[i] ?? 0;
  const end = frames.starts[i + 1] ?? 0;
  expect(frames.bytes[start]).toBe(0);
  expect(frames.bytes.readUInt32BE(start + 1)).toBe(end - start - 5);
  return fromBinary(GetFlowsResponseSchema, frames.bytes.subarray(start + 5, end));
}

test("ids and times are overwritten in place, and nothing else changes", () => {
  for (let i = 0; i < 500; i++) {
    const before = message(i);
    const patch = frames.patches[i];
    if (patch === undefined) throw new Error("no patch");
    const counter = i % 2 === 0 ? i : 0xfedc_ba98_7654 - i;
    writeCounter(frames.bytes, patch.uuid, counter);
    for (const at of patch.times) writeTime(frames.bytes, at, 1_795_000_000, i);
    const after = message(i);
    if (after.responseTypes.case !== "flow" || before.responseTypes.case !== "flow") {
      throw new Error("no flow");
    }
    const flow = after.responseTypes.value;
    expect(flow.uuid).toBe(
      before.responseTypes.value.uuid.slice(0, 24) + counter.toString(16).padStart(12, "0"),
    );
    expect(flow.uuid).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(flow.time).toEqual(after.time);
    expect(flow.time?.nanos).toBe(i);
    expect(flow.time && timestampDate(flow.time).toISOString()).toBe(
      new Date(1_795_000_000_000).toISOString(),
    );
    before.responseTypes.value.uuid = flow.uuid;
    if (flow.time !== undefined) before.responseTypes.value.time = flow.time;
    if (after.time !== undefined) before.time = after.time;
    expect(after).toEqual(before);
  }
});

test("the frames are distinct flows of the shop", () => {
  const bodies = new Set<string>();
  for (let i = 0; i < 500; i++) {
    const { responseTypes } = message(i);
    if (responseTypes.case === "flow") bodies.add(responseTypes.value.uuid.slice(0, 8));
  }
  expect(bodies.size).toBe(500);
});
