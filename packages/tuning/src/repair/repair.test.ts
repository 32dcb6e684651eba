import { type Endpoint, mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { expect, test } from "vitest";
import { clusterOfManifests, type TuningCluster } from "../cluster/index.js";
import { repair, type Repair } from "./repair.js";

const namespace = (name: string): string =>
  `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;
const pod = (path: string, labels: string, port = 8080): string => {
  const [ns, name] = path.split("/");
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${ns}, labels: { ${labels} } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: ${port} }] }] }
`;
};

const PODS = [
  namespace("web"),
  namespace("payments"),
  pod("web/checkout-7d4b9c6f5-aaaaa", "app: checkout, pod-template-hash: 7d4b9c6f5"),
  pod("web/checkout-7d4b9c6f5-bbbbb", "app: checkout, pod-template-hash: 7d4b9c6f5"),
  pod("web/cart-0", "app: cart"),
  pod("payments/api-0", "app: api, tier: back"),
  pod("payments/api-canary-0", "app: api, tier: canary"),
  pod("payments/ledger-0", "app: ledger"),
];

const CHECKOUT = "web/checkout-7d4b9c6f5-aaaaa";

function cluster(...policies: readonly string[]): TuningCluster {
  const read = [...PODS, ...policies].map((text, at) =>
    parseManifests(text, at < PODS.length ? "world.yaml" : `p${at - PODS.length}.yaml`),
  );
  return clusterOfManifests(mergeManifests(read), { at: 0, profile: PROFILES.cilium });
}

function ask(world: TuningCluster, from: string, to: string, port: number, most = 5): Repair {
  const end = (ref: string): Endpoint => {
    const found = world.view.endpoint(ref);
    if (found === undefined) throw new Error(`no ${ref}`);
    return found;
  };
  const connection = { from: end(from), to: end(to), protocol: "TCP" as const, port };
  return repair(world, { connection }, { most });
}

const DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: payments }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;

const API = `# who may pay
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
  namespace: payments
spec:
  podSelector:
    matchLabels:
      app: api
      tier: back
  ingress:
    # the window
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: web
          podSelector:
            matchLabels:
              app: chekout # the old name
      ports:
        - port: 8080
`;

test("a slip in a selector that means nobody is mended, and nothing else changes", () => {
  const { fixes } = ask(cluster(DENY, API), CHECKOUT, "payments/api-0", 8080);
  const [fix] = fixes;
  expect(fix?.title).toBe(
    "Name pods with app=checkout in web instead of app=chekout in spec.ingress[0].from[0]",
  );
  expect(fix?.files[0]?.yaml).toBe(API.replace("app: chekout #", "app: checkout #"));
  const command = fix?.edits[0]?.command ?? "";
  expect(command).toMatch(
    /^kubectl patch networkpolicies\.networking\.k8s\.io api --namespace payments --type json --patch '\[.*\]'$/,
  );
  const patch = JSON.parse(/'(.*)'/.exec(command)?.[1] ?? "") as unknown;
  const wanted = { matchLabels: { "kubernetes.io/metadata.name": "web" } };
  expect(patch).toEqual([
    // Rules are named by their number: it must still be this one.
    {
      op: "test",
      path: "/spec/ingress/0/from",
      value: [{ namespaceSelector: wanted, podSelector: { matchLabels: { app: "chekout" } } }],
    },
    {
      op: "replace",
      path: "/spec/ingress/0/from/0/podSelector/matchLabels/app",
      value: "checkout",
    },
  ]);
  // Two replicas may reach one pod.
  expect(fix?.allows).toMatchObject({ pairs: 2, asked: 2, connections: 2, beyond: [] });
});

test("a selector that means somebody is never given another meaning", () => {
  const other = API.replace("app: chekout", "app: cart");
  const { fixes } = ask(cluster(DENY, other), CHECKOUT, "payments/api-0", 8080);
  expect(fixes.length).toBeGreaterThan(0);
  for (const { title, edits } of fixes) {
    expect(title).not.toContain("instead of");
    expect(edits.map(({ kind }) => kind)).not.toContain("fix-selector");
  }
});

test("a namespace by a label that it does not have is named by the one that every namespace has", () => {
  const named = API.replace("kubernetes.io/metadata.name: web", "name: web").replace(
    "app: chekout",
    "app: checkout",
  );
  const { fixes } = ask(cluster(DENY, named), CHECKOUT, "payments/api-0", 8080);
  expect(fixes[0]?.edits[0]?.kind).toBe("fix-selector");
  expect(fixes[0]?.diff).toContain("-              name: web\n");
  expect(fixes[0]?.diff).toContain("+              kubernetes.io/metadata.name: web\n");
});

test("a policy whose own selector slipped is made to select the pod", () => {
  const slipped = API.replace("app: api", "app: appi").replace("app: chekout", "app: checkout");
  const { fixes } = ask(cluster(DENY, slipped), CHECKOUT, "payments/api-0", 8080);
  expect(fixes[0]?.title).toBe(
    "Let NetworkPolicy payments/api select pods with app=api instead of app=appi",
  );
});

test("labels that a name alone does not tell apart are added until they do", () => {
  const { fixes } = ask(cluster(DENY), "payments/ledger-0", "payments/api-0", 8080);
  const own = fixes.find(({ edits }) => edits[0]?.kind === "new-policy");
  expect(fixes[0]).toBe(own);
  expect(own?.yaml).toContain("app: api\n      tier: back\n");
  expect(own?.allows).toMatchObject({ pairs: 1, connections: 1 });
  // In the policy for everybody, the rule is everybody's: that is told, and comes after.
  const wide = fixes.find(({ edits }) => edits[0]?.kind === "new-rule");
  expect(wide?.allows.pairs).toBeGreaterThan(1);
  expect(wide?.allows.beyond.map(({ server }) => server.name)).toContain("api-canary");
});

const EGRESS = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: checkout, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: checkout } }
  egress:
    - toEndpoints: [{ matchLabels: { app: cart } }] # the cart
      toPorts: [{ ports: [{ port: "8080", protocol: TCP }] }]
`;

test("where both ends deny, one answer mends both", () => {
  const { fixes } = ask(cluster(DENY, API, EGRESS), CHECKOUT, "payments/api-0", 8080);
  const [fix] = fixes;
  expect(fix?.remains).toBe("");
  expect(fix?.edits.map(({ policy }) => policy.name).sort()).toEqual(["api", "checkout"]);
  expect(fix?.files).toHaveLength(2);
  expect(fix?.diff.match(/^--- a\//gm)).toHaveLength(2);
  expect(fix?.effect).toContain("It takes all of these edits");
  expect(fix?.allows).toMatchObject({ pairs: 2, asked: 2, connections: 2 });
  expect(fix?.yaml).toContain("# the cart");
});

test("one file with both policies is one diff", () => {
  const together = `${API}---\n${EGRESS}`;
  const { fixes } = ask(cluster(DENY, together), CHECKOUT, "payments/api-0", 8080);
  expect(fixes[0]?.files).toHaveLength(1);
  expect(fixes[0]?.edits).toHaveLength(2);
  expect(fixes[0]?.diff.match(/^--- a\//gm)).toHaveLength(1);
  const changed = parseManifests(fixes[0]!.files[0]!.yaml, "p1.yaml");
  expect(changed.problems).toEqual([]);
  expect(changed.policies).toHaveLength(2);
});

test("an edit that would deny what passes now is none", () => {
  // Mended, it would select the pod, and shut its egress with it.
  const stale = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: stale, namespace: payments }
spec:
  podSelector: { matchLabels: { app: ledgr } }
  policyTypes: [TYPES]
  ingress: [{ ports: [{ port: 8080 }] }]
`;
  const titles = (types: string): string[] =>
    ask(
      cluster(DENY, stale.replace("TYPES", types)),
      CHECKOUT,
      "payments/ledger-0",
      8080,
    ).fixes.map(({ title }) => title);
  const mended =
    "Let NetworkPolicy payments/stale select pods with app=ledger instead of app=ledgr";
  expect(titles("Ingress")).toContain(mended);
  const both = titles("Ingress, Egress");
  expect(both.length).toBeGreaterThan(0);
  expect(both).not.toContain(mended);
});

test("two deny rules take two exceptions, and both are told", () => {
  const deny = (name: string): string => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: ${name}, namespace: payments }
spec:
  endpointSelector: { matchLabels: { app: ledger } }
  enableDefaultDeny: { ingress: false }
  ingressDeny:
    - fromEndpoints:
        - matchLabels: { k8s:io.kubernetes.pod.namespace: web }
`;
  const { fixes } = ask(cluster(deny("a"), deny("b")), CHECKOUT, "payments/ledger-0", 8080);
  expect(fixes[0]?.edits.map(({ kind, policy }) => [kind, policy.name])).toEqual([
    ["exception", "a"],
    ["exception", "b"],
  ]);
  expect(fixes[0]?.effect).toContain("on purpose");
  // The cart stays out.
  expect(fixes[0]?.allows.beyond).toEqual([]);
});

test("text with aliases at the place is left alone, and another policy is offered", () => {
  const aliased = API.replace(
    "podSelector:\n    matchLabels:",
    "podSelector: &own\n    matchLabels:",
  )
    .replace("  ingress:\n", "  ingress: &rules\n")
    .replace("app: chekout # the old name", "app: cart");
  const shared = `${aliased}  egress: *rules\n  policyTypes: [Ingress]\n`;
  const { fixes } = ask(cluster(DENY, shared), CHECKOUT, "payments/api-0", 8080);
  expect(fixes.length).toBeGreaterThan(0);
  for (const { files } of fixes)
    for (const { yaml } of files)
      expect(
        parseManifests(yaml, "x.yaml").problems.filter(({ severity }) => severity === "error"),
      ).toEqual([]);
  const [first] = fixes;
  expect(first?.edits[0]?.policy.name).not.toBe("default-deny");
});

test("what passes already needs nothing", () => {
  expect(ask(cluster(), CHECKOUT, "payments/api-0", 8080)).toMatchObject({
    passes: true,
    fixes: [],
    noFix: "",
  });
});
