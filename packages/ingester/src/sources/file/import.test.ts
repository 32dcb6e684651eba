import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { systemClock } from "@dropscope/model";
import type { Batch, StoredIds } from "@dropscope/store";
import { afterAll, describe, expect, it } from "vitest";
import { createDecoder } from "../../decode/index.js";
import { createFeed } from "../../feed.js";
import { createRecentIds } from "../../recent-ids.js";
import { importFiles, type ImportOptions } from "./import.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `flows-${(made += 1)}.json`);
  writeFileSync(path, content);
  return path;
}

/** The store as far as an import sees it: ids that were sealed, per kind. */
function fakeStore() {
  const batches: Batch[] = [];
  const asked: { ids: number; fromNs: bigint; toNs: bigint }[] = [];
  const flows = new Set<string>();
  const gaps = new Set<string>();
  const key = (ids: Uint8Array, at: number): string =>
    Buffer.from(ids.subarray(at, at + 16)).toString("hex");
  const answer = (stored: Set<string>, ids: Uint8Array): Promise<Uint8Array> =>
    Promise.resolve(
      Uint8Array.from({ length: ids.length / 16 }, (_, index) =>
        stored.has(key(ids, index * 16)) ? 1 : 0,
      ),
    );
  const known: StoredIds = {
    flows(ids, fromNs, toNs) {
      asked.push({ ids: ids.length / 16, fromNs, toNs });
      return answer(flows, ids);
    },
    gaps: (ids) => answer(gaps, ids),
  };
  return { batches, asked, known, flows, gaps, key };
}

type FakeStore = ReturnType<typeof fakeStore>;

async function run(inputs: string[], options: Partial<ImportOptions> & { store?: FakeStore } = {}) {
  const { store = fakeStore(), ...rest } = options;
  const feed = createFeed({
    door: {
      seal(batch) {
        store.batches.push(batch);
        return Promise.resolve();
      },
      spaceFreed: () => Promise.resolve(),
    },
    decoder: createDecoder(),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    clock: systemClock,
    onDecoded(decoded, repeat) {
      if (decoded.kind === "flow" && !repeat) store.flows.add(store.key(decoded.uuid, 0));
    },
  });
  const summary = await importFiles({ inputs, feed, known: store.known, ...rest });
  expect(summary.read).toBe(summary.stored + summary.repeated + summary.rejected);
  const sealed = store.batches.reduce((sum, batch) => sum + batch.flows, 0);
  return { summary, sealed, store };
}

const flow = (n: number, more: object = {}) => ({
  time: `2026-11-22T16:06:20.${String(n).padStart(3, "0")}Z`,
  verdict: "DROPPED",
  node_name: "n1",
  Summary: `flow ${n}`,
  ...more,
});
const wrapped = (n: number, more: object = {}) => ({
  flow: flow(n, more),
  node_name: "n1",
  time: flow(n).time,
});
const lines = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

const THREE = [wrapped(1), wrapped(2), wrapped(3)];
const PLAIN = [flow(1), flow(2), flow(3)];
const VARIANTS: [name: string, content: string | Uint8Array][] = [
  ["JSON lines, wrapped", lines(THREE)],
  ["JSON lines, plain flows", lines(PLAIN)],
  [
    "lowerCamel names",
    lines(PLAIN.map(({ node_name, ...rest }) => ({ ...rest, nodeName: node_name }))),
  ],
  ["a JSON array", JSON.stringify(THREE)],
  ["a pretty-printed array of plain flows", JSON.stringify(PLAIN, null, 2)],
  ["pretty-printed values", THREE.map((value) => JSON.stringify(value, null, 4)).join("\n")],
  ["concatenated values", THREE.map((value) => JSON.stringify(value)).join("")],
  ["CRLF and a byte order mark", `\ufeff${lines(THREE).replaceAll("\n", "\r\n")}`],
  ["gzip", gzipSync(lines(THREE))],
  ["gzip members", Buffer.concat(THREE.map((value) => gzipSync(lines([value]))))],
  ["a gzipped array", gzipSync(JSON.stringify(THREE, null, 1))],
];

describe("containers", () => {
  it.each(VARIANTS)("%s", async (_name, content) => {
    const { summary, sealed } = await run([file(content)]);
    expect(summary).toMatchObject({ read: 3, stored: 3, repeated: 0, rejected: 0, textLines: 0 });
    expect(summary.files[0]?.error).toBeUndefined();
    expect(sealed).toBe(3);
  });

  it.each(VARIANTS)("%s, on standard input", async (_name, content) => {
    const bytes = Buffer.from(content);
    const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 40), bytes.subarray(40)];
    const { summary } = await run(["-"], { stdin: Readable.from(pieces) });
    expect(summary).toMatchObject({ stored: 3, rejected: 0 });
    expect(summary.files[0]?.name).toBe("standard input");
  });

  it("the same flow has the same id in every container that keeps its envelope", async () => {
    const store = fakeStore();
    for (const [index, [, content]] of VARIANTS.entries()) {
      const { summary } = await run([file(content)], { store });
      expect([summary.stored, summary.repeated]).toEqual(index === 0 ? [3, 0] : [0, 3]);
    }
  });
});

describe("what stands between flows", () => {
  it("is counted by kind", async () => {
    const content = [
      "time=2026-11-22T16:06:20Z level=WARN msg=slow",
      lines([wrapped(1)]),
      lines([
        { node_status: { state_change: "NODE_CONNECTED", node_names: ["a"] }, node_name: "r" },
      ]),
      lines([{ agent_event: { type: "AGENT_STARTED" }, node_name: "n1", time: flow(1).time }]),
      lines([{ debug_event: { type: "DBG_ENCAP" }, node_name: "n1" }]),
      lines([{ some_new_event: {}, node_name: "n1" }]),
      lines([
        {
          lost_events: { source: "HUBBLE_RING_BUFFER", num_events_lost: "12" },
          node_name: "n1",
          time: flow(1).time,
        },
      ]),
      lines([{ apiVersion: "v1", kind: "List" }]),
      '{"flow":{"verdict":"DROP\n',
      lines([wrapped(2, { l4: { TCP: { source_port: "http" } } })]),
      "error: lost connection to pod\n",
      lines([wrapped(3)]),
    ].join("\n");
    const { summary, sealed, store } = await run([file(content)]);
    expect(summary).toMatchObject({
      read: 4,
      stored: 2,
      rejected: 2,
      rejectedBy: { "bad-json": 1, "wrong-type": 1 },
      losses: 1,
      lostEvents: 12,
      textLines: 2,
      foreign: 1,
      nodeStatus: 1,
      otherEvents: 3,
    });
    expect(summary.files[0]?.rejections).toEqual([
      { line: 16, reason: "bad-json", message: "broken JSON" },
      {
        line: 18,
        reason: "wrong-type",
        message: 'flow.l4.TCP.source_port: expected a uint32, got "http"',
      },
    ]);
    expect(sealed).toBe(2);
    expect(store.batches.flatMap(({ blocks }) => blocks.map(({ table }) => table))).toContain(
      "gaps",
    );
  });

  it("fields and names of a newer Hubble are told once, and the flow is stored", async () => {
    const { summary } = await run([
      file(
        lines([wrapped(1, { new_field: 1 }), wrapped(2, { verdict: "TELEPORTED", new_field: 2 })]),
      ),
    ]);
    expect(summary.stored).toBe(2);
    expect([...summary.unknowns.fields]).toEqual([["flow.new_field", 2]]);
    expect([...summary.unknowns.enums]).toEqual([["Verdict.TELEPORTED", 1]]);
  });
});

describe("a second time", () => {
  it("the same file stores nothing twice, flows without uuid and repeated lines included", async () => {
    const content = lines([
      wrapped(1),
      wrapped(1),
      wrapped(2),
      wrapped(1),
      wrapped(3, { uuid: uuid(3) }),
    ]);
    const store = fakeStore();
    const first = await run([file(content)], { store });
    expect(first.summary).toMatchObject({ read: 5, stored: 5, repeated: 0 });
    const second = await run([file(content)], { store });
    expect(second.summary).toMatchObject({ read: 5, stored: 0, repeated: 5 });
    expect(second.sealed).toBe(5);
    // Negative control: without the store's knowledge another process stores them again.
    const blind = await run([file(content)], {
      known: { ...store.known, flows: none, gaps: none },
    });
    expect(blind.summary.stored).toBe(5);
  });

  it("one line more than before is one flow more", async () => {
    const store = fakeStore();
    await run([file(lines([wrapped(1), wrapped(1)]))], { store });
    const { summary } = await run([file(lines([wrapped(1), wrapped(1), wrapped(1)]))], { store });
    expect(summary).toMatchObject({ stored: 1, repeated: 2 });
  });

  it("files that overlap do not repeat each other, in one import or in two", async () => {
    const a = lines([wrapped(1), wrapped(2), wrapped(2)]);
    const b = lines([wrapped(2), wrapped(3)]);
    const { summary } = await run([file(a), file(b)]);
    expect(summary.files.map(({ stored }) => stored)).toEqual([3, 1]);
  });

  it("a uuid twice in one file is one flow", async () => {
    const { summary } = await run([
      file(lines([wrapped(1, { uuid: uuid(1) }), wrapped(1, { uuid: uuid(1) })])),
    ]);
    expect(summary).toMatchObject({ stored: 1, repeated: 1 });
  });

  it("a stored loss is not stored again", async () => {
    const loss = {
      lost_events: { source: 3, num_events_lost: "5" },
      node_name: "n",
      time: flow(1).time,
    };
    const content = lines([loss, wrapped(1)]);
    const store = fakeStore();
    await run([file(content)], { store });
    const { summary } = await run([file(content)], { known: { ...store.known, gaps: all } });
    expect(summary).toMatchObject({ losses: 0, lossesRepeated: 1, lostEvents: 0 });
  });

  it("the store is asked by day, in groups, with the times of the group", async () => {
    const store = fakeStore();
    const days = ["2026-01-01", "2026-03-01"].flatMap((day) =>
      [1, 2, 3].map((n) => wrapped(n, { time: `${day}T00:00:0${n}Z` })),
    );
    await run([file(lines([...days, { flow: { verdict: "DROPPED" } }]))], { store });
    const second = 1_000_000_000n;
    const january = BigInt(Date.parse("2026-01-01T00:00:00Z")) * 1_000_000n;
    const march = BigInt(Date.parse("2026-03-01T00:00:00Z")) * 1_000_000n;
    expect(store.asked).toEqual([
      { ids: 1, fromNs: 0n, toNs: 0n },
      { ids: 3, fromNs: january + second, toNs: january + 3n * second },
      { ids: 3, fromNs: march + second, toNs: march + 3n * second },
    ]);
  });
});

function none(ids: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(ids.length / 16));
}
function all(ids: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array(ids.length / 16).fill(1));
}

describe("files that cannot be imported", () => {
  it("do not keep the others from it", async () => {
    const good = file(lines(THREE));
    const text = file("port-forward failed\nE1122 something\n");
    const { summary } = await run([join(folder, "nowhere"), folder, text, good]);
    expect(summary.stored).toBe(3);
    expect(summary.files.map(({ error }) => error?.code)).toEqual([
      "IMPORT_NO_FILE",
      "IMPORT_IS_DIRECTORY",
      "NOT_FLOWS",
      undefined,
    ]);
    const error = summary.files[2]?.error;
    expect(error?.exitCode).toBe(65);
    expect(error?.message).toBe(`${text} holds no Hubble flows: found 2 lines of text.`);
    expect(error?.next).toContain("hubble observe -o jsonpb");
  });

  it("an empty file is an error only when there is nothing else", async () => {
    const empty = file("");
    expect((await run([empty])).summary.files[0]?.error?.message).toContain("it is empty");
    const { summary } = await run([empty, file(lines(THREE))]);
    expect(summary.files.map(({ error }) => error)).toEqual([undefined, undefined]);
  });

  it("JSON of another kind", async () => {
    const manifest = { apiVersion: "v1", kind: "Pod", spec: { containers: [{ name: "a" }] } };
    const { summary } = await run([file(JSON.stringify(manifest, null, 2))]);
    expect(summary.files[0]?.error?.message).toContain("found 1 JSON object of another kind");
  });

  it("binary rubbish", async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) & 255);
    expect((await run([file(bytes)])).summary.files[0]?.error?.code).toBe("NOT_FLOWS");
  });

  it("a cut gzip keeps what was read and is reported", async () => {
    const many = Array.from({ length: 2000 }, (_, n) => wrapped(n % 1000, { proxy_port: n }));
    const packed = gzipSync(lines(many));
    const { summary } = await run([file(packed.subarray(0, packed.length - 20))]);
    expect(summary.stored).toBeGreaterThan(1500);
    expect(summary.files[0]).toMatchObject({ damage: "the compressed data ends too early" });
    expect(summary.files[0]?.error).toBeUndefined();
  });
});

it("progress goes up to the size, and says when a file is done", async () => {
  const path = file(
    lines(Array.from({ length: 3000 }, (_, n) => wrapped(n % 1000, { proxy_port: n }))),
  );
  const steps: { bytesRead: number; bytesTotal?: number; read: number; done: boolean }[] = [];
  const { summary } = await run([path], { onProgress: (step) => steps.push(step) });
  const last = steps.at(-1);
  expect(last).toMatchObject({ done: true, read: 3000, bytesRead: last?.bytesTotal });
  expect(steps.length).toBeGreaterThan(2);
  expect(summary.files[0]?.bytes).toBe(last?.bytesRead);
});

it("an abort stops reading; what was read is stored, and nothing is called an error", async () => {
  const path = file(
    lines(Array.from({ length: 5000 }, (_, n) => wrapped(n % 1000, { proxy_port: n }))),
  );
  const stop = new AbortController();
  const { summary, sealed } = await run([path, path], {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  expect(summary.interrupted).toBe(true);
  expect(summary.files).toHaveLength(1);
  expect(summary.stored).toBeGreaterThan(0);
  expect(summary.stored).toBeLessThan(5000);
  expect(sealed).toBe(summary.stored);
  expect(summary.files[0]?.error).toBeUndefined();
});
