import { EVERYTHING, type GapCause, LOCAL_VIEWER } from "@dropscope/model";
import { createReader, type FlowReader, type TimeRange } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickhouseTime } from "../kit/flow-rows.js";

const START = Date.parse("2026-04-01T12:00:00Z");
const MINUTE = 60_000;
const ns = (minutes: number): bigint => BigInt(START + minutes * MINUTE) * 1_000_000n;

/** Minutes since START. */
interface Told {
  node: string;
  cause: GapCause;
  at: number;
  from: number;
  to?: number;
}
const TOLD: Told[] = [
  // Away for ten minutes.
  { node: "n1", cause: "node-unavailable", at: 10, from: 9 },
  { node: "n1", cause: "node-unavailable", at: 20, from: 9, to: 19 },
  // Away again, and still.
  { node: "n1", cause: "node-unavailable", at: 30, from: 29 },
  // Its ring had kept everything.
  { node: "n2", cause: "node-silent", at: 11, from: 9 },
  { node: "n2", cause: "node-silent", at: 12, from: 9, to: 9 },
  // The opening row came with another batch, or never.
  { node: "n3", cause: "node-error", at: 15, from: 14, to: 14.5 },
  { node: "n1", cause: "perf-ring", at: 16, from: 16 },
];

let store: TestStore;
let reader: FlowReader;

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  const stamp = (minutes: number): string =>
    clickhouseTime(new Date(START + minutes * MINUTE).toISOString());
  const rows = TOLD.map(({ node, cause, at, from, to }, n) => ({
    time: stamp(at),
    batch: 1,
    stored_on: new Date().toISOString().slice(0, 10),
    id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    node,
    cause,
    source: -1,
    count: 0,
    lost_from: stamp(from),
    lost_to: to === undefined ? null : stamp(to),
  }));
  await store.client.insertRows("gaps", rows, "gaps");
});
afterAll(() => store.close());

/** `node from-to` of the gaps of a range. */
async function told(range: TimeRange): Promise<string[]> {
  const gaps = await reader.gaps(range);
  const timeline = await reader.drops({
    ...range,
    viewer: LOCAL_VIEWER,
    selection: EVERYTHING,
    stepMs: MINUTE,
  });
  expect(timeline.gaps).toEqual(gaps);
  const minute = (text: string | undefined): string =>
    text === undefined ? "" : String((Date.parse(text) - START) / MINUTE);
  return gaps.map(({ node, from, to }) => `${node} ${minute(from)}-${minute(to)}`);
}

describe("an outage is one gap", () => {
  it("in a range that holds all of it", async () => {
    expect(await told({ since: ns(0), until: ns(60) })).toEqual([
      "n3 14-14.5",
      "n1 16-",
      "n1 9-19",
      "n1 29-",
    ]);
  });

  it("in a range that ends before it did: it is known by now how it ended", async () => {
    expect(await told({ since: ns(0), until: ns(12) })).toEqual(["n1 9-19"]);
  });

  it("that is over before the range begins is not in it, and one that goes on is", async () => {
    expect(await told({ since: ns(25), until: ns(28) })).toEqual([]);
    expect(await told({ since: ns(45), until: ns(60) })).toEqual(["n1 29-"]);
  });

  it("of a node that never came back does not mark charts for ever", async () => {
    const day = 24 * 60;
    expect(await told({ since: ns(29 + day), until: ns(40 + day) })).toEqual(["n1 29-"]);
    expect(await told({ since: ns(31 + day), until: ns(40 + day) })).toEqual([]);
  });
});
