import { readFileSync } from "node:fs";
import { AGREEMENTS, DROP_OUTCOMES, PROBLEM_STATES } from "@dropscope/model";
import { STORE_METRICS, type Store } from "@dropscope/store";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { registerCatalogMetrics } from "./catalog-metrics.js";
import { registerCorrelatorMetrics } from "./correlator-metrics.js";
import { registerIngesterMetrics, registerStoreMetrics } from "./metrics.js";
import { registerNotices } from "./notices.js";
import { registerSpaceMetrics } from "./space.js";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const path = new URL("../../../../deploy/alerts.yaml", import.meta.url);
const { groups } = parse(readFileSync(path, "utf8")) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** Everything that the product exposes, with the values that each label may have. */
async function exposed(): Promise<Map<string, Map<string, Set<string>>>> {
  const registry = new Registry();
  const numbers = Object.fromEntries(Object.keys(STORE_METRICS).map((key) => [key, 0]));
  registerStoreMetrics(registry, { metrics: () => numbers } as unknown as Store);
  registerIngesterMetrics(registry, () => undefined);
  registerCorrelatorMetrics(
    registry,
    { stats: () => undefined },
    {
      problems: { problems: () => Promise.resolve([]) },
      audit: {
        auditCounts: () =>
          Promise.resolve({
            "not-loaded": 0,
            "stale-endpoint": 0,
            "other-reading": 0,
            "not-enforced": 0,
          }),
      },
    },
  );
  registerCatalogMetrics(registry, () => undefined);
  registerSpaceMetrics(registry, () => ({
    bytes: 0,
    bound: 0,
    free: 0,
    removedRows: 0,
    removedBytes: 0,
    removedPartitions: 0,
    stuck: false,
    failures: 0,
  }));
  registerNotices(registry, {
    stats: () => ({ sent: 0, failed: 0, leftOut: 0, retries: 0, waiting: 0, remembered: 0 }),
  });
  const found = new Map<string, Map<string, Set<string>>>();
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    const labels = new Map<string, Set<string>>();
    for (const { labels: own } of values)
      for (const [label, value] of Object.entries(own))
        labels.set(label, (labels.get(label) ?? new Set()).add(String(value)));
    found.set(name, labels);
  }
  return found;
}

/** What an expression asks for that nobody exposes. */
async function unknownIn(text: string): Promise<string[]> {
  const known = await exposed();
  const problems: string[] = [];
  for (const [, name = "", matchers = ""] of text.matchAll(/(dropscope_\w+)(?:\{([^}]*)\})?/g)) {
    const labels = known.get(name);
    if (labels === undefined) problems.push(name);
    for (const [, label = "", operator = "", value = ""] of matchers.matchAll(
      /(\w+)(=~|!=|=)"([^"]*)"/g,
    ))
      for (const one of operator === "=~" ? value.split("|") : [value])
        if (labels?.get(label)?.has(one) !== true) problems.push(`${name}{${label}="${one}"}`);
  }
  return problems;
}

describe.each(rules.map((rule) => [rule.alert, rule] as const))("%s", (_, rule) => {
  test("asks only for what there is", async () => {
    expect(await unknownIn(rule.expr)).toEqual([]);
    expect(await unknownIn(rule.annotations.description)).toEqual([]);
  });

  test("says how bad it is, what it means and what to do", () => {
    expect(["info", "warning", "critical"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe("");
    expect(rule.annotations.description.length).toBeGreaterThan(40);
    expect(rule.for ?? "1m").toMatch(/^\d+[smh]$/);
    expect(rule.expr.split("(")).toHaveLength(rule.expr.split(")").length);
  });
});

test("names are unique", () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("a name that nobody exposes, and a value that no label has, are found (control)", async () => {
  expect(await unknownIn('dropscope_correlator_problemz{state="new"} > 0')).toEqual([
    "dropscope_correlator_problemz",
    'dropscope_correlator_problemz{state="new"}',
  ]);
  expect(await unknownIn('sum(dropscope_correlator_problems{state=~"new|old"})')).toEqual([
    'dropscope_correlator_problems{state="old"}',
  ]);
});

test("labels come from closed sets", async () => {
  const known = await exposed();
  expect(known.get("dropscope_correlator_problems")?.get("outcome")).toEqual(
    new Set(DROP_OUTCOMES),
  );
  expect(known.get("dropscope_correlator_problems")?.get("state")).toEqual(new Set(PROBLEM_STATES));
  expect(known.get("dropscope_correlator_agreement_total")?.get("agreement")).toEqual(
    new Set(AGREEMENTS),
  );
});
