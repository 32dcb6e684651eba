import {
  compileSelection,
  DropscopeError,
  EVERYTHING,
  FilterError,
  LOCAL_VIEWER,
  MAX_FILTER_LINE,
  parseFilterLine,
  parseTimeNs,
  type Flow,
  type FlowFilter,
  type ObservedItem,
  type Viewer,
} from "@dropscope/model";
import { createReader, newBatchId, type FlowQuery, type FlowReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clickhouseTime, RowWriter } from "../kit/flow-rows.js";

let store: TestStore;
let reader: FlowReader;

const all: FlowQuery = { viewer: LOCAL_VIEWER, selection: EVERYTHING };
const START = Date.parse("2026-04-01T12:00:30Z");
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;
const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** 300 flows over ten minutes, two of three dropped; a denied packet is told twice. */
const flows: Flow[] = Array.from({ length: 300 }, (_, n) => {
  const dropped = n % 3 !== 2;
  const kind = n % 3;
  return {
    time: new Date(START + Math.floor(n / 3) * 6000).toISOString().replace("Z", "000001Z"),
    uuid: uuid(n + 1),
    verdict: dropped ? "DROPPED" : "FORWARDED",
    ...(dropped
      ? { drop_reason_desc: n < 150 ? "POLICY_DENIED" : "STALE_OR_UNROUTABLE_IP" }
      : { is_reply: true }),
    event_type:
      kind === 0
        ? { type: 5, sub_type: 133 }
        : kind === 1
          ? { type: 1, sub_type: 133 }
          : { type: 4 },
    IP: {
      source: "10.0.0.1",
      destination: n < 150 ? "10.0.0.2" : "93.184.216.34",
      ipVersion: "IPv4",
    },
    l4: { TCP: { source_port: 40_000 + Math.floor(n / 3), destination_port: 443 } },
    source: {
      identity: 4242,
      namespace: "web",
      pod_name: `web-${n % 2}`,
      workloads: [{ name: "web", kind: "Deployment" }],
      labels: ["k8s:app=web"],
    },
    destination:
      n < 150
        ? { identity: 77, namespace: "payments", pod_name: "api-1" }
        : { identity: 2, labels: ["reserved:world"] },
    node_name: n % 2 === 0 ? "n1" : "c1/n2",
    traffic_direction: "EGRESS",
  } satisfies Flow;
});

const gaps = [
  { n: 1, at: START + 1000, source: 3, cause: "hubble-ring", count: 5 },
  { n: 2, at: START + 2000, source: 1, cause: "perf-ring", count: 7, cpu: 2 },
  { n: 2, at: START + 2000, source: 1, cause: "perf-ring", count: 7, cpu: 2 },
  { n: 3, at: START + 3000, source: -1, cause: "node-error", count: 0, message: "gone" },
];

beforeAll(async () => {
  store = await startTestStore();
  reader = createReader(store.client);
  const writer = new RowWriter(newBatchId(Date.now()));
  for (const flow of flows) writer.add(flow);
  await writer.insert(store.client);
  const stored_on = new Date().toISOString().slice(0, 10);
  const rows = gaps.map((gap) => ({
    time: stamp(gap.at),
    batch: 1,
    stored_on,
    id: uuid(gap.n),
    node: "n1",
    cause: gap.cause,
    source: gap.source,
    count: gap.count,
    lost_from: stamp(gap.at - 1000),
    lost_to: stamp(gap.at),
    cpu: gap.cpu ?? null,
    message: gap.message ?? "",
  }));
  await store.client.insertRows("gaps", rows, "gaps");
});
afterAll(() => store.close());

function stamp(ms: number): string {
  return clickhouseTime(new Date(ms).toISOString());
}

async function collect(items: AsyncIterable<ObservedItem>): Promise<ObservedItem[]> {
  const found: ObservedItem[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("observe", () => {
  it("gives flows and losses oldest first, a loss once", async () => {
    const items = await collect(reader.observe(all));
    expect(items).toHaveLength(302);
    const times = items.map((item) => parseTimeNs(item.time ?? "") ?? 0n);
    expect(times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0n))).toBe(true);
    expect(items.filter((item) => item.lost_events)).toEqual([
      {
        lost_events: {
          source: "HUBBLE_RING_BUFFER",
          num_events_lost: "5",
          first: "2026-04-01T12:00:30Z",
          last: "2026-04-01T12:00:31Z",
        },
        node_name: "n1",
        time: "2026-04-01T12:00:31Z",
      },
      {
        lost_events: {
          source: "PERF_EVENT_RING_BUFFER",
          num_events_lost: "7",
          cpu: 2,
          first: "2026-04-01T12:00:31Z",
          last: "2026-04-01T12:00:32Z",
        },
        node_name: "n1",
        time: "2026-04-01T12:00:32Z",
      },
    ]);
    expect(items[0]).toEqual({
      flow: flows.find((flow) => flow.uuid === items[0]?.flow?.uuid),
      node_name: items[0]?.flow?.node_name,
      time: items[0]?.flow?.time,
    });
  });

  it.each([1, 2, 5, 299, 300, 1000])("the newest %i, oldest first", async (last) => {
    const items = await collect(reader.observe({ ...all, last }));
    const found = items.flatMap((item) => (item.flow === undefined ? [] : [item.flow.time]));
    expect(found).toEqual(flows.map((flow) => flow.time).slice(-last));
  });

  it.each([1, 4, 301])("the oldest %i", async (first) => {
    const items = await collect(reader.observe({ ...all, first }));
    const found = items.flatMap((item) => (item.flow === undefined ? [] : [item.flow.time]));
    expect(found).toEqual(flows.map((flow) => flow.time).slice(0, first));
  });

  it.each([{}, { last: 200 }, { last: 7 }, { first: 100 }, { first: 299 }])(
    "the same in small windows: %o",
    async (limit) => {
      const small = createReader(store.client, { windowRows: 4 });
      expect(await collect(small.observe({ ...all, ...limit }))).toEqual(
        await collect(reader.observe({ ...all, ...limit })),
      );
    },
  );

  it("both ends of a range belong to it", async () => {
    const at = parseTimeNs(flows[30]?.time ?? "") ?? 0n;
    expect(
      (await collect(reader.observe({ ...all, since: at, until: at }))).filter((item) => item.flow),
    ).toHaveLength(3);
    expect(await collect(reader.observe({ ...all, since: at + 1n, until: at + 2n }))).toEqual([]);
  });

  it("only the losses, when no flow fits", async () => {
    const items = await collect(
      reader.observe({ ...all, selection: { allow: [{ verdict: ["AUDIT"] }], deny: [] } }),
    );
    expect(items.map((item) => item.lost_events?.num_events_lost)).toEqual(["5", "7"]);
  });

  it("stops when its reader stops", async () => {
    const stream = reader.observe(all)[Symbol.asyncIterator]();
    await stream.next();
    await stream.return?.();
    expect((await reader.verdicts(all)).length).toBe(2);
  });
});

describe("page", () => {
  it.each([1, 7, 100, 300])("walks everything newest first, %i at a time", async (limit) => {
    const found: string[] = [];
    let cursor: string | undefined;
    for (let step = 0; step < (limit === 1 ? 20 : 400); step++) {
      const answer = await reader.page({
        ...all,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...answer.rows.map((row) => row.uuid));
      cursor = answer.next;
      if (cursor === undefined) break;
    }
    expect(new Set(found).size).toBe(found.length);
    if (limit > 1) expect(found).toHaveLength(300);
    const position = new Map(flows.map((flow, at) => [flow.uuid ?? "", Math.floor(at / 3)]));
    const order = found.map((id) => position.get(id) ?? -1);
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });

  it("refuses a cursor that it did not give", async () => {
    await expect(reader.page({ ...all, limit: 1, cursor: "1' OR 1=1" })).rejects.toMatchObject({
      code: "CURSOR_INVALID",
    });
  });

  it("shows a flow as a row", async () => {
    const { rows } = await reader.page({
      ...all,
      limit: 3,
      selection: { allow: [{ uuid: [uuid(2)] }], deny: [] },
    });
    expect(rows).toEqual([
      expect.objectContaining({
        uuid: uuid(2),
        node: "c1/n2",
        verdict: "DROPPED",
        reason: "POLICY_DENIED",
        event: "Policy denied",
        direction: "EGRESS",
        reply: "unknown",
        protocol: "TCP",
        source: { kind: "workload", namespace: "web", name: "web" },
        sourceIp: "10.0.0.1",
        sourcePort: 40_000,
        destination: { kind: "workload", namespace: "payments", name: "api" },
        destinationPort: 443,
      }),
    ]);
  });
});

describe("drops, verdicts and edges", () => {
  it("counts a packet that was told twice once", async () => {
    const answer = await reader.drops({ ...all, stepMs: 60_000 });
    expect(answer.from).toBe(Date.parse("2026-04-01T12:00:00Z"));
    expect(
      answer.series.map(({ key, counts }) => [key, counts.reduce((sum, count) => sum + count, 0)]),
    ).toEqual([
      ["POLICY_DENIED", 50],
      ["STALE_OR_UNROUTABLE_IP", 50],
    ]);
    expect(answer.series[0]?.counts.slice(0, 3)).toEqual([5, 10, 10]);
    expect(answer.gaps.map((gap) => gap.cause)).toEqual(["hubble-ring", "perf-ring", "node-error"]);
  });

  const ranges: [string, Partial<FlowQuery>][] = [
    ["all", {}],
    ["odd ends", { since: ns(START + 7001), until: ns(START + 403_210) }],
    ["less than a minute", { since: ns(START + 7001), until: ns(START + 20_000) }],
  ];
  const filters: FlowFilter[] = [
    {},
    { verdict: ["DROPPED"] },
    { node_name: ["c1/*"] },
    { source_pod: ["web/"] },
    { event_type: [{ type: 1 }] },
  ];

  it.each(ranges)("the rollups say what the flows say: %s", async (_, range) => {
    // The flows answer when a filter asks for what no rollup has.
    const raw: FlowFilter = {
      source_port: Array.from({ length: 100 }, (_, at) => String(40_000 + at)),
    };
    for (const filter of filters) {
      const rolled = {
        ...all,
        ...range,
        selection: { allow: Object.keys(filter).length === 0 ? [] : [filter], deny: [] },
      };
      const plain = { ...rolled, selection: { allow: [{ ...filter, ...raw }], deny: [] } };
      expect(await reader.drops({ ...rolled, stepMs: 60_000 })).toEqual(
        await reader.drops({ ...plain, stepMs: 60_000 }),
      );
      expect(await reader.verdicts(rolled)).toEqual(await reader.verdicts(plain));
      if (Object.keys(filter).length === 0) {
        const exact = (list: Awaited<ReturnType<FlowReader["edges"]>>): unknown =>
          list.map((edge) => Object.assign({}, edge, { rate: 0 }));
        expect(exact(await reader.edges({ ...rolled, limit: 10 }))).toEqual(
          exact(await reader.edges({ ...plain, limit: 10 })),
        );
      }
    }
  });

  it("folds denied edges and names their ends", async () => {
    const edges = await reader.edges({ ...all, limit: 10 });
    expect(edges).toEqual([
      expect.objectContaining({
        source: { kind: "workload", namespace: "web", name: "web" },
        destination: { kind: "entity", namespace: "", name: "world" },
        protocol: "TCP",
        port: 443,
        verdict: "DROPPED",
        reason: "STALE_OR_UNROUTABLE_IP",
        count: 50,
        firstSeen: START + 300_000,
        lastSeen: START + 594_000,
      }),
      expect.objectContaining({
        destination: { kind: "workload", namespace: "payments", name: "api" },
        reason: "POLICY_DENIED",
        count: 50,
        rate: 0,
      }),
    ]);
    expect(edges[0]?.rate).toBeGreaterThan(0);
    expect(await reader.edges({ ...all, limit: 1 })).toHaveLength(1);
  });

  it("the rate of a range that is not over speaks of the minute before now", async () => {
    const newest = START + 594_001;
    const rateAt = async (now: number, until: number, more: Partial<FlowQuery>) => {
      const past = createReader(store.client, { clock: { now: () => now } });
      const range = { since: ns(START - 60_000), until: ns(until) };
      return (await past.edges({ ...all, ...range, ...more, limit: 10 })).map(({ rate }) => rate);
    };
    // Only the flows answer this one.
    const selection = parseFilterLine("--verdict DROPPED");
    // Ten packets in a minute, each told twice.
    const expected = [10 / 60, 0];
    for (const until of [newest, newest + 300_000, newest + 86_400_000])
      expect(await rateAt(newest, until, { selection })).toEqual(expected);
    // A rollup tells whole minutes: that from 12:09 on.
    for (const until of [newest, newest + 300_000, newest + 86_400_000])
      expect(await rateAt(newest, until, {})).toEqual(expected);
    expect(await rateAt(newest + 120_000, newest + 300_000, { selection })).toEqual([0, 0]);
    expect(await rateAt(newest + 120_000, newest + 300_000, {})).toEqual([0, 0]);
  });

  it("refuses more buckets than a chart can have", async () => {
    await expect(reader.drops({ ...all, stepMs: 1 })).rejects.toMatchObject({
      code: "QUERY_TOO_BROAD",
    });
  });

  it("an empty range has no series", async () => {
    const answer = await reader.drops({
      ...all,
      since: ns(START - 60_000),
      until: ns(START - 1),
      stepMs: 1000,
    });
    expect(answer.series).toEqual([]);
    expect(answer.to - answer.from).toBeGreaterThan(58_000);
  });
});

describe("one flow, completion, totals", () => {
  it("gives everything known about a flow, and what belongs to it", async () => {
    const detail = await reader.detail(uuid(2), LOCAL_VIEWER);
    expect(detail?.flow).toEqual(flows[1]);
    expect(detail?.reason).toMatchObject({ name: "POLICY_DENIED", title: "Policy denied" });
    expect(detail?.related.map((row) => row.uuid).sort()).toEqual([uuid(1), uuid(3)]);
    expect(await reader.detail(uuid(9999), LOCAL_VIEWER)).toBeUndefined();
    expect(await reader.detail("' OR 1=1 --", LOCAL_VIEWER)).toBeUndefined();
  });

  it("shows a viewer only his own", async () => {
    const viewer: Viewer = { name: "p", namespaces: ["payments"], seesL7: true };
    const detail = await reader.detail(uuid(2), viewer);
    expect(detail?.flow.source).toEqual({ namespace: "web" });
    expect(detail?.row.source).toEqual({ kind: "unknown", namespace: "web", name: "" });
    expect(JSON.stringify(detail)).not.toContain("web-1");
    expect(await reader.detail(uuid(200), viewer)).toBeUndefined();
    expect(
      JSON.stringify(await reader.edges({ viewer, selection: EVERYTHING, limit: 10 })),
    ).not.toContain("world");
    expect(await reader.complete("pod", "", viewer)).toEqual(["payments/api-1"]);
    const nobody: Viewer = { name: "n", namespaces: [], seesL7: true };
    expect((await reader.page({ viewer: nobody, selection: EVERYTHING, limit: 5 })).rows).toEqual(
      [],
    );
    expect(await reader.verdicts({ viewer: nobody, selection: EVERYTHING })).toEqual([]);
  });

  it("completes values, most frequent first", async () => {
    expect(await reader.complete("namespace", "", LOCAL_VIEWER)).toEqual(["web", "payments"]);
    expect(await reader.complete("pod", "web/", LOCAL_VIEWER)).toEqual(["web/web-0", "web/web-1"]);
    expect(await reader.complete("workload", "w", LOCAL_VIEWER)).toEqual(["web"]);
    expect(await reader.complete("node", "c1", LOCAL_VIEWER)).toEqual(["c1/n2"]);
    expect(await reader.complete("pod", "%", LOCAL_VIEWER)).toEqual([]);
  });

  it("totals what coverage shows", async () => {
    expect(await reader.totals(ns(START + 1500))).toEqual({
      newestNs: parseTimeNs(flows.at(-1)?.time ?? ""),
      flows: 300,
      lostRecent: 7,
      lostTotal: 12,
      nodes: ["c1/n2", "n1"],
    });
    expect(await reader.gaps({ until: ns(START + 500) })).toHaveLength(1);
  });
});

describe("cost and hostility", () => {
  const hostile = [
    "'",
    "\\",
    "\\'",
    "'; DROP TABLE flows; --",
    "{p1:String}",
    "\n\n",
    "\t",
    "\0",
    "%s",
    "\u202e",
    "é😀",
    "a".repeat(2000),
    "${x}",
    "`",
    "*/",
    "]",
    "\\x00",
    "\r\n",
  ];

  it("S15: no value of a filter is ever read as SQL", async () => {
    const fields = [
      "source_pod",
      "source_service",
      "http_method",
      "trace_id",
      "source_label",
      "interface",
      "http_header",
      "source_workload",
    ] as const;
    for (const text of hostile) {
      for (const field of fields) {
        const value =
          field === "source_pod" || field === "source_service"
            ? `${text}/x`
            : field === "interface" || field === "source_workload"
              ? { name: text }
              : field === "http_header"
                ? { key: text, value: text }
                : text;
        const filter = { [field]: [value] } as FlowFilter;
        let rows: number | undefined;
        try {
          rows = (await reader.page({ ...all, selection: { allow: [filter], deny: [] }, limit: 5 }))
            .rows.length;
        } catch (error) {
          if (!(error instanceof FilterError))
            throw new Error(`${field}: ${JSON.stringify(text)}`, { cause: error });
          continue;
        }
        const passes = compileSelection(
          { allow: [filter], deny: [] },
          { regex: () => ({ test: () => false }) },
        );
        expect(rows, `${field} ${text}`).toBe(
          flows.filter((flow) => passes(flow)).slice(0, 5).length,
        );
      }
      expect(await reader.complete("pod", text, LOCAL_VIEWER)).toEqual([]);
      const viewer: Viewer = { name: "x", namespaces: [text], seesL7: true };
      expect((await reader.page({ viewer, selection: EVERYTHING, limit: 5 })).rows).toEqual([]);
    }
    expect((await reader.totals(0n)).flows).toBe(300);
  });

  it("takes a filter line of the greatest length", async () => {
    const pattern = "é".repeat(MAX_FILTER_LINE - "--http-url ".length);
    const selection = parseFilterLine(`--http-url ${pattern}`);
    expect((await reader.page({ ...all, selection, limit: 5 })).rows).toEqual([]);
  });

  it("a bad regular expression is the fault of the filter", async () => {
    const selection = { allow: [{ http_url: ["("] }], deny: [] };
    await expect(reader.verdicts({ ...all, selection })).rejects.toMatchObject({
      code: "FILTER_INVALID",
    });
    const cel = { allow: [{ experimental: { cel_expression: ["true"] } }], deny: [] };
    await expect(reader.verdicts({ ...all, selection: cel })).rejects.toMatchObject({
      code: "FILTER_UNSUPPORTED",
    });
  });

  it("S16: a question that costs too much is refused with advice", async () => {
    const poor = createReader(store.client, {
      limits: { seconds: 10, rows: 10, bytes: 1e9, memoryBytes: 2 ** 30 },
    });
    const failure = await poor.page({ ...all, limit: 5 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(DropscopeError);
    expect(failure).toMatchObject({ code: "QUERY_TOO_BROAD" });
    expect((failure as DropscopeError).message).not.toMatch(/SELECT|flows/);
    expect((await reader.page({ ...all, limit: 5 })).rows).toHaveLength(5);
  });

  it("an abort ends a question", async () => {
    const controller = new AbortController();
    controller.abort(new Error("closed"));
    await expect(reader.page({ ...all, limit: 5 }, controller.signal)).rejects.toThrow("closed");
    const later = new AbortController();
    const asked = reader.edges({ ...all, limit: 5 }, later.signal);
    later.abort(new Error("closed later"));
    await expect(asked).rejects.toThrow("closed later");
  });
});
