import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";
import {
  openStore,
  type Retention,
  type Store,
  type StoreLogger,
  type StoreOptions,
} from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";

export interface StoreWiring {
  /** Work beside the instance that owns the data folder, when there is one. */
  share?: boolean;
  /** Only ask; see the store. */
  readOnly?: boolean;
  requireStore?: boolean;
  onGiveUp?: (error: DropscopeError) => void;
}

/** The store that the settings describe; nothing is opened before its start. */
export function wireStore(config: Config, logger: Logger, wiring: StoreWiring = {}): Store {
  return openStore({ ...storeOptions(config, logger), ...wiring });
}

/**
 * The store for a command that only reads: it must be there already, so that a mistyped folder is
 * a mistake and not an empty answer. It takes nothing that an instance needs which starts meanwhile.
 * @throws DropscopeError `DATA_MISSING` (exit 66)
 */
export function storeToRead(config: Config, logger: Logger): Store {
  if (config.clickhouse === undefined && !existsSync(join(config.data, "clickhouse")))
    throw new DropscopeError("DATA_MISSING", `There is no store in ${resolve(config.data)}.`, {
      next: "Name the folder of the running instance with --data, or start one with `dropscope up`.",
      exitCode: EXIT.noInput,
    });
  return wireStore(config, logger, { readOnly: true, requireStore: true });
}

export function storeOptions(config: Config, logger: Logger): StoreOptions {
  const url = config.clickhouse;
  const passwordFile = config["clickhouse-password-file"];
  const password = config["clickhouse-password"];
  const user = config["clickhouse-user"];
  return {
    dataDir: config.data,
    ...(url === undefined
      ? {}
      : {
          clickhouse: {
            url,
            ...(user === undefined ? {} : { user }),
            ...(passwordFile === undefined ? {} : { passwordFile }),
            ...(password === undefined ? {} : { password }),
          },
        }),
    retention: givenRetention(config),
    spoolBytes: config["spool-max"],
    memoryBytes: config["engine-memory"],
    logger: storeLogger(logger),
  };
}

/** What the settings say of how long things are kept; the rest is the store's to know. */
export function givenRetention(config: Config): Partial<Retention> {
  const days = {
    rawDays: config["ttl-flows"],
    dropDays: config["ttl-drops"],
    rollupDays: config["ttl-rollups"],
    problemDays: config["ttl-problems"],
    policyDays: config["ttl-policies"],
  };
  return Object.fromEntries(Object.entries(days).filter(([, value]) => value !== undefined));
}

export function storeLogger(logger: Logger): StoreLogger {
  return {
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
