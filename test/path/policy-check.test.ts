import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, type CliResult, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

const WORLD = `
apiVersion: v1
kind: Namespace
metadata: {name: payments, labels: {team: money}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: payments, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.0.1.7}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: payments}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: i, ports: [{name: pg, containerPort: 5432}, {name: metrics, containerPort: 9187}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: front, namespace: web}
spec:
  selector: {matchLabels: {app: front}}
  template:
    metadata: {labels: {app: front}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: payments}
spec: {selector: {app: db}, clusterIP: 10.96.0.9, ports: [{name: sql, port: 80, targetPort: pg}]}
`;

const POLICIES = `# The database is for the API alone.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-ingress, namespace: payments}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 5432}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: front-egress, namespace: web}
spec:
  endpointSelector: {matchLabels: {app: front}}
  egress:
    - toFQDNs: [{matchPattern: "*.example.com"}]
      toPorts: [{ports: [{port: "443", protocol: TCP}]}]
    - toEntities: [kube-apiserver]
`;

const dir = scratchDir("policies");
writeFileSync(join(dir, "world.yaml"), WORLD);
mkdirSync(join(dir, "policies"));
writeFileSync(join(dir, "policies", "all.yml"), POLICIES);

const check = (...args: string[]): Promise<CliResult> =>
  runCli(["policy", "check", "--policies", dir, ...args]);
const between = (from: string, to: string, ...more: string[]): Promise<CliResult> =>
  check("--from", from, "--to", to, ...more);

describe("exit code 0 for what is allowed, 3 for what is denied", () => {
  test.concurrent.each<[string[], 0 | 3, RegExp]>([
    [
      ["payments/api", "payments/db", "--port", "5432"],
      0,
      /^payments\/api may reach payments\/db on TCP 5432: /,
    ],
    [["payments/api", "payments/db", "--port", "pg"], 0, /note: pg is TCP 5432 at payments\/db/],
    [
      ["payments/api", "payments/db", "--port", "9187"],
      3,
      /db-ingress.*\(spec\.ingress\[0\], .*all\.yml:8\) allows TCP 5432, not TCP 9187/,
    ],
    [
      ["payments/api", "payments/db", "--port", "5432", "--protocol", "udp"],
      3,
      /TCP 5432, not UDP 5432[^]*hint: /,
    ],
    [["payments/api", "payments/db", "--protocol", "ICMP"], 3, /ICMP type 8/],
    [["payments/api", "payments/db", "--protocol", "icmp", "--port", "0"], 3, /ICMP type 0/],
    [
      ["web/front", "payments/db", "--port", "5432"],
      3,
      /on egress, .*front-egress.*; also on ingress, .*db-ingress/,
    ],
    [["web/front", "web/front"], 3, /8080 is the only TCP port that web\/front declares/],
    [
      ["payments/api", "web/front", "--port", "8080"],
      0,
      /no policy restricts egress of payments\/api or ingress of web\/front/,
    ],
    [
      ["payments/api", "svc/payments/store"],
      0,
      /Service payments\/store has 1 backend[^]*port 80 of Service payments\/store leads to port 5432/,
    ],
    [["payments/api", "payments/store", "--port", "sql"], 0, /leads to port 5432/],
    [["payments/api", "store.payments.svc.cluster.local", "--port", "80"], 0, /leads to port 5432/],
    [
      ["payments/app=api", "payments/db", "--port", "5432"],
      0,
      /stands for a pod with exactly these labels/,
    ],
    [
      ["payments/[app=api,x=y]", "payments/db", "--port", "5432"],
      0,
      /payments\/\[app=api,x=y\] may reach/,
    ],
    [["payments/app=apo", "payments/db", "--port", "5432"], 3, /allows app=api, not app=apo/],
    [
      ["other/app=api", "payments/db", "--port", "5432"],
      3,
      /namespace other is not among the manifests/,
    ],
    [["10.0.1.7", "payments/db", "--port", "5432"], 0, /^payments\/api may reach/],
    [
      ["203.0.113.9", "payments/db", "--port", "5432"],
      3,
      /^203\.0\.113\.9 \(an address outside the cluster\)/,
    ],
    [["world", "web/front", "--port", "8080"], 0, /world/],
    [["host", "payments/db", "--port", "5432"], 0, /own node/],
    [["remote-node", "payments/db", "--port", "5432"], 3, /another node/],
    [["web/front", "kube-apiserver", "--port", "6443"], 0, /spec\.egress\[1\]/],
    [["web/front", "api.example.com", "--port", "443"], 0, /taken to be observed/],
    [["web/front", "api.example.com@203.0.113.9", "--port", "443"], 0, /spec\.egress\[0\]/],
    [["web/front", "api.example.org", "--port", "443"], 3, /api\.example\.org/],
    [["web/front", "203.0.113.9", "--port", "443"], 3, /no DNS name was observed[^]*hint: toFQDNs/],
  ])("%j", async ([from, to, ...more], code, said) => {
    const result = await between(from!, to!, ...more);
    expect(result.out).toMatch(said);
    expect({ code: result.code, err: result.err }).toEqual({ code, err: "" });
  });

  test.concurrent.each<[string[], 0 | 3]>([
    [["--profile", "kubernetes"], 3],
    [["--enforcement", "never"], 0],
    [["--enforcement", "always"], 3],
  ])("%j", async (args, code) => {
    const result = await between("payments/api", "payments/db", "--port", "9187", ...args);
    expect(result.code).toBe(code);
  });

  test("--enforcement always denies where no policy selects", async () => {
    const { code, out } = await between("payments/api", "web/front", "--enforcement", "always");
    expect(code).toBe(3);
    expect(out).toMatch(/every endpoint is enforced, and no policy selects it/);
  });
});

describe("--policies", () => {
  test("several folders, files and standard input; what is named twice counts once", async () => {
    const world = join(dir, "world.yaml");
    const args = ["--from", "payments/api", "--to", "payments/db", "--port", "9187"];
    const piped = await runCli(
      ["policy", "check", "--policies", world, "--policies", "-", world, ...args],
      { input: POLICIES },
    );
    expect(piped).toMatchObject({ code: 3, err: "" });
    expect(piped.out).toContain("(spec.ingress[0], -:8)");
    const open = await runCli(["policy", "check", "--policies", world, ...args]);
    expect(open).toMatchObject({ code: 0, err: "" });
  });

  test("from the environment and the config file, as any setting", async () => {
    const cwd = scratchDir();
    const args = [
      "policy",
      "check",
      "--from",
      "payments/api",
      "--to",
      "payments/db",
      "--port",
      "9187",
    ];
    expect((await runCli(args, { cwd, env: { DROPSCOPE_POLICIES: dir } })).code).toBe(3);
    writeFileSync(join(cwd, "dropscope.yaml"), `policies: [${dir}]\n`);
    expect((await runCli(args, { cwd })).code).toBe(3);
    const printed = await runCli([...args, "--print-config"], { cwd });
    expect(printed).toMatchObject({ code: 0, err: "" });
    expect(printed.out).toContain(dir);
  });

  test("--namespace is the namespace of what names none", async () => {
    const text = `${WORLD}---\n${POLICIES}`.replaceAll(", namespace: payments", "");
    const { code, out } = await runCli(
      [
        "policy",
        "check",
        "--policies",
        "-",
        "--namespace",
        "pay",
        "--from",
        "api",
        "--to",
        "pay/db",
        "--port",
        "9187",
      ],
      { input: text },
    );
    expect(code).toBe(3);
    expect(out).toMatch(/^pay\/api may not reach pay\/db/);
  });
});

describe("-o json", () => {
  test("has the decision, the sentence and every clause with its place", async () => {
    const { code, out } = await between(
      "payments/app=web",
      "payments/db",
      "--port",
      "80",
      "-o",
      "json",
    );
    expect(code).toBe(3);
    expect(out.split("\n")).toHaveLength(2);
    const answer = JSON.parse(out) as Record<string, unknown>;
    expect(answer).toMatchObject({
      allowed: false,
      refused: 0,
      notes: ["payments/[app=web] stands for a pod with exactly these labels"],
      connections: [
        {
          from: { kind: "pod", name: "payments/[app=web]", namespace: "payments" },
          to: { kind: "pod", name: "payments/db" },
          protocol: "TCP",
          port: 80,
          allowed: false,
          sentence: expect.stringMatching(
            /^payments\/\[app=web\] may not reach payments\/db on TCP 80: /,
          ),
          egress: { outcome: "not-enforced", by: [], policies: [], hints: [] },
          ingress: {
            outcome: "default-denied",
            by: [],
            nearest: {
              policy: { kind: "NetworkPolicy", namespace: "payments", name: "db-ingress" },
              section: "ingress",
              index: 0,
              matches: false,
              peersMatch: false,
              portsMatch: false,
              failures: [
                {
                  dimension: "label",
                  wanted: "app=api",
                  got: "app=web",
                  near: { key: "app", value: "web", by: "value" },
                  place: {
                    line: 8,
                    path: expect.stringContaining("spec.ingress[0].from[0].podSelector"),
                  },
                },
                { dimension: "port", wanted: "TCP 5432", got: "TCP 80", place: { line: 9 } },
              ],
            },
            policies: [
              { policy: { name: "db-ingress" }, isolates: true, inert: false, place: { line: 2 } },
            ],
          },
        },
      ],
    });
  });

  test("is the same text for the same question", async () => {
    const ask = (): Promise<CliResult> =>
      between("web/front", "payments/db", "--port", "80", "-o", "json");
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(one.out).toBe(two.out);
  });
});

test("a Service whose backends differ is allowed only when all are", async () => {
  const two = ["a", "b"].map(
    (name) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: payments, labels: {app: both, which: ${name}}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
`,
  );
  const text = [
    WORLD,
    ...two,
    "apiVersion: v1\nkind: Service\nmetadata: {name: both, namespace: payments}\nspec: {selector: {app: both}, ports: [{port: 80, targetPort: 8080}]}\n",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: payments}\nspec: {podSelector: {matchLabels: {which: a}}, policyTypes: [Ingress]}\n",
  ].join("---\n");
  const { code, out } = await runCli(
    ["policy", "check", "--policies", "-", "--from", "payments/api", "--to", "svc/payments/both"],
    { input: text },
  );
  expect(code).toBe(3);
  expect(out).toMatch(/payments\/a on TCP 8080/);
  expect(out).not.toMatch(/reach payments\/b /);
  expect(out).toMatch(/note: 1 of 2 pairs of ends are allowed/);
});

test("an object that is refused is told of, on both outputs", async () => {
  const bad = POLICIES.replace("podSelector: {matchLabels: {app: db}}", "podSelector: 7");
  const { code, out, err } = await runCli(
    [
      "policy",
      "check",
      "--policies",
      join(dir, "world.yaml"),
      "-",
      "--from",
      "payments/api",
      "--to",
      "payments/db",
      "--port",
      "9187",
    ],
    { input: bad },
  );
  expect(code).toBe(0);
  expect(err).toMatch(/^-:6:\d+: error: .* — .+\n$/);
  expect(out).toMatch(/note: one problem keeps an object from taking effect; see standard error/);
});
