import { DropscopeError, type ErrorAnswer } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { coverageOf } from "../testing/coverage.js";
import { dropAt, flowAt } from "../testing/flows.js";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";
import { API_ROUTES } from "./routes.js";
import { ErrorSchema } from "./schemas.js";

let served: ServedDashboard;
const now = Date.now();

beforeAll(async () => {
  served = await serveDashboard();
  served.reader.land([
    dropAt(now - 30_000),
    dropAt(now - 20_000, { l4: { UDP: { source_port: 5000, destination_port: 53 } } }),
    flowAt(now - 10_000),
    flowAt(now - 3 * 86_400_000),
  ]);
  served.reader.addGap({
    time: new Date(now).toISOString(),
    node: "n1",
    cause: "hubble-ring",
    count: 5,
  });
});
afterAll(() => served.close());

async function ask(path: string): Promise<{ status: number; body: never; headers: Headers }> {
  const response = await fetch(`${served.url}/api/v1${path}`);
  return {
    status: response.status,
    body: (await response.json()) as never,
    headers: response.headers,
  };
}

async function refusal(path: string): Promise<ErrorAnswer["error"] & { status: number }> {
  const { status, body } = await ask(path);
  const { error } = ErrorSchema.parse(body) as ErrorAnswer;
  return { ...error, status };
}

describe("answers", () => {
  test.each([
    "/overview",
    "/overview?since=1h&filter=--verdict%20DROPPED&step=10s",
    "/overview?since=30d",
    `/overview?from=${now - 60_000}&to=${now}`,
    "/flows?limit=1",
    "/flows?since=7d",
    "/overview?since=7d&filter=--verdict%20DROPPED%20-n%20web",
    "/drops?since=7d&step=1h",
    "/verdicts",
    "/edges?since=7d&limit=5",
    "/gaps",
    "/complete?what=namespace&prefix=pa",
    "/complete?what=problem",
    "/filters",
    "/views",
    "/status",
    "/openapi.json",
  ])("%s is what the OpenAPI document says", async (path) => {
    const { status, body, headers } = await ask(path);
    expect(body).toBeTruthy();
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.get("cache-control")).toBe("no-store");
    const route = API_ROUTES.find((one) => one.path === path.replace(/\?.*/, ""));
    expect(() => route?.answer.parse(body)).not.toThrow();
  });

  test("one flow, as described", async () => {
    const page = (await ask("/flows")).body as { flows: { uuid: string }[] };
    const uuid = page.flows[0]?.uuid ?? "";
    const { body } = await ask(`/flows/${uuid}`);
    const route = API_ROUTES.find((one) => one.name === "flow");
    expect(route?.answer.parse(body)).toMatchObject({ row: { uuid } });
  });

  test("pages follow one another to the end without a gap or repeat", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await ask(`/flows?limit=1&since=1h${cursor}`);
      const page = body as { flows: { uuid: string }[]; next?: string };
      seen.push(...page.flows.map((row) => row.uuid));
      cursor = page.next === undefined ? "" : `&cursor=${page.next}`;
    } while (cursor !== "");
    expect(new Set(seen).size).toBe(3);
    expect(seen).toHaveLength(3);
  });

  test("parts of an overview agree with each other", async () => {
    const { body } = await ask("/overview?since=10m&filter=--verdict%20DROPPED");
    const { drops, verdicts, edges } = body as {
      drops: { series: { counts: number[] }[] };
      verdicts: { count: number }[];
      edges: { count: number }[];
    };
    const sum = (list: number[]) => list.reduce((total, count) => total + count, 0);
    expect(sum(drops.series.flatMap((one) => one.counts))).toBe(2);
    expect(sum(verdicts.map((one) => one.count))).toBe(2);
    expect(sum(edges.map((one) => one.count))).toBe(2);
  });
});

describe("bad questions get a clear answer", () => {
  test.each<[string, number, string, RegExp]>([
    ["/flows?limit=0", 400, "BAD_QUERY", /limit: must be 1 or more/],
    ["/flows?limit=1001", 400, "BAD_QUERY", /limit: must be 1000 at most/],
    ["/flows?limit=ten", 400, "BAD_QUERY", /limit: must be a number/],
    ["/flows?limit=1.5", 400, "BAD_QUERY", /whole number/],
    ["/flows?limt=10", 400, "BAD_QUERY", /Unknown parameter "limt"/],
    ["/flows?since=1h&since=2h", 400, "BAD_QUERY", /given once/],
    ["/flows?__proto__=1", 400, "BAD_QUERY", /Unknown parameter/],
    ["/flows?since=never", 400, "BAD_TIME", /is not a time/],
    ["/flows?since=1h&until=2h", 400, "BAD_RANGE", /later than until/],
    ["/flows?since=2d&filter=--to-port%2053", 422, "RANGE_TOO_WIDE", /24 hours/],
    ["/drops?since=2d&filter=--pod%20web%2Fx", 422, "RANGE_TOO_WIDE", /24 hours/],
    ["/drops?since=1d&step=1s", 400, "BAD_STEP", /1500 pieces/],
    ["/drops?step=soon", 400, "BAD_STEP", /seconds/],
    ["/flows?filter=--http-path%20(", 400, "FILTER_INVALID", /regular expression/],
    ["/flows?filter=--ip%2010.0.0.0/40", 400, "FILTER_INVALID", /10\.0\.0\.0\/40/],
    ["/flows?filter=--cel-expression%20true", 400, "FILTER_UNSUPPORTED", /CEL/],
    [`/flows?filter=${"x".repeat(5_000)}`, 400, "FILTER_INVALID", /longer than 4096/],
    ["/flows/not-a-uuid", 400, "BAD_QUERY", /uuid: must be the uuid of a flow/],
    [`/flows/${crypto.randomUUID()}`, 404, "FLOW_NOT_FOUND", /not stored/],
    ["/complete?what=secrets", 400, "BAD_QUERY", /one of namespace, pod, workload, service/],
    ["/complete", 400, "BAD_QUERY", /what/],
    ["/status?x=1", 400, "BAD_QUERY", /Unknown parameter "x"/],
    ["/nothing", 404, "NOT_FOUND", /nothing at this address/],
  ])("%s → %d %s", async (path, status, code, message) => {
    const error = await refusal(path);
    expect(error).toMatchObject({ status, code });
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/\.$/);
    expect(error.next).toMatch(/[.?]$/);
    expect(error.request).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("the place in the filter line comes along", async () => {
    const { at } = await refusal("/flows?filter=--verdict%20DROPED");
    expect(at).toEqual(["--verdict ".length, "--verdict DROPED".length]);
  });
});

describe("faults of the store", () => {
  const SECRET =
    "Code: 60. DB::Exception: Table dropscope.flows does not exist. SELECT * FROM flows";
  const asking = API_ROUTES.filter((route) => route.asksStore).map((route) =>
    route.path
      .replace(":uuid", crypto.randomUUID())
      .replace(":id", "0123456789abcdef")
      .replace(":kind/:namespace/:name", "NetworkPolicy/web/nothing")
      .replace(":address", "10.0.0.1")
      .concat({ complete: "?what=pod", tuningSuggestion: "?namespace=web" }[route.name] ?? ""),
  );

  test.each(asking)("S21: %s tells a code and an id, not what happened inside", async (path) => {
    const fault = new Error(SECRET, { cause: new Error("password hunter2") });
    served.reader.fault = fault;
    served.knowledge.fault = fault;
    const response = await fetch(`${served.url}/api/v1${path}`);
    served.reader.fault = undefined;
    served.knowledge.fault = undefined;
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toMatch(/Exception|SELECT|flows|hunter2|at .*\.[jt]s/);
    const { error } = JSON.parse(text) as ErrorAnswer;
    expect(error.code).toBe("INTERNAL");
    expect(error.request).toBe(response.headers.get("x-request-id"));
    expect(served.logs.some((line) => line.request === error.request)).toBe(true);
  });

  test("too broad → 422 with advice", async () => {
    served.reader.fault = new DropscopeError("QUERY_TOO_BROAD", "The question reads too much.", {
      next: "Narrow the range.",
    });
    const error = await refusal("/overview");
    served.reader.fault = undefined;
    expect(error).toMatchObject({
      status: 422,
      code: "QUERY_TOO_BROAD",
      next: "Narrow the range.",
    });
  });

  test.each([
    Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:8123"), { code: "ECONNREFUSED" }),
    new DropscopeError("CLICKHOUSE_UNREACHABLE", "no", { next: "wait" }),
  ])("unreachable → 503, and says how many flows wait on disk", async (fault) => {
    served.setCoverage(coverageOf({ store: { state: "ok", waiting: 12_345 } }));
    served.reader.fault = fault;
    const response = await fetch(`${served.url}/api/v1/flows`);
    served.reader.fault = undefined;
    served.setCoverage(coverageOf());
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    const { error } = (await response.json()) as ErrorAnswer;
    expect(error.code).toBe("STORE_DOWN");
    expect(error.message).toContain("12,345 flows wait");
  });

  test("S16: closing the request aborts the question", async () => {
    const aborted = new Promise<void>((resolve) => {
      served.reader.before = (call, signal) =>
        call === "page"
          ? new Promise((_, reject) =>
              signal?.addEventListener("abort", () => {
                resolve();
                reject(new Error("aborted"));
              }),
            )
          : undefined;
    });
    const controller = new AbortController();
    const answer = fetch(`${served.url}/api/v1/flows`, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(answer).rejects.toThrow();
    await aborted;
    served.reader.before = undefined;
    expect((await ask("/flows")).status).toBe(200);
  });
});

test("S6: an address that floods gets 429 and when to come back; the free routes go on", async () => {
  const strict = await serveDashboard({ limits: { loopbackQueriesPerMinute: 3 } });
  const statuses: number[] = [];
  let last: Response | undefined;
  for (let n = 0; n < 5; n++) {
    last = await fetch(`${strict.url}/api/v1/flows`);
    statuses.push(last.status);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await fetch(`${strict.url}/api/v1/status`)).status).toBe(200);
  await strict.close();
});
