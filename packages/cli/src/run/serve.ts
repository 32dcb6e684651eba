import { systemClock } from "@dropscope/model";
import { createReader } from "@dropscope/store";
import { Registry } from "prom-client";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { createCoverage } from "../wire/coverage.js";
import { storedKnowledge, wireDashboard } from "../wire/dashboard.js";
import { registerStoreMetrics } from "../wire/metrics.js";
import { observerLine, wireObserver } from "../wire/observer.js";
import { createStoredProfile } from "../wire/profile.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";

/** Runs `dropscope serve`. */
export async function run({ loaded }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createLogger(config);
  const store = wireStore(config, logger, { readOnly: true });
  const registry = new Registry();
  registerStoreMetrics(registry, store);
  const reader = createReader(store.client);
  const clock = systemClock;
  const watch = createCoverage({ reader, store, source: () => undefined, clock });
  const judged = createStoredProfile({
    loaded,
    client: store.client,
    clock,
    onChange: ({ name, cluster }) => logger.info({ profile: name, cluster }, "policies are judged"),
  });
  const knowledge = storedKnowledge(store.client, () => judged.profile(), config);
  const dashboard = wireDashboard({ config, reader, knowledge, watch, logger, registry, clock });
  const observer = wireObserver({ config, store, reader, logger, clock });
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "coverage", part: watch },
      { name: "profile", part: judged },
      { name: "dashboard", part: dashboard },
      ...(observer === undefined ? [] : [{ name: "observer", part: observer }]),
    ],
    logger,
    {
      started: () =>
        void process.stdout.write(
          `${observerLine(observer)}dropscope is ready: ${dashboard.url()}\n`,
        ),
    },
  );
}
