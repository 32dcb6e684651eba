import { type Clock, DropscopeError, type Part } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import {
  createReader,
  DEFAULT_RETENTION,
  openStore,
  type Retention,
  type Store,
} from "@dropscope/store";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import type { Config } from "../config/settings.js";
import { createCoverage } from "../wire/coverage.js";
import { storedKnowledge, wireDashboard } from "../wire/dashboard.js";
import { registerStoreMetrics } from "../wire/metrics.js";
import { storeOptions } from "../wire/store.js";
import type { Manifest } from "./format.js";

/** What was opened is kept until somebody removes it: five years, which every column of the schema can tell. */
const KEPT_DAYS = 1_800;

/** An embedded store for a bundle, whatever the settings say of the instance that is usually run here. */
export function bundleStore(config: Config, dataDir: string, logger: Logger): Store {
  const { clickhouse: _, ...own } = storeOptions({ ...config, data: dataDir }, logger);
  const retention = Object.fromEntries(
    Object.keys(DEFAULT_RETENTION).map((name) => [name, KEPT_DAYS]),
  ) as unknown as Retention;
  return openStore({ ...own, retention, requireStore: true });
}

export interface BundleView {
  readonly coverage: Part;
  readonly dashboard: Part & { url(): string };
}

export interface BundleViewTask {
  readonly config: Config;
  /** The port is nobody's wish: another one will do when it is taken. */
  readonly anyPort: boolean;
  readonly dataDir: string;
  /** Path of the bundle, as it is shown. */
  readonly shownAs: string;
  readonly manifest: Manifest;
  readonly store: Store;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The dashboard on an opened bundle; nothing feeds it and nothing correlates. */
export function bundleView(task: BundleViewTask): BundleView {
  const { config, store, logger, clock, manifest } = task;
  const registry = new Registry();
  registerStoreMetrics(registry, store);
  const reader = createReader(store.client);
  const watch = createCoverage({
    reader,
    store,
    source: () => ({
      kind: "file",
      address: task.shownAs,
      state: "ok",
      message: "",
      nodes: { connected: 0, total: 0, unavailable: [] },
      flowsPerSecond: 0,
    }),
    clock,
  });
  const profile = { ...PROFILES.cilium, cluster: manifest.cluster };
  const knowledge = storedKnowledge(store.client, () => profile, config);
  const make = (port: number): Part & { url(): string } =>
    wireDashboard({
      config: { ...config, data: task.dataDir, port },
      reader,
      knowledge,
      watch,
      logger,
      registry,
      clock,
    });
  return { coverage: watch, dashboard: dashboardOn(make, config.port, task.anyPort) };
}

function dashboardOn(
  make: (port: number) => Part & { url(): string },
  port: number,
  anyPort: boolean,
): Part & { url(): string } {
  let running = make(port);
  return {
    url: () => running.url(),
    async start() {
      try {
        await running.start();
      } catch (error) {
        if (!anyPort || !(error instanceof DropscopeError) || error.code !== "PORT_BUSY")
          throw error;
        running = make(0);
        await running.start();
      }
    },
    stop: (deadlineMs) => running.stop(deadlineMs),
  };
}
