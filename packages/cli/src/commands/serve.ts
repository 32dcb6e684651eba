import { systemClock } from "@dropscope/model";
import { createReader } from "@dropscope/store";
import { Registry } from "prom-client";
import { createLogger } from "../log.js";
import type { AddCommand, Invocation } from "../program.js";
import { createCoverage } from "../wire/coverage.js";
import { storedKnowledge, wireDashboard } from "../wire/dashboard.js";
import { registerStoreMetrics } from "../wire/metrics.js";
import { observerLine, wireObserver } from "../wire/observer.js";
import { createStoredProfile } from "../wire/profile.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";

export const addServe = (add: AddCommand): unknown =>
  add({
    name: "serve",
    summary: "the dashboard on a store that others fill",
    description:
      "Serves the dashboard, and with --observer Hubble's own API, on a store that `up` or `ingest` and `correlate` fill. Policies are judged for the data plane and the cluster that the correlator of the store judges for, unless --profile or --cluster-name says otherwise.",
    groups: ["store", "dashboard", "observer"],
    settings: ["cluster-name", "profile", "resolved-after"],
    examples: [
      ["dropscope serve --clickhouse http://clickhouse:8123", "on a server"],
      ["dropscope serve --data /var/lib/dropscope --port 8081", "beside `ingest` on one machine"],
      ["dropscope serve --observer :4245", "history for the real hubble CLI and Hubble UI, too"],
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
