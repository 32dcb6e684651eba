import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@dropscope/ingester/testing";
import type { ProblemAnswer, ProblemsAnswer } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ENGINE,
  entriesOf,
  exported,
  jsonLines,
  simulatedIncident,
  type StoredIncident,
  unzipped,
} from "../kit/incident.js";
import {
  cleanUp,
  dashboardUrl,
  expectClearError,
  getJson,
  runCli,
  scratchDir,
  startCli,
} from "../kit/run-cli.js";
import type { Cli } from "../kit/run-cli.js";

// An incident of the simulated cluster, written into one file and shown elsewhere.

let incident: StoredIncident;
let bundle: string;
let folder: string;

beforeAll(async () => {
  folder = scratchDir("bundles");
  bundle = join(folder, "incident.zip");
  incident = await simulatedIncident();
  await exported(incident, bundle);
}, 180_000);
afterAll(cleanUp);

interface Manifest {
  readonly range: { readonly since: string; readonly until: string };
  readonly counts: Record<string, number>;
  readonly files: readonly { name: string; bytes: number; lines?: number; sha256: string }[];
}

const manifestOf = (file: string): Manifest =>
  JSON.parse(unzipped(file, "manifest.json")) as Manifest;

const hashOf = (file: string): string =>
  createHash("sha256").update(readFileSync(file)).digest("hex");

/** What both ends of the way must answer alike: everything but the clock and who is asked. */
function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !["at", "counts", "coverage", "already"].includes(key))
      .map(([key, one]) => [key, timeless(one)]),
  );
}

interface Shown {
  readonly problems: ProblemsAnswer;
  readonly details: readonly ProblemAnswer[];
  readonly others: Record<string, unknown>;
}

async function shownBy(url: string, range: string): Promise<Shown> {
  const ask = async (path: string): Promise<unknown> => {
    let answer: unknown;
    await until(`${path} is answered`, async () => {
      const { status, body } = await getJson(`${url}/api/v1${path}`);
      expect({ path, status }).toEqual({ path, status: 200 });
      answer = body;
      // Lints that take long are told at a later question.
      return (body as { lint?: string }).lint !== "running";
    });
    return answer;
  };
  // Lints of now, which single policies are shown with, must be through.
  await ask("/policies");
  const problems = (await ask(`/problems?${range}`)) as ProblemsAnswer;
  const details = [];
  const others: Record<string, unknown> = {};
  for (const { id, policies } of problems.problems) {
    const detail = (await ask(`/problems/${id}?${range}`)) as ProblemAnswer;
    details.push(detail);
    for (const { uuid } of detail.flows) {
      others[`explanation ${uuid}`] = await ask(`/flows/${uuid}/explanation`);
      others[`flow ${uuid}`] = await ask(`/flows/${uuid}`);
    }
    for (const { kind, namespace, name } of policies) {
      const { versions } = (await ask(`/policies/${kind}/${namespace || "-"}/${name}`)) as {
        versions: unknown;
      };
      others[`policy ${kind} ${namespace}/${name}`] = versions;
    }
  }
  others["policies"] = await ask(`/policies?until=${new URLSearchParams(range).get("to")}`);
  for (const path of ["drops", "verdicts", "edges", "gaps", "dns", "map", "flows", "audit"])
    others[path] = await ask(`/${path}?${range}`);
  return { problems, details, others };
}

describe("the file", () => {
  test("holds what its manifest says, and `unzip` reads it", () => {
    const { files, counts, range } = manifestOf(bundle);
    expect(new Set(entriesOf(bundle))).toEqual(
      new Set([...files.map(({ name }) => name), "manifest.json"]),
    );
    for (const { name, bytes, lines, sha256 } of files) {
      const text = unzipped(bundle, name);
      expect(Buffer.byteLength(text)).toBe(bytes);
      expect(createHash("sha256").update(text).digest("hex")).toBe(sha256);
      if (lines !== undefined) expect(text.split("\n").length - 1).toBe(lines);
    }
    expect(counts["flows"]).toBeGreaterThan(1_000);
    expect(counts["problems"]).toBeGreaterThanOrEqual(2);
    expect(range.since).toMatch(/:00\.000000000Z$/);
    expect(statSync(bundle).mode & 0o077).toBe(0);
    expect(readdirSync(folder)).toEqual(["incident.zip"]);
  });

  test("its flows are lines that `hubble observe --input-file` takes", () => {
    const lines = unzipped(bundle, "flows.jsonl").trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThan(65_536);
    let last = "";
    for (const line of lines) {
      const value = JSON.parse(line) as Record<string, unknown>;
      // One GetFlowsResponse: its oneof, and the envelope's own two fields.
      expect(Object.keys(value).filter((key) => !["node_name", "time"].includes(key))).toHaveLength(
        1,
      );
      const time = String(value["time"]).replace("Z", "").padEnd(29, "0");
      expect(time >= last).toBe(true);
      last = time;
    }
  });

  test("its flows are those that `observe -o jsonpb` prints, line for line", async () => {
    const { since, until } = manifestOf(bundle).range;
    const line = ["observe", "--data", incident.data, "--since", since, "--until", until];
    const { code, out } = await runCli([...line, "--all", "-o", "jsonpb"]);
    expect(code).toBe(0);
    expect(unzipped(bundle, "flows.jsonl") === out).toBe(true);
  });

  test("its summary names the problem, its policy and the loss, and shows its charts", () => {
    const summary = unzipped(bundle, "SUMMARY.md");
    expect(summary).toContain("web/checkout");
    expect(summary).toContain("NetworkPolicy web/checkout-egress");
    const charts = [...summary.matchAll(/\]\((charts\/[^)]+)\)/g)].map(([, path]) => path!);
    expect(charts.length).toBeGreaterThanOrEqual(3);
    for (const chart of charts) expect(unzipped(bundle, chart)).toMatch(/^<svg [^]*<\/svg>\n$/);
    const policies = entriesOf(bundle).filter((name) => name.startsWith("policies/web/"));
    expect(policies.some((name) => name.includes("checkout-egress"))).toBe(true);
  });

  test("the same range gives the same bytes", async () => {
    const again = join(folder, "again.zip");
    await exported(incident, again);
    expect(hashOf(again)).toBe(hashOf(bundle));
    // Negative control: another range gives others.
    const longer = join(folder, "longer.zip");
    const earlier = new Date(Date.parse(incident.since) - 60_000).toISOString();
    await exported({ ...incident, since: earlier }, longer);
    expect(hashOf(longer)).not.toBe(hashOf(bundle));
  });
});

describe("opened elsewhere", () => {
  let there: Cli | undefined;
  let here: Cli | undefined;
  const opened = (): string => join(folder, "opened");

  afterAll(async () => {
    await there?.stop();
    await here?.stop();
  });

  test("it shows the same problems, explanations, policies and timelines", async () => {
    // A second attempt finds its folders free.
    await Promise.all([here?.stop(), there?.stop()]);
    here = startCli([
      "serve",
      "--data",
      incident.data,
      "--port",
      "0",
      "--cluster-name",
      "shop",
      ...ENGINE,
    ]);
    there = startCli(["incident", "open", bundle, "--data", opened(), "--port", "0", ...ENGINE]);
    const address = new URL(await dashboardUrl(there));
    expect(address.searchParams.get("from")).toBe(
      String(Date.parse(manifestOf(bundle).range.since)),
    );
    const range = address.search.slice(1);
    // Of a range that is not over, rates and the order of problems speak of the moment of the question.
    const end = Number(address.searchParams.get("to"));
    await until("the range is over", () => Date.now() > end, 90_000);
    const [original, copy] = [
      await shownBy(new URL(await dashboardUrl(here)).origin, range),
      await shownBy(address.origin, range),
    ];
    expect(original.problems.problems.length).toBeGreaterThanOrEqual(2);
    expect(original.details.some(({ dns }) => dns.length > 0)).toBe(true);
    expect(
      original.details.every(
        ({ flows, policies, problem }) =>
          flows.length > 0 && policies.length >= Math.min(1, problem.policies.length),
      ),
    ).toBe(true);
    expect(timeless(copy.problems)).toEqual(timeless(original.problems));
    expect(timeless(copy.details)).toEqual(timeless(original.details));
    expect(Object.keys(copy.others)).toEqual(Object.keys(original.others));
    // One by one: a difference names its question.
    for (const [question, answer] of Object.entries(original.others))
      expect({ question, answer: timeless(copy.others[question]) }).toEqual({
        question,
        answer: timeless(answer),
      });
  });

  test("a bundle of the copy has the bytes of the first", async () => {
    const second = join(folder, "second.zip");
    await exported({ ...incident, data: opened() }, second);
    expect(hashOf(second)).toBe(hashOf(bundle));
  });

  test("it is there again without being loaded again, and no other bundle gets into its folder", async () => {
    await there?.stop();
    there = startCli(["incident", "open", bundle, "--data", opened(), "--port", "0", ...ENGINE]);
    const url = new URL(await dashboardUrl(there));
    const { counts } = manifestOf(bundle);
    const { problems } = (await getJson(`${url.origin}/api/v1/problems${url.search}`))
      .body as ProblemsAnswer;
    expect(problems).toHaveLength(counts["problems"]!);
    await there.stop();
    const other = await runCli([
      "incident",
      "open",
      join(folder, "longer.zip"),
      "--data",
      opened(),
    ]);
    expectClearError(other, "INCIDENT_FOLDER", 78);
    const foreign = await runCli(["incident", "open", bundle, "--data", folder]);
    expectClearError(foreign, "INCIDENT_FOLDER", 78);
  });
});

describe("a bundle that is damaged", () => {
  const tmp = (): string => join(folder, "tmp");

  test.each([
    [
      "cut in the middle",
      (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
      "INCIDENT_FOREIGN",
    ],
    ["cut before its last byte", (bytes: Buffer) => bytes.subarray(0, -1), "INCIDENT_FOREIGN"],
    [
      "with a bit turned in its flows",
      (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        changed[5_000] = changed[5_000]! ^ 4;
        return changed;
      },
      "INCIDENT_DAMAGED",
    ],
    ["empty", () => Buffer.alloc(0), "INCIDENT_FOREIGN"],
    ["a text", () => Buffer.from("hello\n".repeat(100)), "INCIDENT_FOREIGN"],
  ])("%s is refused, and leaves nothing behind", async (name, change, code) => {
    const file = join(folder, `${name.replaceAll(" ", "-")}.zip`);
    const data = join(folder, `of ${name}`);
    writeFileSync(file, change(readFileSync(bundle)));
    const result = await runCli(
      ["incident", "open", file, "--data", data, "--port", "0", ...ENGINE],
      {
        env: { TMPDIR: tmp() },
      },
    );
    expectClearError(result, code, 65);
    expect(existsSync(data)).toBe(false);
  });
});

describe("what is asked for wrongly", () => {
  test.each([
    [["--since", "1h"], "INCIDENT_RANGE", 2],
    [["--until", "now"], "INCIDENT_RANGE", 2],
    [["--since", "1h", "--until", "2h"], "INCIDENT_RANGE", 2],
    [["--since", "2h", "--until", "2999-01-01T00:00:00Z"], "INCIDENT_RANGE", 2],
    [["--since", "noon", "--until", "now"], "BAD_TIME", 2],
    [["--since", "2001-01-01", "--until", "2001-01-02"], "INCIDENT_EMPTY", 66],
    [["--since", "1h", "--until", "now", "-o", "/nowhere/x.zip"], "INCIDENT_OUTPUT", 2],
    [["--since", "1h", "--until", "now", "--redact-key-file", "key"], "INCIDENT_KEY", 2],
  ])("%j", async (words, code, exitCode) => {
    const cwd = scratchDir("cwd");
    const result = await runCli(["incident", "export", "--data", incident.data, ...words], { cwd });
    expectClearError(result, code, exitCode);
    expect(readdirSync(cwd).filter((name) => name.includes("incident"))).toEqual([]);
  });

  test("a file that is not there", async () => {
    expectClearError(await runCli(["incident", "open", "/nowhere/x.zip"]), "INCIDENT_NO_FILE", 66);
  });

  test("a bundle that unpacks to more than it may", async () => {
    const result = await runCli(["incident", "open", bundle, "--max-size", "0.001"]);
    expectClearError(result, "INCIDENT_TOO_LARGE", 65);
  });
});

test("`policy test` finds in it what the policies of a folder would deny, without a store", async () => {
  const dir = scratchDir("policies");
  for (const name of entriesOf(bundle).filter((one) => /^policies\/.*\.yaml$/.test(one)))
    writeFileSync(join(dir, name.replaceAll("/", "_")), unzipped(bundle, name));
  const judge = () => runCli(["policy", "test", dir, "--lint", "off", "--replay", bundle]);
  // Between two incidents names are looked up, and by the policies of the incident that is denied.
  const denied =
    /FAIL {2}web\/checkout to kube-system\/coredns on UDP 53 still passes.*\n.*NetworkPolicy web\/checkout-egress makes deny the default/;
  const then = await judge();
  expect(then).toMatchObject({ code: 1, err: "" });
  expect(then.out).toMatch(denied);
  expect(then.out).toMatch(/ok {4}what was seen .*\n {10}observed .*: [\d,]+ flows on /);
  // What they leave alone is not told of.
  expect(then.out).not.toMatch(/FAIL {2}web\/frontend/);
  writeFileSync(
    join(dir, "dns.yaml"),
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: dns, namespace: web}\nspec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}\n",
  );
  expect((await judge()).out).not.toMatch(denied);
});

test("Ctrl-C leaves a whole bundle or nothing", async () => {
  const cwd = scratchDir("stopped");
  const { data, since, until: to } = incident;
  const line = ["incident", "export", "--data", data, "--since", since, "--until", to];
  const running = startCli([...line, "-o", "stopped.zip"], { cwd });
  await until("it writes", () => readdirSync(cwd).length > 0);
  const { code } = await running.stop("SIGINT");
  expect([0, 130]).toContain(code);
  expect(readdirSync(cwd)).toEqual(code === 0 ? ["stopped.zip"] : []);
});

test("filters cut everything to the flows that match", async () => {
  const file = join(folder, "filtered.zip");
  await exported(incident, file, ["--to-port", "53", "--verdict", "DROPPED"]);
  const flows = jsonLines(unzipped(file, "flows.jsonl")).flatMap(
    (line) => (line["flow"] as object) ?? [],
  );
  expect(flows.length).toBeGreaterThan(10);
  for (const flow of flows)
    expect(flow).toMatchObject({ verdict: "DROPPED", l4: { UDP: { destination_port: 53 } } });
  const problems = jsonLines(unzipped(file, "problems.jsonl"));
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatchObject({ port: 53 });
  const uuids = new Set((flows as { uuid: string }[]).map(({ uuid }) => uuid));
  const explained = jsonLines(unzipped(file, "explanations.jsonl")).filter(
    (line) => "uuid" in line,
  );
  expect(explained.length).toBeGreaterThan(10);
  for (const { uuid } of explained) expect(uuids.has(String(uuid))).toBe(true);
  expect(unzipped(file, "SUMMARY.md")).toContain("--to-port 53 --verdict DROPPED");
});
