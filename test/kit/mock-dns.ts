/** Name lookups of a bad day: findings of several rules, and answers over time. */
import type {
  DnsAnswer,
  DnsEntry,
  DnsFinding,
  DnsRatesAnswer,
  DnsRule,
  Peer,
} from "@dropscope/model";
import { random, wholeCoverage } from "./mock-cluster.js";

const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const COREDNS = workload("kube-system", "coredns");

function finding(rule: DnsRule, client: Peer, now: number, more: Partial<DnsFinding>): DnsEntry {
  return {
    finding: {
      rule,
      id: `${rule}-${client.namespace}-${client.name}`,
      severity: "high",
      client,
      server: COREDNS,
      query: "",
      detail: "",
      firstSeen: new Date(now - 9 * 60_000).toISOString(),
      lastSeen: new Date(now - 4000).toISOString(),
      count: 322,
      policies: [],
      sentence: "",
      stall: null,
      next: "",
      evidence: ["5b3f6c1e-0000-4000-8000-000000000001", "5b3f6c1e-0000-4000-8000-000000000002"],
      ...more,
    },
    problems: more.severity === "critical" ? ["aaaaaaaaaaaaaa13"] : [],
  };
}

export function mockDns(now = Date.now()): DnsAnswer {
  const policy = { kind: "NetworkPolicy", namespace: "web", name: "cart-egress-without-dns" };
  return {
    at: now,
    counts: { D1: 1, D7: 2, D10: 1 },
    coverage: wholeCoverage(now),
    findings: [
      finding("D1", workload("web", "cart"), now, {
        severity: "critical",
        policies: [policy],
        sentence:
          "web/cart cannot ask kube-system/coredns for any name: web/cart-egress-without-dns puts it into default deny for egress, and no rule allows port 53.",
        stall: {
          from: 5,
          to: 40,
          reason: "each lookup waits for its resolver to give up: musl 5 s, glibc 20 s, Go 40 s",
        },
        next: "Allow UDP and TCP 53 to kube-dns in web/cart-egress-without-dns.",
      }),
      finding("D7", workload("payments", "ledger-reconciliation-worker"), now, {
        query: "sns.eu-west-1.amazonaws.com.payments.svc.cluster.local",
        detail: "search-expansion",
        count: 97,
        sentence:
          "Cilium's DNS proxy refuses the names that payments/ledger-reconciliation-worker makes of sns.eu-west-1.amazonaws.com with its search list.",
        stall: { from: 0, to: 5, reason: "musl stops at the first refusal and waits 5 s" },
        next: "Allow the expanded names with matchPattern, or ask for the name with a dot at its end.",
      }),
      finding("D7", workload("web", "search-suggestions"), now, {
        query: "metrics.example.com",
        detail: "no-proxy-rule",
        count: 12,
        sentence: "The DNS proxy refuses metrics.example.com to web/search-suggestions.",
        next: "Add the name to rules.dns, if it is wanted.",
      }),
      finding("D10", workload("monitoring", "prometheus-server"), now, {
        severity: "info",
        count: 8123,
        sentence:
          "81 % of the questions of monitoring/prometheus-server are for names that do not exist: ndots:5 tries the search list first.",
        next: "End external names with a dot, or set ndots to 2 in dnsConfig.",
      }),
    ],
  };
}

export function mockDnsRates(url: URL): DnsRatesAnswer {
  const next = random(11);
  const stepMs = 60_000;
  const to = Math.ceil(Number(url.searchParams.get("to")) / stepMs) * stepMs;
  const from = Math.floor(Number(url.searchParams.get("from")) / stepMs) * stepMs;
  const steps = (to - from) / stepMs;
  const counts = (mean: number, since = 0): number[] =>
    Array.from({ length: steps }, (_, at) =>
      at < steps * since ? 0 : Math.round(mean * (0.7 + next() * 0.6)),
    );
  const series = [
    { key: "0", counts: counts(1260) },
    { key: "3", counts: counts(540) },
    { key: "5", counts: counts(90, 0.45) },
    { key: "2", counts: counts(14, 0.7) },
  ];
  const asked = Array.from({ length: steps }, (_, at) =>
    series.reduce((sum, each) => sum + (each.counts[at] ?? 0), 20),
  );
  return {
    answers: { from, to, stepMs, series, gaps: [] },
    asked,
    coverage: wholeCoverage(to),
  };
}
