import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DropscopeError, EXIT, systemClock, type Clock } from "@dropscope/model";
import {
  DATABASE,
  defaultEngineMemory,
  defaultQuerySessions,
  silentLogger,
  type StoreLogger,
} from "../config.js";
import { spawnEngine, type EngineChild } from "./child.js";
import { dataDirError, prepareDataDir } from "./data-dir.js";
import { removeEngineFile, writeEngineFile } from "./engine-file.js";
import { takeLock, type Lock } from "./lock.js";
import { watchEngine, type WatchTimes } from "./watch.js";
import type { EngineOrder } from "./protocol.js";

export interface EngineOptions {
  dataDir: string;
  /** Most that the engine may use, bytes. */
  memoryBytes?: number;
  querySessions?: number;
  logger?: StoreLogger;
  clock?: Clock;
  /** When an engine that does not answer is taken to hang. */
  watch?: Partial<WatchTimes>;
}

/** How to reach a store: the embedded engine or a server. */
export interface StoreTarget {
  url: string;
  user: string;
  password: string;
  database: string;
}

export interface Engine {
  /** Changes only when a restarted engine could not have its port back. */
  target(): StoreTarget;
  /** Of the engine's process; undefined while it is down. */
  pid(): number | undefined;
  version(): string;
  /** Why it is down now; undefined while it serves. */
  trouble(): string | undefined;
  restarts(): number;
  /** Closes the engine; kills it when it is not gone after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

const RESTART_FIRST_MS = 200;
const RESTART_MOST_MS = 10_000;
/**
 * What an engine may take to start. It grows with each try that was given up: on a machine that is
 * too busy, killing one that is nearly there and beginning anew would go on for ever.
 */
const START_MS = { first: 120_000, most: 900_000 };

/**
 * Starts the embedded engine in a process of its own and keeps it running.
 * @throws DropscopeError `DATA_IN_USE` (73), `DATA_NOT_A_DIRECTORY`, `DATA_NO_PERMISSION`,
 *   `ENGINE_FAILED` (69).
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const dataDir = resolve(options.dataDir);
  prepareDataDir(dataDir);
  const lock = await takeLock(dataDir, "engine", "engine");
  try {
    return await supervise(dataDir, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function supervise(dataDir: string, lock: Lock, options: EngineOptions): Promise<Engine> {
  const logger = options.logger ?? silentLogger;
  const clock = options.clock ?? systemClock;
  const folder = join(dataDir, "clickhouse");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const order: EngineOrder = {
    dataDir,
    folder,
    temp: join(dataDir, "engine-tmp"),
    database: DATABASE,
    port: 0,
    user: DATABASE,
    password: randomBytes(24).toString("base64url"),
    memoryBytes: options.memoryBytes ?? defaultEngineMemory(),
    querySessions: options.querySessions ?? defaultQuerySessions(),
  };
  let patienceMs: number = START_MS.first;
  let child: EngineChild | undefined = await firstStart(order, logger, patienceMs);
  let version = child.version;
  let stopping = false;
  let trouble: string | undefined;
  let restarts = 0;
  let delay = RESTART_FIRST_MS;

  const adopt = (fresh: EngineChild): void => {
    child = fresh;
    patienceMs = START_MS.first;
    version = fresh.version;
    trouble = undefined;
    order.port = fresh.port;
    const url = `http://127.0.0.1:${fresh.port}`;
    try {
      writeEngineFile(dataDir, {
        url,
        user: order.user,
        password: order.password,
        pid: fresh.process.pid ?? 0,
      });
    } catch (error) {
      // A full disk. An engine that nobody knows of would hold the folder, and this process, for good.
      child = undefined;
      fresh.process.kill("SIGKILL");
      throw dataDirError(dataDir, error);
    }
    const since = clock.now();
    const unwatch = watchEngine(url, { clock, ...options.watch }, (why) => {
      logger.error("the embedded engine hangs; it is started again", { reason: why });
      fresh.process.kill("SIGKILL");
    });
    const lost = (how: string): void => {
      unwatch();
      if (stopping) return;
      child = undefined;
      trouble = `the embedded engine ended (${how})`;
      // One that ran for a while gets a fresh start; one that dies at once is tried ever more slowly.
      if (clock.now() - since > 60_000) delay = RESTART_FIRST_MS;
      logger.error("the embedded engine ended; it is started again", { how, delayMs: delay });
      restart();
    };
    fresh.ended.then(lost, lost);
  };

  const restart = (): void => {
    clock.after(delay, () => {
      if (stopping) return;
      delay = Math.min(RESTART_MOST_MS, delay * 2);
      restarts += 1;
      starting = again();
    });
  };

  const again = async (): Promise<void> => {
    try {
      adopt(await spawnEngine(order, logger, patienceMs));
    } catch (error) {
      patienceMs = Math.min(START_MS.most, patienceMs * 2);
      const { code, message } = error as NodeJS.ErrnoException;
      trouble = `the embedded engine does not start: ${message}`;
      if (code === "EADDRINUSE") order.port = 0;
      logger.error("the embedded engine does not start", { reason: message });
      if (!stopping) restart();
    }
  };
  let starting: Promise<void> = Promise.resolve();
  adopt(child);

  return {
    target: () => ({
      url: `http://127.0.0.1:${order.port}`,
      user: order.user,
      password: order.password,
      database: order.database,
    }),
    pid: () => child?.process.pid,
    version: () => version,
    trouble: () => trouble,
    restarts: () => restarts,
    async stop(deadlineMs) {
      if (stopping) return;
      stopping = true;
      await starting;
      if (child) {
        const running = child;
        const cancel = clock.after(deadlineMs, () => running.process.kill("SIGKILL"));
        running.process.stdin?.end();
        await running.ended;
        cancel();
      }
      removeEngineFile(dataDir);
      lock.release();
    },
  };
}

async function firstStart(
  order: EngineOrder,
  logger: StoreLogger,
  patienceMs: number,
): Promise<EngineChild> {
  try {
    return await spawnEngine(order, logger, patienceMs);
  } catch (error) {
    throw engineFailed(error as NodeJS.ErrnoException);
  }
}

function engineFailed(cause: NodeJS.ErrnoException): DropscopeError {
  const { message } = cause;
  if (cause.code === "DATA_IN_USE" || /Cannot lock file/i.test(message))
    return new DropscopeError("DATA_IN_USE", "another engine holds the data folder", {
      next: "Stop it, or give this one a folder of its own with --data.",
      exitCode: EXIT.busy,
      cause,
    });
  const unsupported = /no prebuilt|unsupported platform|failed to load native/i.test(message);
  return new DropscopeError("ENGINE_FAILED", `the embedded engine does not start: ${message}`, {
    next: unsupported
      ? "Use a ClickHouse server with --clickhouse URL: the embedded engine needs Linux (glibc) or macOS on x64 or arm64."
      : "Look at free memory and disk space; `dropscope doctor` says more.",
    exitCode: EXIT.unavailable,
    cause,
  });
}
