import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { connect, diagnose, type HubbleTarget, streamError } from "@dropscope/ingester";
import { DropscopeError } from "@dropscope/model";
import { openStore } from "@dropscope/store";
import pino from "pino";
import type { Config } from "../config/settings.js";
import { runningDashboard } from "../wire/dashboard.js";
import { storeOptions } from "../wire/store.js";

export interface Check {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  readonly found: string;
  /** What to do; absent when all is well. */
  readonly next?: string;
}

const GIB = 1024 ** 3;
/** Below this a busy cluster's spool and a day of flows do not fit, bytes. */
const ENOUGH_SPACE = 5 * GIB;
/** Slower than this, sealing (one fsync per batch, two batches a second) falls behind, ms. */
const SLOW_FSYNC_MS = 100;

export function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    state: ok ? "ok" : "fail",
    what: "Node",
    found: process.versions.node,
    ...(ok ? {} : { next: "Install Node 20.19 or newer." }),
  };
}

export function checkData(folder: string): Check {
  const what = "data folder";
  const existing = nearestExisting(resolve(folder));
  if (!statSync(existing).isDirectory())
    return {
      state: "fail",
      what,
      found: `${existing} is not a folder`,
      next: "Name a folder, or one that may be made, with --data.",
    };
  let probe: string | undefined;
  try {
    const free = statfsSync(existing);
    const bytes = free.bavail * free.bsize;
    probe = mkdtempSync(join(existing, ".dropscope-doctor-"));
    const ms = fsyncMs(join(probe, "probe"));
    const found = `${resolve(folder)}, ${(bytes / GIB).toFixed(1)} GiB free, fsync of 1 MiB takes ${ms.toFixed(1)} ms`;
    if (bytes < ENOUGH_SPACE)
      return {
        state: "warn",
        what,
        found,
        next: "Free some space, or choose another place with --data.",
      };
    if (ms > SLOW_FSYNC_MS)
      return {
        state: "warn",
        what,
        found,
        next: "Put --data on a local disk: each batch waits for an fsync.",
      };
    return { state: "ok", what, found };
  } catch (error) {
    return {
      state: "fail",
      what,
      found: `${existing} cannot be written to (${(error as NodeJS.ErrnoException).code})`,
      next: "Choose a folder of your own with --data.",
    };
  } finally {
    if (probe) rmSync(probe, { recursive: true, force: true });
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

/** The median of five, ms. */
function fsyncMs(file: string): number {
  const block = Buffer.alloc(1 << 20, 1);
  const times: number[] = [];
  const handle = openSync(file, "w");
  try {
    for (let round = 0; round < 5; round++) {
      const started = performance.now();
      writeSync(handle, block);
      fdatasyncSync(handle);
      times.push(performance.now() - started);
    }
  } finally {
    closeSync(handle);
  }
  return times.sort((a, b) => a - b)[2]!;
}

export async function checkStore(config: Config): Promise<Check> {
  const what = config.clickhouse ? "ClickHouse server" : "embedded ClickHouse";
  // Where no store is yet, the engine is tried beside it: a check leaves nothing behind.
  const fresh = !existsSync(config.data);
  let data = config.data;
  try {
    if (fresh)
      data = mkdtempSync(
        join(nearestExisting(dirname(resolve(config.data))), ".dropscope-doctor-"),
      );
    // Inside the try: a bad address is already refused when the store is made.
    const store = openStore({
      ...storeOptions({ ...config, data }, pino({ level: "silent" })),
      readOnly: true,
      requireStore: true,
    });
    try {
      await store.start();
      const [row] = await store.client.query<{ version: string; flows: string }>(
        "SELECT version() AS version, count() AS flows FROM flows",
      );
      const found = `version ${row?.version}, ${fresh ? "it starts" : `${row?.flows} flows stored`}`;
      return { state: "ok", what, found };
    } finally {
      await store.stop(10_000);
    }
  } catch (error) {
    return failed(what, error, "Read the message; `docs/errors.md` explains the code.");
  } finally {
    if (data !== config.data) rmSync(data, { recursive: true, force: true });
  }
}

export async function checkPort(config: Config): Promise<Check> {
  const what = "dashboard port";
  const where = `${config.host}:${config.port}`;
  const problem = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
    const server = createServer();
    server.once("error", done);
    server.listen(config.port, config.host, () => server.close(() => done(undefined)));
  });
  if (!problem) return { state: "ok", what, found: `${where} is free` };
  const running = runningDashboard(config.data);
  if (problem.code === "EADDRINUSE" && running)
    return {
      state: "ok",
      what,
      found: `${where} is in use, and a dropscope runs at ${running.url}`,
    };
  if (problem.code === "EADDRINUSE")
    return {
      state: "fail",
      what,
      found: `${where} is in use by another program`,
      next: "Stop that program, or choose another port with --port.",
    };
  const port = problem.code === "EACCES";
  return {
    state: "fail",
    what,
    found: `${where} cannot be listened on (${problem.code})`,
    next: port
      ? "Choose a port of 1024 or above with --port."
      : "Correct --host: 127.0.0.1 always works.",
  };
}

export async function checkRelay(target: HubbleTarget): Promise<Check> {
  const what = "relay";
  const mistake = await diagnose(target);
  if (mistake) return failed(what, mistake, mistake.next);
  const connection = await connect(target);
  try {
    const status = await connection.serverStatus();
    const connected = status.numConnectedNodes ?? 0;
    const found = `${target.address.dial}, version ${status.version || "unknown"}, ${connected} nodes, rings of ${status.maxFlows} flows`;
    return connected === 0 && status.numConnectedNodes !== undefined
      ? {
          state: "warn",
          what,
          found,
          next: "The relay knows no nodes: check that the agents run with Hubble enabled.",
        }
      : { state: "ok", what, found };
  } catch (error) {
    // What grpc-js throws has the code as a number and says it in its own words.
    const { code, details } = error as {
      code?: Parameters<typeof streamError>[0] | string;
      details?: unknown;
    };
    const mistake =
      typeof code === "number"
        ? streamError(code, typeof details === "string" ? details : "", target.address.dial)
        : error;
    return failed(what, mistake, "Check the address, and that a firewall lets you through.");
  } finally {
    connection.close();
  }
}

function failed(what: string, error: unknown, next: string): Check {
  return error instanceof DropscopeError
    ? { state: "fail", what, found: `${error.message} [${error.code}]`, next: error.next }
    : { state: "fail", what, found: (error as Error).message, next };
}
