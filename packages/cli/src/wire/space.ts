import type { Clock } from "@dropscope/model";
import { createSpaceKeeper, type SpaceKeeper, type SpaceState, type Store } from "@dropscope/store";
import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";
import { spaceOf } from "../config/parse-value.js";
import type { Config } from "../config/settings.js";
import { storeLogger } from "./store.js";

/** Looks after the disk for the process that fills the store; without a bound it only measures. */
export function wireSpace(wiring: {
  readonly config: Config;
  readonly store: Pick<Store, "client">;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly registry: Registry;
}): SpaceKeeper {
  const bound = spaceOf(wiring.config["max-disk"] ?? "");
  const keeper = createSpaceKeeper({
    client: wiring.store.client,
    clock: wiring.clock,
    logger: storeLogger(wiring.logger),
    ...(bound === undefined ? {} : { bound }),
  });
  registerSpaceMetrics(wiring.registry, () => keeper.state());
  return keeper;
}

/** @param state of the keeper; asked when somebody reads the metrics */
export function registerSpaceMetrics(registry: Registry, state: () => SpaceState): void {
  const gauges: [string, string, (state: SpaceState) => number | undefined][] = [
    ["bytes", "Bytes that the tables hold, compressed.", (now) => now.bytes],
    ["bound_bytes", "Bytes that they may hold; NaN without a bound.", (now) => now.bound],
    ["free_bytes", "Free bytes of the fullest disk with tables.", (now) => now.free],
    [
      "stuck",
      "1 while the bound is exceeded and nothing more may be removed.",
      (now) => Number(now.stuck),
    ],
  ];
  for (const [name, help, value] of gauges)
    registry.registerMetric(
      new Gauge({
        name: `dropscope_space_${name}`,
        help,
        registers: [],
        collect() {
          this.set(value(state()) ?? Number.NaN);
        },
      }),
    );
  const counters: [string, string, (state: SpaceState) => number][] = [
    ["removed_rows", "Rows removed to keep the bound.", (now) => now.removedRows],
    ["removed_bytes", "Bytes removed to keep the bound.", (now) => now.removedBytes],
    ["removed_days", "Days of tables removed to keep the bound.", (now) => now.removedPartitions],
  ];
  for (const [name, help, value] of counters)
    registry.registerMetric(
      new Counter({
        name: `dropscope_space_${name}_total`,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(value(state()));
        },
      }),
    );
}
