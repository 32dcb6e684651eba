import { systemClock } from "@dropscope/model";
import { createReader } from "@dropscope/store";
import { Registry } from "prom-client";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { registerCatalogMetrics } from "../wire/catalog-metrics.js";
import { createCoverage } from "../wire/coverage.js";
import { registerCorrelatorMetrics } from "../wire/correlator-metrics.js";
import { wireCorrelator } from "../wire/correlator.js";
import { storedKnowledge, wireDashboard } from "../wire/dashboard.js";
import { registerStoreMetrics } from "../wire/metrics.js";
import { wireNotices } from "../wire/notices.js";
import { observerLine, wireObserver } from "../wire/observer.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireSpace } from "../wire/space.js";
import { wireSource } from "../wire/source.js";
import { wireStore } from "../wire/store.js";
import { whenFatal } from "../wire/when-fatal.js";

/** Runs `dropscope up`. */
export async function run({ loaded, env }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createLogger(config);
  const fatal = whenFatal(logger);
  const registry = new Registry();
  const store = wireStore(config, logger, { onGiveUp: fatal.raise });
  registerStoreMetrics(registry, store);
  const source = wireSource({ loaded, env, store, logger, registry, onFatal: fatal.raise });
  const reader = createReader(store.client);
  const clock = systemClock;
  const watch = createCoverage({ reader, store, source: () => source.view(), clock });
  const books = (): Record<string, number> => ({ ...source.books?.(), ...store.books() });
  const correlator = await wireCorrelator({
    loaded,
    env,
    store,
    logger,
    clock,
    ...(source.simulated ? { simulated: source.simulated } : {}),
  });
  const knowledge = storedKnowledge(store.client, () => correlator.profile(), config);
  registerCorrelatorMetrics(registry, correlator, knowledge);
  registerCatalogMetrics(registry, () => correlator.catalog());
  const { problems } = knowledge;
  const notices = wireNotices({ config, problems, correlator, logger, clock, registry });
  const dashboard = wireDashboard({
    config,
    reader,
    knowledge,
    watch,
    logger,
    registry,
    clock,
    books,
  });
  const observer = wireObserver({ config, store, reader, logger, clock });
  const space = wireSpace({ config, store, logger, clock, registry });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);

  void source.finished?.then((query) => say(`the files are read: ${dashboard.url()}${query}`));
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "coverage", part: watch },
      { name: "space", part: space },
      { name: "dashboard", part: dashboard },
      ...(observer === undefined ? [] : [{ name: "observer", part: observer }]),
      ...source.parts,
      // Before the correlator: what is there by then was told of already.
      ...notices,
      { name: "correlator", part: correlator },
    ],
    logger,
    {
      started: () => say(`${observerLine(observer)}dropscope is ready: ${dashboard.url()}`),
      until: () => fatal.happened,
    },
  );
  fatal.rethrow();
}
