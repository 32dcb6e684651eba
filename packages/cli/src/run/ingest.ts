import { systemClock } from "@dropscope/model";
import { Registry } from "prom-client";
import { createLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireSource } from "../wire/source.js";
import { wireSpace } from "../wire/space.js";
import { wireStore } from "../wire/store.js";
import { whenFatal } from "../wire/when-fatal.js";

/** Runs `dropscope ingest`. */
export async function run({ loaded, env }: Invocation): Promise<void> {
  const logger = createLogger(loaded.config);
  const fatal = whenFatal(logger);
  const store = wireStore(loaded.config, logger, { onGiveUp: fatal.raise });
  const registry = new Registry();
  const source = wireSource({ loaded, env, store, logger, registry, onFatal: fatal.raise });
  const space = wireSpace({ config: loaded.config, store, logger, clock: systemClock, registry });
  const parts = [{ name: "store", part: store }, { name: "space", part: space }, ...source.parts];
  await runUntilStopped(parts, logger, {
    started: () => logger.info({ address: source.view().address }, "ingesting"),
    until: () => Promise.race([fatal.happened, ...(source.finished ? [source.finished] : [])]),
  });
  fatal.rethrow();
}
