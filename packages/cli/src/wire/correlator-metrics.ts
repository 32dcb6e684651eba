import {
  AGREEMENTS,
  AUDIT_REASONS,
  DROP_OUTCOMES,
  LOCAL_VIEWER,
  PROBLEM_STATES,
} from "@dropscope/model";
import type { AuditReader, ProblemReader } from "@dropscope/store";
import { Counter, Gauge, type Registry } from "prom-client";
import type { WiredCorrelator } from "./correlator.js";

/** A look at the problems costs a query: scrapes that come faster get the same answer. */
const FRESH_MS = 10_000;
const MOST = 5_000;
/** What passed within this time counts as passing, ms. */
const PASSING_MS = 15 * 60_000;

/** Labels come from closed sets: no name of a workload or policy is among them. */
export function registerCorrelatorMetrics(
  registry: Registry,
  correlator: Pick<WiredCorrelator, "stats">,
  {
    problems: reader,
    audit,
  }: {
    readonly problems: Pick<ProblemReader, "problems">;
    readonly audit: Pick<AuditReader, "auditCounts">;
  },
): void {
  counter("drops_explained", "Flows explained, by outcome.", "outcome", (set) => {
    const { outcomes } = correlator.stats() ?? {};
    for (const outcome of DROP_OUTCOMES) set(outcome, outcomes?.[outcome] ?? 0);
  });
  counter(
    "agreement",
    "Flows explained, by whether Cilium names the same policies.",
    "agreement",
    (set) => {
      const { agreements } = correlator.stats() ?? {};
      for (const agreement of AGREEMENTS) set(agreement, agreements?.[agreement] ?? 0);
    },
  );
  counter("batches", "Batches explained.", undefined, (set) =>
    set("", correlator.stats()?.batches ?? 0),
  );
  gauge(
    "lag_seconds",
    "From the acknowledgement of the newest batch to its explanations.",
    () => (correlator.stats()?.lagMs ?? 0) / 1000,
  );
  gauge(
    "waiting_batches",
    "Landed batches that are not explained yet.",
    () => correlator.stats()?.waiting ?? 0,
  );
  gauge("leading", "1 while this process is the one that explains.", () =>
    Number(correlator.stats()?.state === "leading"),
  );

  let asked = 0;
  registry.registerMetric(
    new Gauge({
      name: "dropscope_correlator_problems",
      help: "Problems by state and outcome.",
      labelNames: ["state", "outcome"] as const,
      registers: [],
      async collect() {
        if (Date.now() - asked < FRESH_MS) return;
        asked = Date.now();
        // A store that is away must not fail the whole scrape: the numbers stay as they were.
        const found = await reader
          .problems({ viewer: LOCAL_VIEWER, limit: MOST })
          .catch(() => undefined);
        if (found === undefined) return;
        for (const state of PROBLEM_STATES)
          for (const outcome of DROP_OUTCOMES)
            this.set(
              { state, outcome },
              found.filter((one) => one.state === state && one.outcome === outcome).length,
            );
      },
    }),
  );

  let lookedAt = 0;
  registry.registerMetric(
    new Gauge({
      name: "dropscope_correlator_audit_findings",
      help: "Findings of the audit of the last 15 minutes: who reached whom on which port although policies deny it, by the reason.",
      labelNames: ["reason"] as const,
      registers: [],
      async collect() {
        if (Date.now() - lookedAt < FRESH_MS) return;
        lookedAt = Date.now();
        const since = BigInt(lookedAt - PASSING_MS) * 1_000_000n;
        const counts = await audit
          .auditCounts({ viewer: LOCAL_VIEWER, range: { since } })
          .catch(() => undefined);
        if (counts === undefined) return;
        for (const reason of AUDIT_REASONS) this.set({ reason }, counts[reason]);
      },
    }),
  );

  function gauge(name: string, help: string, value: () => number): void {
    registry.registerMetric(
      new Gauge({
        name: `dropscope_correlator_${name}`,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  }

  function counter(
    name: string,
    help: string,
    label: string | undefined,
    tell: (set: (value: string, count: number) => void) => void,
  ): void {
    registry.registerMetric(
      new Counter({
        name: `dropscope_correlator_${name}_total`,
        help,
        labelNames: label === undefined ? [] : [label],
        registers: [],
        // The part counts; a counter of the library can only be told by how much it grew.
        collect() {
          this.reset();
          tell((value, count) =>
            label === undefined ? this.inc(count) : this.inc({ [label]: value }, count),
          );
        },
      }),
    );
  }
}
