import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, type CliResult, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);
const isRoot = process.getuid?.() === 0;

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: payments, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: payments, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{name: pg, containerPort: 5432}, {name: http, containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: payments}
spec: {selector: {app: none}, ports: [{port: 80}]}
`;
const DENY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: payments}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
`;

const QUESTION = ["--from", "payments/api", "--to", "payments/db", "--port", "5432"];

/** A folder with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const dir = scratchDir("policies");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const check = (dir: string, question: readonly string[] = QUESTION): Promise<CliResult> =>
  runCli(["policy", "check", "--policies", dir, ...question]);

/** Whatever stands in a file beside them, the good objects are judged and nothing falls over. */
function expectJudged(result: CliResult, code: 0 | 3): void {
  expect(result.err).not.toMatch(/^\s+at /m);
  expect(result.err).not.toContain("INTERNAL");
  expect(result.out).toMatch(/payments\/api may (not )?reach payments\/db on TCP 5432: /);
  expect(result.code).toBe(code);
}

const bomb = (depth: number): string =>
  `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from({ length: depth }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(", ")}]\n`).join("")}`;
const policy = (spec: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: bad, namespace: payments}\nspec: ${spec}\n`;
const cilium = (spec: string): string =>
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: bad, namespace: payments}\nspec: ${spec}\n`;

/** What stands in a file, and what is said of it. */
const BROKEN: readonly (readonly [what: string, text: string, said: RegExp])[] = [
  ["a YAML bomb", bomb(9), /:\d+:\d+: error: .*\(YAML|TOO_LARGE|TOO_DEEP\)/],
  ["an alias to itself", "a: &a [*a]\n", /:\d+:\d+: /],
  ["nesting without end", `a: ${"[".repeat(50_000)}`, /\((?:TOO_DEEP|YAML)\)/],
  [
    "nested maps",
    Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
    /\((?:TOO_DEEP|YAML|TOO_LARGE)\)/,
  ],
  ["a document of more than 1 MiB", `a: "${"x".repeat(1_100_000)}"\n`, /\(TOO_LARGE\)/],
  ["bytes that are no text", "\u0000\u0001\u0002\ufffd", /:\d+:\d+: /],
  ["an unclosed bracket", "apiVersion: [\n", /:\d+:\d+: error: .*\(YAML\)/],
  ["a list where an object belongs", "- a\n- b\n", /\(NOT_AN_OBJECT\)/],
  ["a bare word", "hello\n", /\(NOT_AN_OBJECT\)/],
  ["a spec of another type", policy("[1, 2]"), /\(BAD_TYPE\)/],
  ["a selector of another type", policy("{podSelector: web}"), /\((?:BAD_TYPE|BAD_SELECTOR)\)/],
  ["a rule of another type", policy("{podSelector: {}, ingress: {from: []}}"), /\(BAD_TYPE\)/],
  [
    "a peer of another type",
    policy("{podSelector: {}, ingress: [{from: [web]}]}"),
    /\((?:BAD_TYPE|BAD_PEER)\)/,
  ],
  [
    "a port out of range",
    policy("{podSelector: {}, ingress: [{ports: [{port: 99999}]}]}"),
    /\(BAD_PORT\)/,
  ],
  [
    "a CIDR that is none",
    policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]}"),
    /\(BAD_CIDR\)/,
  ],
  [
    "a list for a name",
    policy("{podSelector: {}}").replace("name: bad", "name: [a]"),
    /:\d+:\d+: error: /,
  ],
  [
    "keys of the prototype",
    policy(
      '{podSelector: {matchLabels: {__proto__: {polluted: "yes"}}}, constructor: {prototype: {x: 1}}}',
    ),
    /:\d+:\d+: /,
  ],
  [
    "an unknown version",
    policy("{podSelector: {matchLabels: {app: x}}}").replace("/v1", "/v9"),
    /\(UNKNOWN_VERSION\)/,
  ],
  [
    "an unknown field",
    policy("{podSelector: {matchLabels: {app: x}}, ingres: []}"),
    /\(UNKNOWN_FIELD\).*ingress/,
  ],
  [
    "an unknown kind of a known group",
    "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicies\nmetadata: {name: x}\n",
    /\(UNKNOWN_KIND\)/,
  ],
  [
    "no name",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {}\nspec: {podSelector: {}}\n",
    /\(NO_NAME\)/,
  ],
  [
    "a match pattern that would hang a backtracking engine",
    cilium(
      `{endpointSelector: {matchLabels: {app: db}}, egress: [{toFQDNs: [{matchPattern: "${"*a".repeat(120)}!"}]}]}`,
    ),
    /\(BAD_PATTERN\)/,
  ],
  [
    "a path that is no expression",
    cilium(
      '{endpointSelector: {matchLabels: {app: x}}, ingress: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{path: "(((("}]}}]}]}',
    ),
    /\(BAD_PATTERN\)/,
  ],
  [
    "names that paint the terminal",
    policy("{podSelector: {}}").replace("name: bad", 'name: "\\e[31mred"'),
    /:\d+:\d+: /,
  ],
];

describe("files that are broken or hostile stop nothing, and each is named", () => {
  // All at once: what one of them does must not hide another.
  const dir = folder({
    "pods.yaml": PODS,
    "deny.yaml": DENY,
    ...Object.fromEntries(BROKEN.map(([, text], i) => [`bad-${i}.yaml`, text])),
  });
  let result: CliResult;
  beforeAll(async () => {
    result = await check(dir);
  });

  test.each(BROKEN.map(([what, , said], i) => ({ what, said, i })))("$what", ({ said, i }) => {
    const lines = result.err.split("\n").filter((line) => line.includes(`bad-${i}.yaml`));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).toMatch(said);
  });

  test("and the others are judged, with nothing that paints the terminal", () => {
    expectJudged(result, 3);
    expect(`${result.err}${result.out}`.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  test("what is hostile takes no time", async () => {
    const dir = folder({
      "pods.yaml": PODS,
      "bad.yaml": [
        bomb(9),
        cilium(
          `{endpointSelector: {matchLabels: {app: api}}, egress: [{toPorts: [{ports: [{port: "5432", protocol: TCP}], rules: {http: [{path: "(a+)+${"a?".repeat(2000)}$"}]}}]}]}`,
        ),
        cilium(
          `{endpointSelector: {matchLabels: {app: api}}, egress: [{toFQDNs: [{matchPattern: "${"*".repeat(250)}.com"}]}]}`,
        ),
      ].join("---\n"),
    });
    const start = Date.now();
    const result = await check(dir, [
      "--from",
      "payments/api",
      "--to",
      `${"a".repeat(60)}.com`,
      "--port",
      "443",
    ]);
    expect(result.err).not.toMatch(/^\s+at /m);
    expect([0, 3]).toContain(result.code);
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  test("thousands of problems are counted, not printed", async () => {
    const many = Array.from({ length: 3000 }, () => "- x\n").join("---\n");
    const result = await check(folder({ "pods.yaml": PODS, "bad.yaml": many }));
    expectJudged(result, 0);
    expect(result.err.split("\n").length).toBeLessThan(110);
    expect(result.err).toMatch(/and \d+ more/);
  });
});

describe("paths that are not right", () => {
  test.concurrent.each<[string, () => string[], string, number, RegExp]>([
    ["no --policies", () => [], "USAGE", 2, /--policies/],
    ["a folder that is not there", () => ["--policies", "nowhere"], "POLICY_FILE", 66, /nowhere/],
    ["an empty folder", () => ["--policies", scratchDir()], "POLICY_EMPTY", 66, /\.yaml/],
    [
      "a folder of other files",
      () => ["--policies", folder({ "readme.md": "x" })],
      "POLICY_EMPTY",
      66,
      /\.yaml/,
    ],
    [
      "nothing that can be used",
      () => ["--policies", folder({ "a.yaml": "[" })],
      "POLICY_EMPTY",
      65,
      /problems above/,
    ],
    [
      "manifests of other kinds",
      () => [
        "--policies",
        folder({ "a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n" }),
      ],
      "POLICY_EMPTY",
      65,
      /no policy/,
    ],
    ["an empty standard input", () => ["--policies", "-"], "POLICY_EMPTY", 65, /Nothing in -/],
    ["a device", () => ["--policies", "/dev/null"], "POLICY_EMPTY", 65, /null/],
  ])("%s", async (_, args, code, exit, hint) => {
    const result = await runCli(["policy", "check", ...args(), ...QUESTION]);
    expectClearError(result, code, exit);
    expect(result.err).toMatch(hint);
  });

  test.skipIf(isRoot)("a file without rights", async () => {
    const dir = folder({ "a.yaml": PODS });
    chmodSync(join(dir, "a.yaml"), 0);
    expectClearError(await check(dir), "POLICY_FILE", 77);
  });

  test("links in a circle, and to nowhere", async () => {
    const dir = folder({ "a.yaml": PODS });
    mkdirSync(join(dir, "b"));
    symlinkSync(dir, join(dir, "b", "again"));
    symlinkSync(join(dir, "nothing"), join(dir, "gone.yaml"));
    expectJudged(await check(dir), 0);
  });
});

describe("questions that cannot be answered", () => {
  const dir = folder({ "pods.yaml": PODS, "deny.yaml": DENY });
  const ask = (from: string, to: string, ...more: string[]): string[] => [
    "--from",
    from,
    "--to",
    to,
    ...more,
  ];
  const port = ["--port", "5432"];

  test.concurrent.each<[string[], string, number, RegExp]>([
    [ask("payments/apu", "payments/db", ...port), "POLICY_END", 66, /Did you mean payments\/api\?/],
    [ask("payments/api", "paymetns/db", ...port), "POLICY_END", 66, /Did you mean payments\/db\?/],
    [ask("api", "payments/db", ...port), "POLICY_END", 66, /default\/api[^]*payments\/api/],
    [ask("wrold", "payments/db", ...port), "POLICY_END", 66, /Did you mean world\?/],
    [ask("", "payments/db", ...port), "POLICY_END", 66, /NS\/POD/],
    [ask("payments/", "payments/db", ...port), "POLICY_END", 66, /NS\/POD|Did you mean/],
    [ask("__proto__/constructor", "payments/db", ...port), "POLICY_END", 66, /NS\/POD/],
    [ask("payments/=x", "payments/db", ...port), "USAGE", 2, /NS\/KEY=VALUE/],
    [ask("payments/[app=x", "payments/db", ...port), "USAGE", 2, /NS\/KEY=VALUE/],
    [ask("payments/app=a b", "payments/db", ...port), "USAGE", 2, /NS\/KEY=VALUE/],
    [ask("payments/app=\u001b[31m", "payments/db", ...port), "USAGE", 2, /NS\/KEY=VALUE/],
    [ask("10.0.0.0/8", "payments/db", ...port), "USAGE", 2, /one address/],
    [ask("10.0.0.300", "payments/db", ...port), "USAGE", 2, /neither an address nor a name/],
    [ask("payments/api", "svc/payments/none", ...port), "POLICY_END", 66, /Service/],
    [ask("payments/api", "svc/payments/empty", "--port", "80"), "POLICY_END", 66, /no backend/],
    [ask("payments/api", "payments/db"), "USAGE", 2, /5432 \(pg\), 80 \(http\)/],
    [ask("payments/api", "payments/db", "--port", "0"), "USAGE", 2, /1 to 65535/],
    [ask("payments/api", "payments/db", "--port", "65536"), "USAGE", 2, /1 to 65535/],
    [ask("payments/api", "payments/db", "--port", "5432x"), "USAGE", 2, /pg, http/],
    [ask("payments/api", "payments/db", "--port", "1e3"), "USAGE", 2, /1 to 65535/],
    [ask("payments/api", "payments/db", "--port", "-1"), "USAGE", 2, /1 to 65535|argument/],
    [
      ask("payments/api", "payments/db", "--protocol", "ICMP", "--port", "256"),
      "USAGE",
      2,
      /0 to 255/,
    ],
    [ask("payments/api", "payments/db", ...port, "--protocol", "HTTP"), "USAGE", 2, /SCTP/],
    [ask("payments/api", "payments/db", ...port, "--protocol", "__proto__"), "USAGE", 2, /SCTP/],
    [
      ask("payments/api", "payments/db", ...port, "--profile", "calico"),
      "USAGE",
      2,
      /kubernetes, cilium/,
    ],
    [ask("payments/api", "payments/db", ...port, "-o", "yaml"), "USAGE", 2, /text, json/],
    [
      ask("payments/api", "payments/db", ...port, "--form", "x"),
      "USAGE",
      2,
      /Did you mean --from\?/,
    ],
    [["--to", "payments/db", ...port], "USAGE", 2, /--from/],
    [[...ask("payments/api", "payments/db", ...port), "extra"], "USAGE", 2, /policy check --help/],
  ])("%j", async (args, code, exit, hint) => {
    const result = await check(dir, args);
    expectClearError(result, code, exit);
    expect(result.err).toMatch(hint);
  });

  test("`policy explain` refuses them too", async () => {
    const args = ask("payments/apu", "payments/db", ...port);
    const result = await runCli(["policy", "explain", "--policies", dir, ...args]);
    expectClearError(result, "POLICY_END", 66);
  });

  test.concurrent.each([
    [["policy", "chekc"], /Did you mean `dropscope policy check`\?/],
    [["polcy", "check"], /Did you mean `dropscope policy`\?/],
    [["policy", "--from", "x"], /policy/],
  ])("%j names the command that was meant", async (args, hint) => {
    const result = await runCli(args);
    expectClearError(result, "USAGE", 2);
    expect(result.err).toMatch(hint);
  });
});
