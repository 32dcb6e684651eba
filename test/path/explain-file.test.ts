import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";
import { dumps, hasShared } from "../kit/shared.js";

afterAll(cleanUp);

const POLICIES = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ port: 5432 }]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: no-batch, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: batch } }] }]
`;
const folder = scratchDir("explain");
const policies = join(folder, "p.yaml");
writeFileSync(policies, POLICIES);

const pod = (app: string) => ({
  ID: 1,
  identity: 4242,
  namespace: "web",
  pod_name: `${app}-0`,
  labels: [
    `k8s:app=${app}`,
    "k8s:io.kubernetes.pod.namespace=web",
    "k8s:io.cilium.k8s.policy.cluster=shop",
  ],
});
const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const flow = (n: number, app: string, patch: object = {}) => ({
  time: `2026-03-01T12:00:00.00000000${n}Z`,
  uuid: uuid(n),
  verdict: "DROPPED",
  drop_reason_desc: "POLICY_DENIED",
  event_type: { type: 5 },
  traffic_direction: "INGRESS",
  node_name: "shop/node-1",
  IP: { source: "10.0.1.5", destination: "10.0.2.9", ipVersion: "IPv4" },
  l4: { TCP: { source_port: 40000, destination_port: 5432, flags: { SYN: true } } },
  source: { ...pod(app), ID: undefined },
  destination: pod("db"),
  ...patch,
});
const DENY = { drop_reason_desc: "POLICY_DENY" };
const BY = {
  ...DENY,
  ingress_denied_by: [{ name: "no-batch", namespace: "web", kind: "CiliumNetworkPolicy" }],
};
const FLOWS = [
  flow(1, "web"),
  flow(2, "api", { verdict: "FORWARDED", drop_reason_desc: undefined }),
  flow(3, "batch", { ...DENY, event_type: { type: 1, sub_type: 181 } }),
  flow(4, "batch", BY),
  flow(5, "web", { verdict: "AUDIT", drop_reason_desc: undefined }),
  flow(6, "web", { drop_reason_desc: "STALE_OR_UNROUTABLE_IP", event_type: { type: 1 } }),
];
const lines = FLOWS.map((one) => `${JSON.stringify({ flow: one, node_name: "shop/node-1" })}\n`);
const input = lines.join("");

const explain = (args: readonly string[], text = input) =>
  runCli(["explain", "--policies", policies, "--flows", "-", ...args], { input: text });

describe("-o json", () => {
  test("one object a line for each dropped or audited flow, in the order of the input, its fields in theirs", async () => {
    const { code, out, err } = await explain(["-o", "json"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const explained = out
      .split("\n")
      .slice(0, -1)
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(explained.map((one) => one["uuid"])).toEqual([1, 3, 4, 5, 6].map(uuid));
    for (const one of explained)
      expect(Object.keys(one)).toEqual([
        "uuid",
        "time",
        "direction",
        "outcome",
        "selecting",
        "denying",
        "nearest",
        "agreement",
        "sentence",
      ]);
    expect(explained[0]).toMatchObject({
      time: "2026-03-01T12:00:00.000000001Z",
      direction: "ingress",
      outcome: "default-deny",
      selecting: [
        { kind: "NetworkPolicy", namespace: "web", name: "db-ingress" },
        { kind: "CiliumNetworkPolicy", namespace: "web", name: "no-batch" },
      ],
      denying: [],
      nearest: {
        policy: "web/db-ingress",
        rule: "spec.ingress[0]",
        failed: [{ part: "peer", wanted: "app=api", got: "app=web" }],
      },
      agreement: "cilium-silent",
    });
    // Both events of a packet are answered alike, though one alone names the policy.
    const { uuid: _a, time: _b, ...drop } = explained[1]!;
    const { uuid: _c, time: _d, ...verdict } = explained[2]!;
    expect(drop).toEqual(verdict);
    expect(drop).toMatchObject({
      outcome: "denied-by-rule",
      denying: [{ name: "no-batch", rule: "spec.ingressDeny[0]" }],
      agreement: "same",
    });
    expect(explained[3]).toMatchObject({ outcome: "default-deny" });
    expect(explained[4]).toMatchObject({ outcome: "not-policy", selecting: [] });
  });

  test.each([
    ["an array", JSON.stringify(FLOWS)],
    ["pretty-printed", FLOWS.map((one) => JSON.stringify(one, null, 2)).join("\n")],
    ["behind lines of text", `level=info msg=x\n${input}`],
  ])("%s gives the same", async (_, text) => {
    const [one, other] = await Promise.all([
      explain(["-o", "json"]),
      explain(["-o", "json"], text),
    ]);
    expect(other.out).toBe(one.out);
  });

  test("a gzipped file gives the same", async () => {
    const file = join(folder, "flows.json.gz");
    writeFileSync(file, gzipSync(input));
    const packed = await runCli(["explain", "--policies", policies, "--flows", file, "-o", "json"]);
    expect(packed.out).toBe((await explain(["-o", "json"])).out);
  });

  test("--cluster says which cluster the policies are in, against what flows say", async () => {
    const own = flow(1, "api");
    const { out } = await explain(["-o", "json"], JSON.stringify(own));
    expect(JSON.parse(out)).toMatchObject({ outcome: "unexplained" });
    const other = {
      ...own,
      source: {
        ...own.source,
        labels: [...pod("api").labels.slice(0, 2), "k8s:io.cilium.k8s.policy.cluster=b"],
      },
    };
    const named = await explain(["-o", "json"], JSON.stringify(other));
    expect(JSON.parse(named.out)).toMatchObject({
      outcome: "default-deny",
      nearest: { failed: [{ wanted: "cluster shop", got: "cluster b" }] },
    });
  });
});

test("text: the sentence, and the places below it", async () => {
  const { code, out } = await explain([], lines[0]);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^2026-03-01T12:00:00\.000000001Z {2}00000000-\S+\nweb\/web to web\/db on TCP 5432 was dropped: .+\.\n {2}isolates: NetworkPolicy web\/db-ingress spec\.podSelector \(p\.yaml:6\)\n(?: {2}isolates: .+\n)* {2}nearest: NetworkPolicy web\/db-ingress spec\.ingress\[0\]\S* \(p\.yaml:8\)\n {2}next: .+\n\n$/,
  );
});

test("what cannot be read is said on standard error, and the rest is explained", async () => {
  const text = `${lines[0]}{"flow":{"l4":{"TCP":{"source_port":"x"}}}}\n${lines[5]}`;
  const { code, out, err } = await explain(["-o", "json"], text);
  expect(code).toBe(0);
  expect(out.split("\n")).toHaveLength(3);
  expect(err).toContain('standard input:2: flow.l4.TCP.source_port: expected a uint32, got "x"');
});

describe("bad input", () => {
  test("neither an id nor a file; both; no policies", async () => {
    expectClearError(await runCli(["explain"]), "USAGE", 2);
    expectClearError(await explain([uuid(1)]), "USAGE", 2);
    expectClearError(await runCli(["explain", "--flows", "-"], { input }), "USAGE", 2);
    expectClearError(
      await runCli(["explain", "--flows", "-", "--policies", "-"], { input }),
      "USAGE",
      2,
    );
  });

  test("a file that is not there, that is empty, or holds no flows", async () => {
    const missing = ["explain", "--policies", policies, "--flows", join(folder, "none")];
    expectClearError(await runCli(missing), "IMPORT_NO_FILE", 66);
    expectClearError(await explain([], ""), "NOT_FLOWS", 65);
    expectClearError(await explain([], POLICIES), "NOT_FLOWS", 65);
  });

  test("policies that are not there, or hold nothing", async () => {
    const by = (path: string) => runCli(["explain", "--flows", "-", "--policies", path], { input });
    expectClearError(await by(join(folder, "none")), "POLICY_FILE", 66);
    expectClearError(await by(scratchDir()), "POLICY_EMPTY", 66);
  });
});

const DROP = /"verdict":\s*"(DROPPED|AUDIT)"/;

describe.skipIf(!hasShared())("real dumps", () => {
  const dropping = dumps().filter(({ path }) => DROP.test(readFileSync(path, "utf8")));

  test.each(dropping.map(({ name, path }) => [name, path] as const))(
    "%s: every drop gets a line, and nobody is blamed by policies of others",
    async (_, path) => {
      const args = ["explain", "--policies", policies, "--flows", path, "-o", "json"];
      const { code, out } = await runCli(args);
      expect(code).toBe(0);
      const explained = out
        .split("\n")
        .slice(0, -1)
        .map((text) => JSON.parse(text) as { selecting: unknown[]; sentence: string });
      const dropped = (readFileSync(path, "utf8").match(new RegExp(DROP, "g")) ?? []).length;
      expect(explained).toHaveLength(dropped);
      for (const { selecting, sentence } of explained) {
        expect(selecting).toEqual([]);
        expect(sentence).toMatch(/\.$/);
      }
    },
  );
});
