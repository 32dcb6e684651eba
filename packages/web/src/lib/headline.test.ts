import type { Coverage, Edge } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { headline } from "./headline.js";
import type { HeadlineFacts } from "./headline.js";

const NOW = Date.UTC(2025, 10, 22, 14, 0, 0);

const edge = (lastSeen: number): Edge => ({
  id: "e",
  source: { kind: "workload", namespace: "web", name: "frontend" },
  destination: { kind: "workload", namespace: "payments", name: "payments-api" },
  protocol: "TCP",
  port: 8443,
  direction: "INGRESS",
  verdict: "DROPPED",
  reason: "POLICY_DENIED",
  count: 9,
  rate: 1,
  firstSeen: 0,
  lastSeen,
});

const coverage: Coverage = {
  now: NOW,
  source: { kind: "relay", address: "relay:80", state: "ok", message: "" },
  nodes: { connected: 3, total: 3, unavailable: [] },
  lost: { recent: 0, total: 0 },
  lagMs: 100,
  flowsPerSecond: 1204,
  store: { state: "ok", message: "", waiting: 0, quarantined: 0 },
};

const facts = (change: Partial<HeadlineFacts>): HeadlineFacts => ({
  reasons: [],
  edges: [],
  coverage,
  when: "in the last 15 minutes",
  live: true,
  filtered: false,
  now: NOW,
  utc: true,
  ...change,
});

describe("the headline", () => {
  it("says what is wrong, why, how recent and who", () => {
    const reasons = [
      { key: "POLICY_DENIED", total: 300 },
      { key: "POLICY_DENY", total: 12 },
    ];
    const found = headline(facts({ reasons, edges: [edge(NOW - 2000)] }));
    expect(`${found.lead} ${found.rest}`).toBe(
      "312 drops in the last 15 minutes, mostly Policy denied; newest 2 s ago: web/frontend → payments/payments-api :8443",
    );
    expect(found.mood).toBe("wrong");
  });

  it("drops that ended read as past", () => {
    const reasons = [{ key: "POLICY_DENIED", total: 1 }];
    const found = headline(facts({ reasons, edges: [edge(NOW - 240_000)] }));
    expect(found.mood).toBe("past");
    expect(found.lead).toBe("1 drop in the last 15 minutes,");
  });

  it("no drops comes with how much was looked at", () => {
    const found = headline(facts({}));
    expect(`${found.lead} ${found.rest}`).toBe(
      "No drops in the last 15 minutes. 1,204 flows/s from 3 of 3 nodes.",
    );
    expect(found.mood).toBe("calm");
  });

  it("does not call it calm when it cannot see", () => {
    const down = {
      ...coverage,
      source: { ...coverage.source, state: "down" as const, message: "Relay refused." },
    };
    expect(headline(facts({ coverage: down }))).toMatchObject({
      mood: "blind",
      rest: "Relay refused.",
    });
    expect(headline(facts({ coverage: { ...coverage, lagMs: -1 } })).mood).toBe("blind");
  });

  it("does not call it calm when nothing arrives: an import of old flows is not a quiet cluster", () => {
    const found = headline(facts({ coverage: { ...coverage, lagMs: 729 * 86_400_000 } }));
    expect(found).toEqual({
      mood: "blind",
      lead: "No flows in the last 15 minutes.",
      rest: "The newest is 729 days old.",
    });
  });

  it("says when only matching drops are counted", () => {
    expect(headline(facts({ filtered: true })).lead).toBe(
      "No matching drops in the last 15 minutes.",
    );
  });

  it("a past range names the moment instead of the age", () => {
    const reasons = [{ key: "POLICY_DENIED", total: 5 }];
    const found = headline(
      facts({ reasons, edges: [edge(NOW - 60_000)], live: false, when: "between a and b" }),
    );
    expect(found.rest).toContain("newest at 13:59:00: web/frontend");
  });
});
