import { join } from "node:path";
import { createIngester, type HubbleTarget, type Ingester } from "@dropscope/ingester";
import type { DropscopeError } from "@dropscope/model";
import { readSeedIds, type Store } from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";
import { redaction } from "./redaction.js";

/** The live ingester for one relay, feeding the store's door. */
export function wireIngester(
  config: Config,
  target: HubbleTarget,
  store: Store,
  logger: Logger,
  onFatal: (error: DropscopeError) => void,
): Ingester {
  return createIngester({
    source: {
      target,
      tuning: { backfillMs: config.backfill },
      redact: redaction(config, "relay"),
      stateFile: join(config.data, "hubble-state.json"),
    },
    door: store.door,
    seed: (sinceMs, limit) => readSeedIds(store, sinceMs, limit),
    onNotice: (notice) => logger.warn({ code: notice.code, next: notice.next }, notice.message),
    onGap: ({ cause, node, count, from, to, message }) =>
      logger.info({ cause, node, count, from, to, detail: message }, "events were lost"),
    onFatal,
  });
}
