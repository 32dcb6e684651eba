import type { CatalogKindState, CatalogStatus } from "@dropscope/model";
import { Gauge, type Registry } from "prom-client";

const STATES: readonly CatalogKindState[] = [
  "starting",
  "ok",
  "stale",
  "absent",
  "forbidden",
  "failing",
];

/** How fresh the known policies are: an explanation is only as good as they. */
export function registerCatalogMetrics(
  registry: Registry,
  catalog: () => CatalogStatus | undefined,
): void {
  registry.registerMetric(
    new Gauge({
      name: "dropscope_catalog_kinds",
      help: "Kinds of objects that are read for explanations, by state.",
      labelNames: ["state"] as const,
      registers: [],
      collect() {
        const kinds = catalog()?.kinds ?? [];
        for (const state of STATES)
          this.set({ state }, kinds.filter((kind) => kind.state === state).length);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "dropscope_catalog_waiting_versions",
      help: "Versions of objects that are not stored yet.",
      registers: [],
      collect() {
        this.set(catalog()?.waiting ?? 0);
      },
    }),
  );
}
