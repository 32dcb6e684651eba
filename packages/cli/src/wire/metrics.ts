import type { Ingester } from "@dropscope/ingester";
import { type Store, STORE_METRICS, type StoreMetrics } from "@dropscope/store";
import { Counter, Gauge, type Registry } from "prom-client";

/** `lastDeliveryMs` → `dropscope_store_last_delivery_ms`. */
const snake = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Exposes what the parts count. The parts own the numbers; they are read when somebody asks. */
export function registerStoreMetrics(registry: Registry, store: Store): void {
  for (const [key, { help, kind }] of Object.entries(STORE_METRICS)) {
    const value = (): number => store.metrics()[key as keyof StoreMetrics];
    expose(registry, kind, `dropscope_store_${snake(key)}`, help, value);
  }
}

/** @param running the ingester once it runs; its numbers are 0 before */
export function registerIngesterMetrics(
  registry: Registry,
  running: () => Ingester | undefined,
): void {
  const counters = {
    read: "Flows and unreadable messages received.",
    repeats: "Flows whose id was already known.",
    rejected: "Messages that could not be understood.",
    sealed: "Flows acknowledged by the spool.",
    gaps: "Losses recorded.",
    lost: "Events that the recorded losses count.",
    batches: "Batches acknowledged.",
  } as const;
  for (const [key, help] of Object.entries(counters))
    expose(
      registry,
      "counter",
      `dropscope_ingester_${key}`,
      help,
      () => running()?.books()[key as keyof typeof counters] ?? 0,
    );
  expose(
    registry,
    "gauge",
    "dropscope_ingester_open",
    "Flows in batches that are not acknowledged yet.",
    () => running()?.books().open ?? 0,
  );
  expose(
    registry,
    "gauge",
    "dropscope_ingester_flows_per_second",
    "Flows received per second.",
    () => running()?.status().flowsPerSecond ?? 0,
  );
  expose(
    registry,
    "gauge",
    "dropscope_ingester_nodes_connected",
    "Nodes whose flows arrive.",
    () => running()?.status().nodes.connected ?? 0,
  );
  expose(
    registry,
    "gauge",
    "dropscope_ingester_paused",
    "1 while reading waits for the disk.",
    () => Number(running()?.status().paused ?? false),
  );
}

function expose(
  registry: Registry,
  kind: "counter" | "gauge",
  name: string,
  help: string,
  value: () => number,
): void {
  if (kind === "gauge")
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(value());
        },
      }),
    );
  else
    registry.registerMetric(
      new Counter({
        name: `${name}_total`,
        help,
        registers: [],
        // The part counts; a counter of the library can only be told by how much it grew.
        collect() {
          this.reset();
          this.inc(value());
        },
      }),
    );
}
