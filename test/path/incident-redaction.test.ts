import { join } from "node:path";
import { podOwner, type ProblemAnswer, type ProblemsAnswer } from "@dropscope/model";
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ENGINE,
  entriesOf,
  exported,
  jsonLines,
  simulatedIncident,
  type StoredIncident,
  unzipped,
} from "../kit/incident.js";
import { cleanUp, dashboardUrl, getJson, scratchDir, startCli } from "../kit/run-cli.js";

// A bundle for somebody who must not learn what things are called.

let incident: StoredIncident;
let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = scratchDir("redacted");
  incident = await simulatedIncident();
  writeFileSync(path("key"), "0123456789abcdef0123456789abcdef\n");
  await exported(incident, path("plain.zip"));
  const key = ["--redact-key-file", path("key")];
  await exported(incident, path("redacted.zip"), ["--redact", "names", ...key]);
}, 180_000);
afterAll(cleanUp);

/** What everybody's cluster calls so, and numbers. */
const COMMON =
  /^(?:default|kube-system|kube-public|kubernetes|kube-dns|coredns|svc|cluster|local|in-addr|arpa|true|false|\d+)?$/;

/** Every name of the plain bundle: of namespaces, pods, workloads, nodes, services, policies, DNS, and values of labels. */
function namesOf(bundle: string): Set<string> {
  const found = new Set<string>();
  const add = (text: unknown): void => {
    if (typeof text !== "string") return;
    for (const part of text.split(/[/.:*,]/)) if (!COMMON.test(part)) found.add(part);
  };
  const label = (text: string): void => {
    if (!/^(?:reserved|cidr):/.test(text)) add(text.split("=").slice(1).join("="));
  };
  interface End {
    namespace?: string;
    pod_name?: string;
    cluster_name?: string;
    labels?: string[];
    workloads?: { name?: string }[];
  }
  for (const { flow } of jsonLines(unzipped(bundle, "flows.jsonl")) as {
    flow?: Record<string, unknown>;
  }[]) {
    if (flow === undefined) continue;
    for (const end of [flow["source"], flow["destination"]] as (End | undefined)[]) {
      add(end?.namespace);
      add(end?.pod_name);
      add(podOwner(end?.pod_name ?? ""));
      add(end?.cluster_name);
      end?.workloads?.forEach(({ name }) => add(name));
      end?.labels?.forEach(label);
    }
    add(flow["node_name"]);
    for (const names of [flow["source_names"], flow["destination_names"]] as (
      | string[]
      | undefined
    )[])
      names?.forEach(add);
    for (const service of [flow["source_service"], flow["destination_service"]] as (
      | (End & { name?: string })
      | undefined
    )[]) {
      add(service?.name);
      add(service?.namespace);
    }
    add((flow["l7"] as { dns?: { query?: string } } | undefined)?.dns?.query);
  }
  for (const version of jsonLines(unzipped(bundle, "objects/versions.jsonl"))) {
    add(version["namespace"]);
    add(version["name"]);
  }
  return found;
}

const wordsOf = (text: string): Set<string> => new Set(text.split(/[^\w-]+/));

test("no name survives, in no file and no file's name", () => {
  const names = namesOf(path("plain.zip"));
  expect(names.size).toBeGreaterThan(40);
  for (const name of ["web", "checkout", "checkout-egress", "shop"]) expect(names).toContain(name);
  // Keys of labels stay: they are words of selectors.
  const keys = (text: string): string =>
    text.replaceAll(
      /(?:io\.cilium|io\.kubernetes|topology\.kubernetes|app\.kubernetes|kubernetes\.io)[\w./-]*/g,
      "",
    );
  const survivors = (bundle: string): string[] => {
    const left = new Set<string>();
    const look = (text: string): void => {
      for (const word of wordsOf(keys(text))) if (names.has(word)) left.add(word);
    };
    for (const file of entriesOf(bundle)) {
      look(file);
      look(unzipped(bundle, file));
    }
    return [...left].sort();
  };
  const words = survivors(path("redacted.zip"));
  // Words of formats that somebody's object is also called: `apiVersion: …/v1`, `app` as a key.
  const ALSO = new Set(["v1", "http", "dns", "app", "tier", "team", "stage", "amd64", "linux"]);
  expect(words.filter((word) => !ALSO.has(word))).toEqual([]);
  // Negative control: the plain bundle is full of them.
  expect(survivors(path("plain.zip")).length).toBeGreaterThan(40);
}, 60_000);

test("opened, it shows the same problems under other names, and their policies still fit", async () => {
  const shown = async (
    file: string,
  ): Promise<{ list: ProblemsAnswer; details: ProblemAnswer[] }> => {
    const open = startCli(["incident", "open", path(file), "--port", "0", ...ENGINE]);
    const { origin, search } = new URL(await dashboardUrl(open));
    const list = (await getJson(`${origin}/api/v1/problems${search}`)).body as ProblemsAnswer;
    const details: ProblemAnswer[] = [];
    for (const { id } of list.problems)
      details.push(
        (await getJson(`${origin}/api/v1/problems/${id}${search}`)).body as ProblemAnswer,
      );
    const policies = await getJson(
      `${origin}/api/v1/policies?until=${new URLSearchParams(search).get("to")}`,
    );
    expect(policies.status).toBe(200);
    await open.stop();
    return { list, details };
  };
  const [plain, redacted] = [await shown("plain.zip"), await shown("redacted.zip")];
  const structure = ({ details }: { details: ProblemAnswer[] }): unknown[] =>
    details
      .map(({ problem, timeline, policies, changes, flows, dns, fixes }) => ({
        outcome: problem.outcome,
        reason: problem.reason,
        direction: problem.direction,
        kinds: [problem.source.kind, problem.destination.kind],
        port: problem.port,
        count: problem.count,
        pods: problem.podCount,
        nodes: problem.nodeCount,
        first: problem.firstSeen,
        last: problem.lastSeen,
        samples: problem.samples,
        failed: problem.explanation.nearest?.failed.map(({ part }) => part),
        timeline: timeline.series,
        policies: policies.map(({ policy, yaml, marks, from, to }) => ({
          kind: policy.kind,
          isText: yaml !== "",
          marks: marks.map(({ role, path: at }) => `${role} ${at}`).sort(),
          from,
          to,
        })),
        changes: changes.map(({ time, action, kind }) => [time, action, kind]),
        flows: flows.length,
        dns: dns.map(({ rule }) => rule),
        // An edit was tried out on the policies: they select what they selected.
        fixes: fixes.length,
      }))
      .sort((a, b) => (a.first < b.first ? -1 : 1));
  expect(plain.list.problems.length).toBeGreaterThanOrEqual(2);
  expect(structure(redacted)).toEqual(structure(plain));
  expect(plain.details.some(({ fixes }) => fixes.length > 0)).toBe(true);
  expect(JSON.stringify(redacted)).not.toMatch(/checkout|payments/);
}, 120_000);

test("one key calls the same things the same; without one nobody can tell", async () => {
  const key = ["--redact-key-file", path("key")];
  await exported(incident, path("again.zip"), ["--redact", "names", ...key]);
  await exported(incident, path("other.zip"), ["--redact", "names"]);
  const id = (file: string): unknown =>
    (JSON.parse(unzipped(path(file), "manifest.json")) as { id: string }).id;
  expect(id("again.zip")).toBe(id("redacted.zip"));
  expect(id("other.zip")).not.toBe(id("redacted.zip"));
}, 60_000);

test("--drop-l7 leaves no question of layer 7 in it", async () => {
  const flows = (file: string): string => unzipped(path(file), "flows.jsonl");
  expect(flows("plain.zip")).toContain('"l7":');
  await exported(incident, path("l7.zip"), ["--drop-l7"]);
  expect(flows("l7.zip")).not.toContain('"l7":');
  expect(jsonLines(flows("l7.zip"))).toHaveLength(jsonLines(flows("plain.zip")).length);
  for (const finding of jsonLines(unzipped(path("l7.zip"), "dns-findings.jsonl")))
    expect(finding["query"]).toBe("");
}, 60_000);
