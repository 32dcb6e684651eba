import { expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createWorld } from "../world/index.js";
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
metadata: {name: db, namespace: payments}
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

const said = (policies: string, question?: Case): string => sentence(explained(policies, question));

/** A NetworkPolicy for the database. */
const knp = (spec: string, name = "db-ingress"): string =>
  `{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: ${name}, namespace: payments}, spec: {podSelector: {matchLabels: {app: db}}, ${spec}}}\n`;
const cnp = (spec: string, name = "db"): string =>
  `{kind: CiliumNetworkPolicy, apiVersion: cilium.io/v2, metadata: {name: ${name}, namespace: payments}, spec: {endpointSelector: {matchLabels: {app: db}}, ${spec}}}\n`;

test.each<[string, string, Case | undefined, string]>([
  ["x", knp("ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]"), undefined, ""],
  [
    "x",
    knp("ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 80}]}]"),
    undefined,
    "",
  ],
  [
    "x",
    knp("ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]"),
    undefined,
    "",
  ],
  ["x", knp("ingress: []"), undefined, ""],
  [
    "x",
    knp("ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]"),
    { from: "web/shop" },
    "",
  ],
  ["x", knp("ingress: [{from: [{podSelector: {matchLabels: {apq: api}}}]}]"), undefined, ""],
  ["x", knp("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), undefined, ""],
  ["x", knp("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), { profile: "kubernetes" }, ""],
  ["x", knp("ingress: [{ports: [{port: http}]}]"), undefined, ""],
  ["x", knp("ingress: [{ports: [{port: 53}]}]"), { protocol: "UDP", port: 53 }, ""],
  [
    "x",
    knp("policyTypes: [Egress], ingress: [{}]") + "---\n" + knp("policyTypes: [Ingress]", "deny"),
    undefined,
    "",
  ],
  ["x", cnp("ingress: [{}]"), undefined, ""],
  ["x", cnp("ingressDeny: [{fromEndpoints: [{matchLabels: {app: api}}]}]"), undefined, ""],
  ["x", cnp("ingress: [{fromEntities: [world]}]"), undefined, ""],
  ["x", cnp("ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]"), { from: "web/shop" }, ""],
  [
    "x",
    cnp("ingress: [{fromEndpoints: [{matchLabels: {app: agent}}]}]"),
    { from: "web/agent" },
    "",
  ],
  [
    "x",
    cnp(
      "ingress: [{fromEndpoints: [{matchLabels: {app: api}}], toPorts: [{ports: [{port: '5432', protocol: TCP}], rules: {http: [{method: GET, path: /a}]}}]}]",
    ),
    undefined,
    "",
  ],
  [
    "x",
    cnp(
      "ingress: [{fromEndpoints: [{matchLabels: {app: api}}], authentication: {mode: required}}]",
    ),
    undefined,
    "",
  ],
  [
    "x",
    cnp("egress: [{toFQDNs: [{matchName: api.example.com}]}]"),
    { from: "payments/db", to: "1.2.3.4", port: 443 },
    "",
  ],
  ["x", knp("ingress: [{from: [{podSelector: {}}]}]"), { from: "1.2.3.4" }, ""],
  ["x", knp("ingress: [{from: [{podSelector: {}}]}]"), { from: "host" }, ""],
  ["x", knp("ingress: [{from: [{podSelector: {}}]}]"), { from: "remote-node" }, ""],
  ["x", knp("ingress: [{from: [{podSelector: {}}]}]"), undefined, ""],
  ["x", knp("ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]"), undefined, ""],
  ["x", knp("ingress: [{ports: [{port: 80}]}]"), { protocol: "ICMP", port: 8 }, ""],
  ["x", "", undefined, ""],
  [
    "x",
    knp(
      "egress: [{to: [{namespaceSelector: {matchLabels: {team: web}}, podSelector: {matchLabels: {app: web}}}]}]",
    ),
    { from: "payments/db", to: "web/shop" },
    "",
  ],
  [
    "x",
    knp(
      "egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: payments}}}]}]",
    ) +
      "---\n{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, metadata: {name: deny, namespace: web}, spec: {podSelector: {}}}",
    { from: "payments/db", to: "web/shop" },
    "",
  ],
])("%s", (_, policies, question, expected) => {
  const e = explained(policies, question);
  console.log(
    policies.slice(0, 400).replace(/.*spec: /, "") +
      "\n   " +
      said(policies, question) +
      [...e.egress.hints, ...e.ingress.hints]
        .map((h) => `\n     hint ${h.code}: ${h.text}`)
        .join(""),
  );
});
