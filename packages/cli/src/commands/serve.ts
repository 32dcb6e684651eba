import { systemClock } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import { createReader } from "@dropscope/store";
import { Registry } from "prom-client";
import { createLogger } from "../log.js";
import type { AddCommand, Invocation } from "../program.js";
import { createCoverage } from "../wire/coverage.js";
import { storedKnowledge, wireDashboard } from "../wire/dashboard.js";
import { registerStoreMetrics } from "../wire/metrics.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";

export const addServe = (add: AddCommand): unknown =>
  add({
    name: "serve",
    summary: "the dashboard on a store that others fill",
    groups: ["store", "dashboard"],
    settings: ["cluster-name", "resolved-after"],
    examples: [
      ["dropscope serve --clickhouse http://clickhouse:8123", "on a server"],
      ["dropscope serve --data /var/lib/dropscope --port 8081", "beside `ingest` on one machine"],
    ],
    run,
  });

async function run({ loaded }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createLogger(config);
  const store = wireStore(config, logger, { readOnly: true });
  const registry = new Registry();
  registerStoreMetrics(registry, store);
  const reader = createReader(store.client);
  const clock = systemClock;
  const watch = createCoverage({ reader, store, source: () => undefined, clock });
  const profile = { ...PROFILES.cilium, cluster: config["cluster-name"] };
  const knowledge = storedKnowledge(store.client, () => profile, config);
  const dashboard = wireDashboard({ config, reader, knowledge, watch, logger, registry, clock });
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "coverage", part: watch },
      { name: "dashboard", part: dashboard },
    ],
    logger,
    { started: () => void process.stdout.write(`dropscope is ready: ${dashboard.url()}\n`) },
  );
}
