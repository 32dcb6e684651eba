import { describe, expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { matchContext } from "../match/context.js";
import { createWorld, podEndpoint } from "../world/index.js";
import type { Connection } from "../endpoint.js";
import { explain } from "./explain.js";
import type { DecisionExplanation } from "./explanation.js";
import { sentence } from "./sentence.js";

const PODS = `
kind: Namespace
apiVersion: v1
metadata: {name: payments, labels: {team: money}}
---
kind: Pod
apiVersion: v1
metadata: {name: api, namespace: payments, labels: {app: api, tier: back}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.1.7}
---
kind: Pod
apiVersion: v1
metadata: {name: db, namespace: payments, labels: {app: db}}
spec: {containers: [{name: c, ports: [{name: pg, containerPort: 5432}]}]}
status: {podIP: 10.0.1.8}
---
kind: Pod
apiVersion: v1
metadata: {name: shop, namespace: web, labels: {app: web}}
spec: {containers: [{name: c}]}
---
kind: Pod
apiVersion: v1
metadata: {name: agent, namespace: web, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c}]}
---
kind: Service
apiVersion: v1
metadata: {name: db-front, namespace: payments}
spec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}
`;

interface Case {
  from?: string;
  to?: string;
  protocol?: Connection["protocol"];
  port?: number;
  profile?: "kubernetes" | "cilium";
}

function explained(policies: string, question: Case = {}): DecisionExplanation {
  const { from = "payments/api", to = "payments/db", protocol = "TCP", port = 5432 } = question;
  const manifests = parseManifests(`${PODS}---\n${policies}`, "p.yaml");
  expect(manifests.problems).toEqual([]);
  const world = createWorld(manifests, PROFILES[question.profile ?? "cilium"]);
  const connection = { from: world.endpoint(from)!, to: world.endpoint(to)!, protocol, port };
  return explain(connection, world.policies, world.context);
}

/** Everything behind the colon of the sentence, with its head checked. */
function reason(policies: string, question: Case = {}): string {
  const text = sentence(explained(policies, question));
  const found = /^(\S+).* may (?:not )?reach (\S+).* on [A-Z]+(?: type)? \d+: (.*)$/.exec(text);
  expect(found?.slice(1, 3)).toEqual([
    question.from ?? "payments/api",
    question.to ?? "payments/db",
  ]);
  return found![3]!;
}

const hints = (policies: string, question?: Case): string[] => {
  const { egress, ingress } = explained(policies, question);
  return [...egress.hints, ...ingress.hints].map(({ code }) => code);
};

/** A NetworkPolicy for the database. */
const knp = (spec: string, name = "db-ingress"): string =>
  `{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: ${name}, namespace: payments}, spec: {podSelector: {matchLabels: {app: db}}, ${spec}}}\n`;
const cnp = (spec: string, name = "db"): string =>
  `{kind: CiliumNetworkPolicy, apiVersion: cilium.io/v2, metadata: {name: ${name}, namespace: payments}, spec: {endpointSelector: {matchLabels: {app: db}}, ${spec}}}\n`;

const DENIES = "NetworkPolicy payments/db-ingress makes deny the default for ingress, and ";
const NEAREST = `${DENIES}its nearest rule (spec.ingress[0], p.yaml:33) `;
const CILIUM = "CiliumNetworkPolicy payments/db makes deny the default for ingress, and ";
const CILIUM_NEAREST = `${CILIUM}its nearest rule (spec.ingress[0], p.yaml:33) `;
const OPEN_EGRESS =
  "egress of payments/api is not restricted: no policy selects it in this direction.";
const WEB = "from: [{podSelector: {matchLabels: {app: web}}}]";
const API = "from: [{podSelector: {matchLabels: {app: api}}}]";

describe("a denial", () => {
  test.each<[string, string, Case, string]>([
    ["by another label", knp(`ingress: [{${WEB}}]`), {}, `${NEAREST}allows app=web, not app=api.`],
    [
      "by a label that is absent",
      knp("ingress: [{from: [{podSelector: {matchLabels: {zone: a}}}]}]"),
      {},
      `${NEAREST}allows zone=a, but payments/api has no label zone.`,
    ],
    [
      "by a label that looks mistyped",
      knp("ingress: [{from: [{podSelector: {matchLabels: {apq: api}}}]}]"),
      {},
      `${NEAREST}allows apq=api, but payments/api has no label apq (a slip of typing? it has app=api).`,
    ],
    [
      "by an expression",
      knp(
        "ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [api, x]}, {key: tier, operator: DoesNotExist}]}}]}]",
      ),
      {},
      `${NEAREST}allows app not in (api, x) and no label tier, not app=api and tier=back.`,
    ],
    [
      "by the port",
      knp(`ingress: [{${API}, ports: [{port: 80}, {port: 8000, endPort: 8010}]}]`),
      {},
      `${NEAREST}allows TCP 80, TCP 8000-8010, not TCP 5432.`,
    ],
    [
      "by label and port",
      knp(`ingress: [{${WEB}, ports: [{port: 80}]}]`),
      {},
      `${NEAREST}allows app=web on TCP 80, not app=api on TCP 5432.`,
    ],
    [
      "by the protocol",
      knp("ingress: [{ports: [{port: 53}]}]"),
      { protocol: "UDP", port: 53 },
      `${NEAREST}allows TCP 53, not UDP 53.`,
    ],
    [
      "by a port name that the pod does not have",
      knp("ingress: [{ports: [{port: http}]}]"),
      {},
      `${NEAREST}allows TCP "http", but payments/db has no container port of that name.`,
    ],
    [
      "by a port name that is another number",
      knp("ingress: [{ports: [{port: pg}]}]"),
      { port: 80 },
      `${NEAREST}allows TCP "pg", but at payments/db that name is TCP 5432, not TCP 80.`,
    ],
    [
      "of ICMP",
      knp("ingress: [{ports: [{port: 80}]}]"),
      { protocol: "ICMP", port: 8 },
      `${NEAREST}allows TCP 80, not ICMP type 8.`,
    ],
    [
      "without a rule",
      knp("ingress: []"),
      {},
      `${DENIES}it has no rule that allows any ingress (p.yaml:33).`,
    ],
    [
      "by the namespace",
      knp(`ingress: [{${WEB}}]`),
      { from: "web/shop" },
      `${NEAREST}allows namespace payments, not namespace web.`,
    ],
    [
      "by a namespace label",
      knp("ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}}]}]"),
      {},
      `${NEAREST}allows namespace label team=red, not namespace label team=money.`,
    ],
    [
      "of an address",
      knp("ingress: [{from: [{podSelector: {}}]}]"),
      { from: "1.2.3.4" },
      `${NEAREST}allows pods in namespace payments, not 1.2.3.4 (outside the cluster).`,
    ],
    [
      "of an address in an exception",
      knp("ingress: [{from: [{ipBlock: {cidr: 1.2.0.0/16, except: [1.2.3.0/24]}}]}]"),
      { from: "1.2.3.4" },
      `${NEAREST}allows 1.2.0.0/16 except 1.2.3.0/24, not 1.2.3.4 (excepted).`,
    ],
    [
      "of another node",
      knp("ingress: [{from: [{podSelector: {}}]}]"),
      { from: "remote-node" },
      `${NEAREST}allows pods in namespace payments, not another node.`,
    ],
    [
      "of a pod by a CIDR that holds its address",
      knp("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"),
      {},
      `${NEAREST}allows 10.0.0.0/8, not pod payments/api (10.0.1.7).`,
    ],
    [
      "by an empty rule of Cilium",
      cnp("ingress: [{}]"),
      {},
      `${CILIUM}no rule of ingress allows anybody (p.yaml:33).`,
    ],
    [
      "by an entity",
      cnp("ingress: [{fromEntities: [world]}]"),
      {},
      `${CILIUM_NEAREST}allows entity world, not pod payments/api.`,
    ],
    [
      "by a deny rule",
      cnp("ingressDeny: [{fromEndpoints: [{matchLabels: {app: api}}]}]"),
      {},
      "CiliumNetworkPolicy payments/db denies ingress from pods with app=api in namespace payments on every port (spec.ingressDeny[0], p.yaml:33).",
    ],
    [
      "of a name that was not observed",
      cnp("egress: [{toFQDNs: [{matchName: api.example.com}]}]"),
      { from: "payments/db", to: "1.2.3.4", port: 443 },
      "CiliumNetworkPolicy payments/db makes deny the default for egress, and its nearest rule (spec.egress[0], p.yaml:33) allows DNS name api.example.com, not 1.2.3.4 (no DNS name was observed for it).",
    ],
    [
      "by two policies",
      `${knp(`ingress: [{${WEB}}]`)}---\n${knp("policyTypes: [Ingress]", "deny")}`,
      {},
      "NetworkPolicy payments/db-ingress and NetworkPolicy payments/deny make deny the default for ingress, and their nearest rule (NetworkPolicy payments/db-ingress (spec.ingress[0], p.yaml:33)) allows app=web, not app=api.",
    ],
    [
      "at both ends",
      `${knp("policyTypes: [Ingress]")}---\n${knp("policyTypes: [Egress]", "out").replace("app: db", "app: api")}`,
      {},
      "on egress, NetworkPolicy payments/out makes deny the default for egress, and it has no rule that allows any egress (p.yaml:35); also on ingress, NetworkPolicy payments/db-ingress makes deny the default for ingress, and it has no rule that allows any ingress (p.yaml:33).",
    ],
  ])("%s", (_, policies, question, expected) => {
    expect(reason(policies, question)).toBe(expected);
  });
});

describe("an allowance", () => {
  const BY = "ingress is allowed by CiliumNetworkPolicy payments/db (spec.ingress[0], p.yaml:33)";
  const FROM_API = "fromEndpoints: [{matchLabels: {app: api}}]";

  test.each<[string, string, Case, string]>([
    [
      "by nobody's policy",
      "",
      {},
      "no policy restricts egress of payments/api or ingress of payments/db.",
    ],
    [
      "by a rule",
      knp("ingress: [{from: [{podSelector: {}}]}]"),
      {},
      `ingress is allowed by NetworkPolicy payments/db-ingress (spec.ingress[0], p.yaml:33); ${OPEN_EGRESS}`,
    ],
    [
      "of the pod's own node",
      knp("policyTypes: [Ingress]"),
      { from: "host" },
      "ingress is allowed because traffic from a pod's own node always is; egress is not judged: host is a node, and the host firewall is off.",
    ],
    [
      "through the proxy",
      cnp(
        `ingress: [{${FROM_API}, toPorts: [{ports: [{port: '5432', protocol: TCP}], rules: {http: [{method: GET, path: /a}]}}]}]`,
      ),
      {},
      `${BY}, through the L7 proxy, which passes only GET /a and answers 403 to all else; ${OPEN_EGRESS}`,
    ],
    [
      "after authentication",
      cnp(`ingress: [{${FROM_API}, authentication: {mode: required}}]`),
      {},
      `${BY}, once both ends have authenticated each other (until then it is dropped as AUTH_REQUIRED); ${OPEN_EGRESS}`,
    ],
    [
      "without a default denial",
      cnp(
        `enableDefaultDeny: {ingress: false}, ingress: [{fromEndpoints: [{matchLabels: {app: x}}]}]`,
      ),
      {},
      `ingress is allowed because no policy that selects it makes deny the default for ingress; ${OPEN_EGRESS}`,
    ],
  ])("%s", (_, policies, question, expected) => {
    expect(reason(policies, question)).toBe(expected);
  });
});

test("a denial that is only audited passes, and says so", () => {
  const { connection } = explained(knp(`ingress: [{${WEB}}]`));
  const { policies } = parseManifests(knp(`ingress: [{${WEB}}]`), "p.yaml");
  const told = explain(connection, policies, matchContext({ ...PROFILES.cilium, audit: true }));
  expect(told.decision.allowed).toBe(true);
  expect(sentence(told)).toMatch(
    /^payments\/api may not reach payments\/db on TCP 5432, but policies are only audited: it is reported and passes: NetworkPolicy /,
  );
});

describe("hints", () => {
  test.each<[string, string, Case]>([
    ["service-port", knp(`ingress: [{${API}, ports: [{port: 80}]}]`), {}],
    ["asked-for-service-port", knp(`ingress: [{${API}, ports: [{port: 5432}]}]`), { port: 80 }],
    ["own-namespace-only", knp(`ingress: [{${WEB}}]`), { from: "web/shop" }],
    ["own-namespace-only", cnp("ingress: [{fromEndpoints: [{}]}]"), { from: "web/shop" }],
    ["typo", knp("ingress: [{from: [{podSelector: {matchLabels: {tier: bakc}}}]}]"), {}],
    ["cidr-never-matches-pods", knp("ingress: [{from: [{ipBlock: {cidr: 10.0.1.0/24}}]}]"), {}],
    ["named-port-unresolved", knp("ingress: [{ports: [{port: http}]}]"), {}],
    ["protocol-is-tcp", knp("ingress: [{ports: [{port: 53}]}]"), { protocol: "UDP", port: 53 }],
    ["ports-exclude-icmp", knp("ingress: [{ports: [{port: 53}]}]"), { protocol: "ICMP", port: 8 }],
    ["rule-allows-nobody", cnp("ingress: [{}]"), {}],
    ["world-is-outside", cnp("ingress: [{fromEntities: [world]}]"), {}],
    ["cluster-is-inside", cnp("ingress: [{fromEntities: [cluster]}]"), { from: "1.2.3.4" }],
    ["host-network", cnp("ingress: [{fromEndpoints: [{}]}]"), { from: "web/agent" }],
    [
      "fqdn-not-observed",
      cnp("egress: [{toFQDNs: [{matchPattern: '*.x.io'}]}]"),
      { from: "payments/db", to: "1.2.3.4" },
    ],
    ["isolates-without-rules", knp("egress: [{}]"), {}],
    [
      "rules-are-inert",
      `${knp("policyTypes: [Egress], ingress: [{}]")}---\n${knp("policyTypes: [Ingress]", "deny")}`,
      {},
    ],
  ])("%s", (code, policies, question) => {
    expect(hints(policies, question)).toEqual([code]);
  });

  test.each<[string, string, Case]>([
    ["nothing is denied", knp(`ingress: [{${API}}]`), {}],
    [
      "a rule denies",
      cnp("ingressDeny: [{fromEntities: [cluster]}], ingress: [{fromEntities: [world]}]"),
      {},
    ],
    ["the label is simply another", knp(`ingress: [{${WEB}}]`), {}],
    ["the CIDR is elsewhere", knp("ingress: [{from: [{ipBlock: {cidr: 11.0.0.0/8}}]}]"), {}],
    ["the port is no Service's", knp("ingress: [{ports: [{port: 81}]}]"), {}],
    ["deny-all is what it says", knp("policyTypes: [Ingress]"), {}],
  ])("none where %s", (_, policies, question) => {
    expect(hints(policies, question)).toEqual([]);
  });
});

test("labels from strangers cannot hide or break the sentence", () => {
  const { connection, decision } = explained(knp(`ingress: [{${WEB}}]`));
  const app = "a\u001b[31m\n\u202eb";
  const from = podEndpoint(
    { name: "payments/api", namespace: "payments", labels: { app } },
    {},
    "default",
  );
  const manifests = parseManifests(knp(`ingress: [{${WEB}}]`), "p.yaml");
  const context = matchContext(PROFILES.cilium);
  const told = explain({ ...connection, from }, manifests.policies, context);
  expect(told.decision.allowed).toBe(decision.allowed);
  expect(sentence(told)).toContain(String.raw`app=a\u001b[31m\u000a\u202eb`);
  expect(sentence(told)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
