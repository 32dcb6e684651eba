import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, type CliResult, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

const workload = (namespace: string, name: string, ports = ""): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: i, ports: [${ports}]}]}
`;

const WORLD = [
  workload("payments", "api", "{containerPort: 8080}"),
  workload(
    "payments",
    "db",
    "{name: pg, containerPort: 5432}, {name: metrics, containerPort: 9187}",
  ),
  workload("web", "front"),
  `---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: payments}
spec: {selector: {app: db}, ports: [{name: sql, port: 80, targetPort: pg}, {name: other, port: 81, targetPort: 81}]}
`,
].join("");

const POLICIES = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: payments}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 5432, protocol: TCP}]
`;

const tests = (list: string, namespace = "payments"): string =>
  `apiVersion: dropscope.io/v1\nkind: PolicyTest\nmetadata: {name: t, namespace: ${namespace}}\nassertions:\n${list}`;

const HOLD = tests(`  - name: the API reads the database
    allow: {from: api, to: db, port: [5432, pg]}
  - allow: {from: api, to: svc/payments/store, port: 80}
  - name: nobody else does
    deny: {from: any, exceptFrom: api, to: db}
  - deny: {from: [web/front, web/app=intruder], to: db, port: 5000-6000}
  - deny: {from: "web/*", to: db, port: any, protocol: UDP}
  - deny: {from: world, to: db, protocol: ICMP}
  - allow: {from: any, to: web/front, port: any}
`);

function folder(files: Readonly<Record<string, string>>): string {
  const dir = join(scratchDir("policy-test"), "repo");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

const repo = (assertions: string): string =>
  folder({ "world.yaml": WORLD, "policies/db.yaml": POLICIES, "tests/db.yaml": assertions });

const run = (...args: string[]): Promise<CliResult> => runCli(["policy", "test", ...args]);

describe("assertions", () => {
  test("that hold: exit code 0, a count, and with --all each by its name", async () => {
    const dir = repo(HOLD);
    const { code, out, err } = await run(dir, "--lint", "off");
    expect({ code, out, err }).toEqual({
      code: 0,
      out: "assertions: 7 passed\n\nPassed: 7 passed.\n",
      err: "",
    });
    const all = await run(dir, "--lint", "off", "--all");
    expect(all.out).toMatch(/^ {2}ok {4}nobody else does \(\S*tests\/db\.yaml:8\)$/m);
    expect(all.out).toContain("ok    allow api to svc/payments/store on 80");
  });

  test("that do not: exit code 1, and the sentence of each connection with its policy", async () => {
    const dir = repo(
      tests(`  - name: the front reads the database
    allow: {from: [web/front, api], to: db, port: 5432}
  - deny: {from: any, exceptFrom: [api, world], to: web/front}
  - allow: {from: api, to: db}
  - deny: {from: api, to: web/front, port: 1-10}
`),
    );
    const { code, out } = await run(dir, "--lint", "off");
    expect(code).toBe(1);
    expect(out).toContain("FAIL  the front reads the database");
    expect(out).toMatch(
      /^ {10}web\/front may not reach payments\/db on TCP 5432: NetworkPolicy payments\/db makes deny the default/m,
    );
    // Of a list only what fails is told.
    expect(out).not.toMatch(/payments\/api may (?:not )?reach payments\/db on TCP 5432/);
    // Ports that the destination declares: 9187 is closed.
    expect(out).toMatch(/payments\/api may not reach payments\/db on TCP 9187/);
    expect(out).toMatch(/payments\/api may reach web\/front on TCP 1: .*\(open: TCP 1-10\)/);
    expect(out).toMatch(/payments\/db may reach web\/front on TCP 1: /);
    expect(out).toMatch(/Failed: 0 passed, 4 failed\.\n$/);
  });

  test("that contradict each other are refused, both named with a connection of theirs", async () => {
    const result = await run(
      repo(
        tests(`  - name: open
    allow: {from: api, to: svc/payments/store, port: sql}
  - name: closed
    deny: {from: any, to: db}
  - name: low
    allow: {from: web/a=b, to: 192.0.2.1, port: 1-10}
  - name: high
    deny: {from: web/a=b, to: 192.0.2.1, port: 10-20}
  - name: higher
    deny: {from: web/a=b, to: 192.0.2.1, port: 11-20}
  - name: other protocol
    deny: {from: web/a=b, to: 192.0.2.1, port: 1-10, protocol: UDP}
`),
      ),
    );
    expectClearError(result, "TEST_INVALID", 65);
    const told = result.err.split("\n").filter((line) => line.includes(" denies what "));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(
      /tests\/db\.yaml:7:\d+: error: "closed" denies what "open" \(\S+:5\) allows: payments\/api to payments\/db on TCP 5432 /,
    );
    expect(told[1]).toMatch(/"high" denies what "low" .* on TCP 10 /);
  });

  test("that cannot be asked are refused, all of them, each at its place", async () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      [
        "allow: {from: apo, to: db, port: 1}",
        /from: there is no pod.*payments\/apo.*Did you mean payments\/api/,
      ],
      ["deny: {from: nowhere/*, to: db}", /from: there is no pod or workload in "nowhere\/\*"/],
      ["allow: {from: api, to: db, port: grpc}", /port "grpc" is neither a number.*pg, metrics/],
      [
        "allow: {from: api, to: svc/payments/store, port: 5432}",
        /port "5432" is no TCP port of Service/,
      ],
      ["allow: {from: api, to: svc/payments/store, port: 1-9}", /ports of a Service are no range/],
      ["allow: {from: api, to: web/front}", /port is missing: web\/front declares no port/],
      ["deny: {from: api, exceptFrom: payments/*, to: db}", /from: nobody is left/],
    ];
    const list = wrong.map(([text]) => `  - ${text}\n`).join("");
    const result = await run(repo(tests(list)));
    expectClearError(result, "TEST_INVALID", 65);
    for (const [at, [, message]] of wrong.entries()) {
      const line = result.err.split("\n").find((one) => one.includes(`db.yaml:${at + 5}:`));
      expect(line).toMatch(message);
    }
    const misspelt = await run(repo(tests("  - deny: {form: api, to: db}\n")));
    expectClearError(misspelt, "TEST_INVALID", 65);
    expect(misspelt.err).toMatch(/"form" is no field of it — Did you mean from\?/);
  });

  test("of standard input, with what comes along", async () => {
    const input = `${WORLD}---\n${POLICIES}---\n${HOLD}`;
    const { code, out } = await runCli(["policy", "test", "-", "--lint", "off"], { input });
    expect([code, out]).toEqual([0, "assertions: 7 passed\n\nPassed: 7 passed.\n"]);
  });
});

describe("lint", () => {
  const bad = POLICIES.replace(
    "ingress:\n    - from: [{podSelector",
    "ingress:\n    - from: [{}, {podSelector",
  );

  test("fails at its level, a case for each file, and tells of lesser findings", async () => {
    const dir = folder({
      "world.yaml": WORLD,
      "a.yaml": bad,
      "b.yaml": POLICIES.replace("name: db", "name: b"),
    });
    const { code, out } = await run(dir);
    expect(code).toBe(1);
    expect(out).toMatch(/^lint: 2 passed, 1 failed\n {2}FAIL {2}\S*a\.yaml/m);
    expect(out).toMatch(/^ {10}8:\d+ error NP002 /m);
    expect((await run(dir, "--except", "NP002,BAD_PEER")).code).toBe(0);
  });

  test("a document that cannot be read fails", async () => {
    const { code, out } = await run(folder({ "world.yaml": WORLD, "x.yaml": "a: [1\n" }));
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}\S*x\.yaml[^]*error YAML /);
  });
});

describe("replay", () => {
  const end = (namespace: string, app: string, identity: number) => ({
    identity,
    namespace,
    labels: [
      `k8s:app=${app}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
    ],
    pod_name: `${app}-6d5f7c8b9d-x2x4z`,
    workloads: [{ name: app, kind: "Deployment" }],
  });
  const flow = (from: string, port: number, more: object = {}): string => {
    const time = "2026-03-02T10:00:00Z";
    const source = from === "api" ? end("payments", "api", 101) : end("web", from, 102);
    return `${JSON.stringify({
      flow: {
        time,
        verdict: "FORWARDED",
        IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
        l4: { TCP: { source_port: 41_000, destination_port: port, flags: { SYN: true } } },
        source,
        destination: end("payments", "db", 103),
        Type: "L3_L4",
        node_name: "default/n1",
        event_type: { type: 4 },
        traffic_direction: "INGRESS",
        is_reply: false,
        ...more,
      },
      node_name: "default/n1",
      time,
    })}\n`;
  };
  const DENIED = {
    verdict: "DROPPED",
    event_type: { type: 1, sub_type: 133 },
    drop_reason_desc: "POLICY_DENIED",
  };
  const files = (policies: string, flows: string) =>
    folder({ "world.yaml": WORLD, "policies.yaml": policies, "seen.jsonl": flows });
  const replay = (dir: string, ...more: string[]) =>
    run(dir, "--lint", "off", "--replay", join(dir, "seen.jsonl"), ...more);

  test("fails for what passed and would be denied, not for what was denied already", async () => {
    const seen = [flow("api", 5432), flow("front", 5432), flow("front", 9187, DENIED)].join("");
    const { code, out } = await replay(files(POLICIES, seen));
    expect(code).toBe(1);
    expect(out).toMatch(/^ {2}FAIL {2}web\/front to payments\/db on TCP 5432 still passes/m);
    expect(out).toContain("NetworkPolicy payments/db makes deny the default for ingress");
    expect(out).toMatch(
      /ok {4}what was seen .*\n {10}observed 2026-03-02 10:00 to .* 3 flows on 3 /,
    );
    expect(out).not.toMatch(/api to payments\/db|TCP 9187 still passes/);
    expect(out).toMatch(/Failed: 1 passed, 1 failed\.\n$/);
    const open = POLICIES.replace(
      "{podSelector: {matchLabels: {app: api}}}",
      "{namespaceSelector: {}}",
    );
    expect((await replay(files(open, seen))).code).toBe(0);
  });

  test("fails for what was denied and would pass, and for what nobody can judge, when asked to", async () => {
    const strange = flow("front", 80, { source: {}, destination: {}, IP: {}, l4: {} });
    const seen = `${flow("front", 5432, DENIED)}${flow("api", 5432)}${strange}`;
    const open = POLICIES.replace(
      "{podSelector: {matchLabels: {app: api}}}",
      "{namespaceSelector: {}}",
    );
    const dir = files(open, seen);
    const plain = await replay(dir);
    expect(plain.code).toBe(0);
    expect(plain.out).toMatch(/web\/front to payments\/db on TCP 5432, which was denied/);
    expect(plain.out).toMatch(/skip {2}everything that was seen can be judged/);
    const strict = await replay(dir, "--replay-fail-on", "newly-allowed,unknown");
    expect(strict.code).toBe(1);
    expect(strict.out).toMatch(/Failed: 1 passed, 2 failed\.\n$/);
    expectClearError(await replay(dir, "--replay-fail-on", "new"), "USAGE", 2);
  });

  test("a file that holds no flows, or is a broken bundle, is refused", async () => {
    const dir = files(POLICIES, "hello\n");
    expectClearError(await replay(dir), "NOT_FLOWS", 65);
    writeFileSync(join(dir, "x.zip"), "PK\u0003\u0004 and no more");
    expectClearError(await run(dir, "--replay", join(dir, "x.zip")), "INCIDENT_FOREIGN", 65);
  });
});

interface Report {
  readonly passed: number;
  readonly failed: number;
  readonly suites: readonly {
    readonly name: string;
    readonly cases: readonly { readonly state: string }[];
  }[];
}

describe("reports", () => {
  test("JUnit holds every case, whatever is in its name, beside the text", async () => {
    const name = `<b>&"quote" \u0007 ]]> ü`;
    const dir = repo(
      tests(
        `  - name: ${JSON.stringify(name)}\n    deny: {from: api, to: db, port: 5432}\n  - allow: {from: web/front, to: api, port: 8080}\n`,
      ),
    );
    const file = join(dir, "report.xml");
    const { code, out } = await run(dir, "--junit", file, "--lint", "off");
    expect([code, out.startsWith("assertions: 1 passed, 1 failed\n")]).toEqual([1, true]);
    const xml = readFileSync(file, "utf8");
    expect(xml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="dropscope policy test" tests="2" failures="1" errors="0" skipped="0"/,
    );
    expect(xml).toContain(`name="&lt;b&gt;&amp;&quot;quote&quot; \uFFFD ]]&gt; ü"`);
    expect(xml).toMatch(
      /<failure message="payments\/api may reach payments\/db on TCP 5432: [^"]*" type="assertions">/,
    );
    // Nothing that XML cannot hold; as many ends as beginnings.
    expect(xml.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(xml.match(/<testcase/g)?.length).toBe(2);
    const same = await run(dir, "-o", "junit", "--lint", "off");
    expect(same.out.replaceAll(/time="[\d.]+"/g, "")).toBe(xml.replaceAll(/time="[\d.]+"/g, ""));
  });

  test("JSON is the whole report", async () => {
    const { out } = await run(repo(HOLD), "-o", "json");
    const report = JSON.parse(out) as Report;
    expect(report.suites.map(({ name, cases }) => [name, cases.length])).toEqual([
      ["assertions", 7],
      ["lint", 3],
    ]);
    expect(report.passed + report.failed).toBe(10);
  });

  test("one that cannot be written is an error", async () => {
    const dir = repo(HOLD);
    const result = await run(dir, "--junit", join(dir, "no", "such", "report.xml"));
    expectClearError(result, "TEST_REPORT", 74);
    expect(existsSync(join(dir, "no"))).toBe(false);
  });
});

test("nothing to test is refused, as a mistyped folder would be", async () => {
  expectClearError(await run(folder({ "notes.txt": "x" })), "TEST_EMPTY", 66);
  expectClearError(await run(join(scratchDir(), "nowhere")), "POLICY_FILE", 66);
});

test("the assertions of the documentation are asked and hold", async () => {
  const page = readFileSync(new URL("../../docs/policy-tests.md", import.meta.url), "utf8");
  const example = /```yaml\n(apiVersion: dropscope\.io[^]*?)```/.exec(page)?.[1] ?? "";
  const others = `${workload("payments", "worker")}${workload("payments", "queue", "{containerPort: 80}")}${workload("kube-system", "coredns")}---
apiVersion: v1
kind: Service
metadata: {name: queue, namespace: payments}
spec: {selector: {app: queue}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: no-metadata, namespace: payments}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{namespaceSelector: {}}]}]
`;
  const dir = folder({ "w.yaml": `${WORLD}${others}`, "p.yaml": POLICIES, "t.yaml": example });
  const { code, out, err } = await run(dir, "--lint", "off");
  expect({ code, out, err }).toEqual({
    code: 0,
    out: "assertions: 5 passed\n\nPassed: 5 passed.\n",
    err: "",
  });
});
