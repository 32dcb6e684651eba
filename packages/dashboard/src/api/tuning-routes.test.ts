import {
  type Flow,
  type ReadinessAnswer,
  type ReplayAnswer,
  type RulesAnswer,
  type SuggestionAnswer,
  type Viewer,
} from "@dropscope/model";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { flowAt } from "../testing/flows.js";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";
import type { ApiContext } from "./route.js";
import { TUNING_ROUTES } from "./tuning-routes.js";
import { ReplaySchema, SuggestionSchema } from "./tuning-schemas.js";
import { ReadinessSchema, RulesSchema } from "./tuning-use-schemas.js";

const now = Date.now();
const HOUR = 3_600_000;
let served: ServedDashboard;
let folds = 0;

const labels = (namespace: string, app: string): string[] => [
  `k8s:app=${app}`,
  `k8s:io.kubernetes.pod.namespace=${namespace}`,
  `k8s:io.cilium.k8s.policy.cluster=default`,
];

function seen(at: number, from: [string, string], to: [string, string], port: number): Flow {
  const end = ([namespace, app]: [string, string], identity: number) => ({
    namespace,
    pod_name: `${app}-5d4f8b7c9d-abcde`,
    identity,
    labels: labels(namespace, app),
    workloads: [{ name: app, kind: "Deployment" }],
  });
  return flowAt(at, {
    source: end(from, 1001),
    destination: end(to, 1002),
    is_reply: false,
    l4: { TCP: { source_port: 40_000, destination_port: port, flags: { SYN: true } } },
  });
}

const WORLD = `apiVersion: v1
kind: Namespace
metadata: { name: payments }
---
apiVersion: v1
kind: Namespace
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: payments }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: payments }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: web } } }]
      ports: [{ port: 8080, protocol: TCP }]
    - from: [{ podSelector: { matchLabels: { app: nobody } } }]
`;

const closed = (port = 9): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: payments }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - ports: [{ port: ${port}, protocol: TCP }]
`;

beforeAll(async () => {
  served = await serveDashboard();
  const { observed } = served.knowledge;
  const traffic = observed.traffic.bind(observed);
  Object.assign(observed, {
    traffic: (...asked: Parameters<typeof traffic>) => {
      folds += 1;
      return traffic(...asked);
    },
  });
  served.knowledge.addManifests(WORLD);
  for (let hour = 1; hour < 72; hour += 1)
    served.knowledge.stored.flows.push(
      seen(now - hour * HOUR, ["web", "shop"], ["payments", "api"], 8080),
      seen(now - hour * HOUR, ["web", "shop"], ["web", "cart"], 80),
    );
});
afterAll(() => served.close());
beforeEach(() => {
  folds = 0;
});

interface Answered {
  readonly status: number;
  readonly body: never;
}

async function get(path: string): Promise<Answered> {
  const response = await fetch(`${served.url}/api/v1/tuning/${path}`);
  return { status: response.status, body: (await response.json()) as never };
}

async function replay(body: object): Promise<{ status: number; body: ReplayAnswer }> {
  const { status, body: answer } = await post(body);
  return { status, body: answer };
}

async function post(
  body: object,
  headers: Record<string, string> = { origin: served.url, "sec-fetch-site": "same-origin" },
): Promise<Answered> {
  const response = await fetch(`${served.url}/api/v1/tuning/replay`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as never };
}

interface Refused {
  readonly error: { readonly code: string; readonly message: string; readonly next: string };
}

describe("answers are of the shapes that are described", () => {
  test("a suggestion, which its own replay finds to deny nothing", async () => {
    const { status, body }: { body: SuggestionAnswer; status: number } = await get(
      "suggestion?namespace=payments&since=7d",
    );
    expect(status).toBe(200);
    SuggestionSchema.parse(body);
    expect(body.yaml).toContain("kind: NetworkPolicy");
    expect(body.evidence.flows).toBe(71);
    const again = await replay({ policies: body.yaml, namespace: "payments", since: "7d" });
    expect(again.body.counts.newlyDenied).toEqual({ edges: 0, flows: 0 });
  });

  test("the rules in force, and what used them", async () => {
    const { body }: { body: RulesAnswer; status: number } = await get("rules?namespace=payments");
    RulesSchema.parse(body);
    expect(body.rules.map(({ path, flows }) => [path, flows])).toEqual([
      ["spec.ingress[0]", 71],
      ["spec.ingress[1]", 0],
    ]);
    expect(body.rules[1]?.findings.map(({ kind }) => kind)).toContain("never-used");
  });

  test("readiness", async () => {
    const { body }: { body: ReadinessAnswer; status: number } = await get(
      "readiness?namespace=payments",
    );
    ReadinessSchema.parse(body);
    expect(body.namespaces.map(({ namespace }) => namespace)).toEqual(["payments"]);
    expect(body.namespaces[0]?.isolated.ingress).toBe(1);
  });
});

describe("a candidate is replayed", () => {
  test("against the traffic of its namespace, with the place of what is wrong in it", async () => {
    const { status, body } = await replay({ policies: closed(), namespace: "payments" });
    expect(status).toBe(200);
    ReplaySchema.parse(body);
    expect(body.counts.newlyDenied).toEqual({ edges: 1, flows: 71 });
    expect(body.groups[0]).toMatchObject({
      change: "newly-denied",
      client: { namespace: "web", name: "shop" },
      server: { namespace: "payments", name: "api" },
      port: 8080,
    });
    expect(body.changes).toEqual([
      { policy: { kind: "NetworkPolicy", namespace: "payments", name: "api" }, change: "changed" },
    ]);
    const broken = await replay({ policies: `${closed()}  egres: []\n` });
    expect(broken.body.problems).toContainEqual(
      expect.objectContaining({ line: 9, message: expect.stringContaining("egres") as string }),
    );
  });

  test("one edit after the other, while traffic is folded once and nothing sticks", async () => {
    const range = { namespace: "payments", since: "2d" };
    const first = await replay({ policies: closed(), ...range });
    const open = await replay({ policies: closed(8080), ...range });
    const again = await replay({ policies: closed(), ...range });
    expect(open.body.counts.newlyDenied.edges).toBe(0);
    expect(again.body.counts).toEqual(first.body.counts);
    // A pod that comes meanwhile is no other cluster to an editor.
    served.knowledge.addManifests(
      "apiVersion: v1\nkind: Pod\nmetadata: { name: late, namespace: web }\nspec: { containers: [{ name: c, image: i }] }\n",
    );
    const late = await replay({ policies: closed(), ...range });
    expect(late.body.at).toBe(again.body.at);
    const { body: looked }: { body: RulesAnswer } = await get("rules?namespace=payments&since=2d");
    expect(looked.at).toBeGreaterThan(late.body.at);
    expect(folds).toBe(1);
    // Another namespace is other traffic.
    await replay({ policies: closed(), since: "2d", namespace: "web" });
    expect(folds).toBe(2);
  });

  test("without a policy that is in force", async () => {
    const { body } = await replay({ policies: "", remove: "NetworkPolicy/payments/api" });
    expect(body.changes.map(({ change }) => change)).toEqual(["removed"]);
    expect(body.counts.stillAllowed.edges).toBe(2);
  });
});

describe("what cannot be asked is refused", () => {
  test.each<[string, number, string]>([
    ["suggestion", 400, "BAD_QUERY"],
    ["suggestion?namespace=nowhere", 404, "TUNING_NO_NAMESPACE"],
    ["suggestion?namespace=payments&workload=apo", 404, "TUNING_NO_WORKLOAD"],
    ["suggestion?namespace=payments&include=0123456789ab", 400, "TUNING_NO_EDGE"],
    ["suggestion?namespace=payments&mode=namespace&workload=api", 400, "BAD_QUERY"],
    ["suggestion?namespace=payments&since=1s", 404, "TUNING_EMPTY"],
    ["suggestion?namespace=a%20--reply", 400, "BAD_QUERY"],
    ["rules?since=never", 400, "BAD_TIME"],
    ["readiness?since=2000d", 422, "RANGE_TOO_WIDE"],
    ["replay", 404, "NOT_FOUND"],
  ])("%s: %d %s", async (path, status, code) => {
    const { body, ...answer }: { body: Refused; status: number } = await get(path);
    expect([answer.status, body.error.code]).toEqual([status, code]);
    expect(body.error.next).not.toBe("");
  });

  test.each<[object, number, string]>([
    [{}, 400, "BAD_QUERY"],
    [{ policies: 7 }, 400, "BAD_QUERY"],
    [{ policies: "", remove: "payments/api" }, 400, "BAD_QUERY"],
    [{ policies: "", other: "x" }, 400, "BAD_QUERY"],
    [{ policies: "", since: "1h", until: "2h" }, 400, "BAD_RANGE"],
  ])("a candidate that is %j", async (asked, status, code) => {
    const { body, ...answer }: { body: Refused; status: number } = await post(asked);
    expect([answer.status, body.error.code]).toEqual([status, code]);
  });

  test("a candidate of another site, or without its marks", async () => {
    for (const headers of [{}, { origin: "http://evil.example", "sec-fetch-site": "cross-site" }]) {
      const { status, body }: { body: Refused; status: number } = await post(
        { policies: "" },
        headers,
      );
      expect([status, body.error.code]).toEqual([403, "CROSS_SITE"]);
    }
  });

  test("a suggestion for a namespace of which the viewer sees a part", async () => {
    const route = TUNING_ROUTES.find(({ name }) => name === "tuningSuggestion");
    const viewer: Viewer = { name: "a", namespaces: ["web"], seesL7: true };
    const asked = { namespace: "payments" } as never;
    await expect(route?.answerTo(asked, { viewer } as ApiContext)).rejects.toMatchObject({
      status: 404,
      code: "TUNING_NO_NAMESPACE",
    });
  });

  test("a text that is too long", async () => {
    const { status } = await replay({ policies: "#".repeat((1 << 20) + 1) });
    expect(status).toBe(400);
    expect((await replay({ policies: "#".repeat(3 << 20) })).status).toBe(413);
  });
});
