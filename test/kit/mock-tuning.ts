/** Tuning of the namespace `web` as the dashboard answers it. What a replay says follows from the text that it is given. */
import type {
  CandidateProblem,
  EdgeTold,
  Evidence,
  NamespaceReadiness,
  Peer,
  PolicyName,
  ReadinessAnswer,
  ReplayAnswer,
  ReplayGroup,
  RulesAnswer,
  RuleUse,
  SuggestedPolicy,
  SuggestedRule,
  SuggestionAnswer,
} from "@dropscope/model";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const FRONTEND = workload("web", "frontend");
const CART = workload("web", "cart");
const API = workload("payments", "payments-api");
const DNS = workload("kube-system", "coredns");
const PROM = workload("monitoring", "prometheus-server");
const INGRESS = workload("ingress-nginx", "ingress-nginx-controller");
const BATCH = workload("web", "nightly-report");
const SCANNER: Peer = { kind: "ip", namespace: "", name: "198.51.100.23" };

export function mockEvidence(now: number, more: Partial<Evidence> = {}): Evidence {
  return {
    from: now - 7 * DAY,
    to: now,
    firstSeen: now - 7 * DAY + 2 * HOUR,
    lastSeen: now - 1500,
    flows: 1_204_331,
    edges: 9,
    hoursSeen: 166,
    hours: 168,
    gaps: [
      {
        time: new Date(now - 2 * DAY).toISOString(),
        node: "prod/node-b",
        cause: "perf-ring",
        count: 412,
      },
    ],
    unknown: [{ why: "the labels of one end are not known", edges: 2, flows: 37 }],
    left: 0,
    ...more,
  };
}

function told(id: string, client: Peer, server: Peer, port: number, now: number): EdgeTold {
  return {
    id,
    client,
    server,
    protocol: port === 53 ? "UDP" : "TCP",
    port,
    outcome: "forwarded",
    flows: 41_200,
    pods: 3,
    firstSeen: now - 7 * DAY,
    lastSeen: now - 2000,
  };
}

function policyYaml(name: string, ingress: string, egress: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
  namespace: web
spec:
  podSelector:
    matchLabels:
      app: ${name}
  policyTypes:
    - Ingress
    - Egress
  ingress:
${ingress}  egress:
${egress}`;
}

const peer = (namespace: string, app: string, port: number, how: "from" | "to"): string =>
  `    - ${how}:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ${namespace}
          podSelector:
            matchLabels:
              app: ${app}
      ports:
        - protocol: ${port === 53 ? "UDP" : "TCP"}
          port: ${port}
`;

const FRONTEND_YAML = policyYaml(
  "frontend",
  peer("ingress-nginx", "ingress-nginx", 8080, "from"),
  peer("web", "cart", 8080, "to") + peer("kube-system", "coredns", 53, "to"),
);
const CART_YAML = policyYaml(
  "cart",
  peer("web", "frontend", 8080, "from"),
  `    # Charges of the shop.\n${peer("payments", "payments-api", 8443, "to")}`,
);
const SCRAPE = peer("monitoring", "prometheus", 9464, "from");

function rule(path: string, says: string, edge: EdgeTold, more: Partial<SuggestedRule> = {}) {
  return {
    path,
    says,
    pattern: "regular",
    confidence: "high",
    why: "Seen in 160 of 168 hours.",
    flows: edge.flows,
    pods: edge.pods,
    firstSeen: edge.firstSeen,
    lastSeen: edge.lastSeen,
    edges: [edge],
    ...more,
  } satisfies SuggestedRule;
}

export const CART_POLICY: PolicyName = { kind: "NetworkPolicy", namespace: "web", name: "cart" };

/** With `e-prom` included the scrape of the cart is allowed too. */
export function mockSuggestion(asked: URL, now = Date.now()): SuggestionAnswer {
  const wanted = (asked.searchParams.get("include") ?? "").split(",");
  const scraped = wanted.includes("e-prom");
  const cartYaml = scraped ? CART_YAML.replace("  egress:\n", `${SCRAPE}  egress:\n`) : CART_YAML;
  const policies: SuggestedPolicy[] = [
    {
      policy: CART_POLICY,
      subject: "pods of the Deployment cart",
      yaml: cartYaml,
      rules: [
        rule(
          "spec.ingress[0]",
          "web/frontend may reach it on TCP 8080.",
          told("e-cart", FRONTEND, CART, 8080, now),
        ),
        rule(
          "spec.egress[0]",
          "It may reach payments/payments-api on TCP 8443.",
          told("e-api", CART, API, 8443, now),
          { pattern: "periodic", confidence: "medium", why: "Seen every hour for two days only." },
        ),
      ],
    },
    {
      policy: { kind: "NetworkPolicy", namespace: "web", name: "frontend" },
      subject: "pods of the Deployment frontend",
      yaml: FRONTEND_YAML,
      rules: [
        rule(
          "spec.ingress[0]",
          "ingress-nginx/ingress-nginx-controller may reach it on TCP 8080.",
          told("e-front", INGRESS, FRONTEND, 8080, now),
        ),
        rule(
          "spec.egress[1]",
          "It may ask kube-system/coredns for names.",
          told("e-dns", FRONTEND, DNS, 53, now),
          { confidence: "low", why: "Nothing but lookups was seen.", firstSeen: null },
        ),
      ],
    },
  ];
  const prom = {
    ...told("e-prom", PROM, CART, 9464, now),
    outcome: "dropped",
    flows: 180,
  } as const;
  return {
    at: now,
    evidence: mockEvidence(now),
    policies,
    yaml: policies.map(({ yaml }) => yaml).join("---\n"),
    leftOut: [
      ...(scraped
        ? []
        : [
            {
              edge: prom,
              why: "dropped" as const,
              says: "It is denied today: nobody said it is wanted.",
            },
          ]),
      {
        edge: { ...told("e-scan", SCANNER, FRONTEND, 22, now), flows: 12, pods: 1 },
        why: "scanner" as const,
        says: "One address tried 31 ports, and nobody answered.",
      },
      {
        edge: { ...told("e-once", BATCH, API, 8443, now), flows: 3, pods: 1 },
        why: "once" as const,
        says: "Seen in one minute of seven days.",
      },
    ],
    leftOutMore: 0,
    remarks: ["A default deny of egress begins with these policies: restart nothing meanwhile."],
  };
}

function group(
  id: string,
  change: ReplayGroup["change"],
  client: Peer,
  server: Peer,
  port: number,
  now: number,
  more: Partial<ReplayGroup> = {},
): ReplayGroup {
  return {
    id,
    change,
    client,
    server,
    protocol: "TCP",
    port,
    flows: 41_200,
    pods: 3,
    firstSeen: now - 7 * DAY,
    lastSeen: now - 2000,
    trend: Array.from({ length: 168 }, (_, hour) => (hour % 24 > 7 ? 245 + (hour % 5) * 20 : 30)),
    direction: "egress",
    says: "NetworkPolicy web/cart isolates it, and no rule allows TCP 8443 to payments/payments-api.",
    policies: [CART_POLICY],
    clause: "spec.egress",
    seen: { forwarded: 41_200, dropped: 0, audited: 0 },
    ...more,
  };
}

function problemsOf(text: string): CandidateProblem[] {
  const lines = text.split("\n");
  const at = (word: string): { line: number; column: number } => {
    const index = lines.findIndex((line) => line.includes(word));
    return { line: index + 1, column: (lines[index] ?? "").indexOf(word) + 1 };
  };
  const found: CandidateProblem[] = [];
  if (text.includes("prots:")) {
    const message = "Unknown field prots; ports is meant?";
    found.push({ severity: "error", rule: "", message, ...at("prots:") });
  }
  if (text.includes("podSelector: {}")) {
    const message = "Every pod of the namespace is selected.";
    found.push({ severity: "warning", rule: "NP116", message, ...at("podSelector: {}") });
  }
  return found;
}

/** Charges are denied where no rule has their port; the scrape is allowed where one has its own. */
export function mockReplay(_asked: URL, sent: unknown, now = Date.now()): ReplayAnswer {
  const text = (sent as { policies: string }).policies;
  const isCart = /^ {2}name: cart$/m.test(text);
  const denied = isCart && !/port: 8443$/m.test(text);
  const allowed = /port: 9464$/m.test(text);
  const seen = { forwarded: 0, dropped: 180, audited: 0 };
  const groups = [
    ...(denied ? [group("g-api", "newly-denied", CART, API, 8443, now)] : []),
    ...(allowed
      ? [
          group("g-prom", "newly-allowed", PROM, CART, 9464, now, {
            flows: 180,
            direction: "ingress",
            says: "NetworkPolicy web/cart allows it by spec.ingress[1].",
            clause: "spec.ingress[1]",
            seen,
          }),
        ]
      : []),
  ];
  const sum = (edges: number, flows: number) => ({ edges, flows });
  return {
    at: now,
    evidence: mockEvidence(now),
    changes: [{ policy: CART_POLICY, change: "added" }],
    problems: problemsOf(text),
    groups,
    counts: {
      newlyDenied: denied ? sum(1, 41_200) : sum(0, 0),
      newlyAllowed: allowed ? sum(1, 180) : sum(0, 0),
      stillDenied: sum(allowed ? 2 : 3, 195),
      stillAllowed: sum(denied ? 3 : 4, 1_162_919),
      unknown: sum(2, 37),
    },
  };
}

export function mockRules(now = Date.now()): RulesAnswer {
  const use = (policy: PolicyName, path: string, more: Partial<RuleUse>): RuleUse => ({
    policy,
    path,
    line: 12,
    direction: "ingress",
    action: "allow",
    says: "web/frontend may reach it on TCP 8080.",
    flows: 41_200,
    edges: 1,
    firstSeen: now - 7 * DAY,
    lastSeen: now - 2000,
    trend: Array.from({ length: 168 }, (_, hour) => 200 + ((hour * 37) % 90)),
    attributed: { hubble: 41_000, evaluated: 200 },
    findings: [],
    ...more,
  });
  const cnp = { kind: "CiliumNetworkPolicy", namespace: "payments", name: "payments-api" };
  return {
    at: now,
    evidence: mockEvidence(now),
    rules: [
      use(CART_POLICY, "spec.ingress[0]", {}),
      use(cnp, "spec.ingress[1]", {
        line: 21,
        says: "Every pod of every namespace may reach it on any port.",
        flows: 912_000,
        edges: 3,
        findings: [
          {
            kind: "over-broad",
            says: "It allows everything, and carried TCP 8443 from web/cart and web/frontend alone.",
            yaml: '- fromEndpoints:\n    - matchLabels:\n        app: cart\n  toPorts:\n    - ports:\n        - port: "8443"\n',
          },
        ],
      }),
      use(cnp, "spec.egress[2]", {
        line: 40,
        direction: "egress",
        says: "It may reach legacy/ledger on TCP 9090.",
        flows: 0,
        edges: 0,
        firstSeen: null,
        lastSeen: null,
        trend: Array.from({ length: 168 }, () => 0),
        attributed: { hubble: 0, evaluated: 0 },
        findings: [
          {
            kind: "never-used",
            says: "Nothing used it in 7 days, with flows in 166 of 168 hours.",
            yaml: "",
          },
          { kind: "stale-selector", says: "No pod has app=ledger in legacy.", yaml: "" },
        ],
      }),
      use(cnp, "spec.ingressDeny[0]", {
        line: 50,
        action: "deny",
        says: "The world may not reach it.",
        flows: 97,
      }),
    ],
    more: 0,
  };
}

export function mockReadiness(now = Date.now()): ReadinessAnswer {
  const one = (
    namespace: string,
    stage: NamespaceReadiness["stage"],
    more: Partial<NamespaceReadiness> = {},
  ): NamespaceReadiness => ({
    namespace,
    stage,
    says: "No policy isolates anything here.",
    workloads: 5,
    isolated: { ingress: 0, egress: 0 },
    dns: "not-isolated",
    wouldBreak: { edges: 0, flows: 0 },
    cleanDays: 0,
    evidence: mockEvidence(now),
    plan: [
      {
        done: true,
        says: "Watch the traffic for at least a week.",
        command: "",
      },
      {
        done: false,
        says: "Apply the proposed policies.",
        command: `dropscope policy suggest --namespace ${namespace} | kubectl apply -f -`,
      },
      { done: false, says: "Watch for three clean days.", command: "" },
    ],
    ...more,
  });
  return {
    at: now,
    namespaces: [
      one("web", "no-policy", { wouldBreak: { edges: 7, flows: 912_331 } }),
      one("payments", "would-break", {
        says: "Two workloads are isolated; default deny would drop lookups of names.",
        isolated: { ingress: 2, egress: 2 },
        dns: "missing",
        wouldBreak: { edges: 2, flows: 1_912 },
      }),
      one("monitoring", "watching", {
        says: "Nothing would break so far.",
        isolated: { ingress: 5, egress: 5 },
        dns: "allowed",
        cleanDays: 2,
      }),
      one("ingress-nginx", "enforced", {
        says: "Every workload is isolated both ways.",
        isolated: { ingress: 5, egress: 5 },
        dns: "allowed",
        cleanDays: 7,
        plan: [{ done: true, says: "Nothing is left to do.", command: "" }],
      }),
    ],
  };
}
