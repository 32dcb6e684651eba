import type { DropscopeError } from "@dropscope/model";
import { openStore, type Store, type StoreLogger, type StoreOptions } from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";

export interface StoreWiring {
  /** Work beside the instance that owns the data folder, when there is one. */
  share?: boolean;
  requireStore?: boolean;
  onGiveUp?: (error: DropscopeError) => void;
}

/** The store that the settings describe; nothing is opened before its start. */
export function wireStore(config: Config, logger: Logger, wiring: StoreWiring = {}): Store {
  return openStore({ ...storeOptions(config, logger), ...wiring });
}

export function storeOptions(config: Config, logger: Logger): StoreOptions {
  const url = config.clickhouse;
  const passwordFile = config["clickhouse-password-file"];
  const password = config["clickhouse-password"];
  return {
    dataDir: config.data,
    ...(url === undefined
      ? {}
      : {
          clickhouse: {
            url,
            user: config["clickhouse-user"],
            ...(passwordFile === undefined ? {} : { passwordFile }),
            ...(password === undefined ? {} : { password }),
          },
        }),
    retention: {
      rawDays: config["ttl-flows"],
      dropDays: config["ttl-drops"],
      rollupDays: config["ttl-rollups"],
    },
    spoolBytes: config["spool-max"],
    memoryBytes: config["engine-memory"],
    logger: storeLogger(logger),
  };
}

export function storeLogger(logger: Logger): StoreLogger {
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
