/**
 * The engine's own process: opens chdb on a folder and serves it. Started by
 * `startEngine`; its settings are the first line of standard input, and when standard
 * input ends, however the parent ended, it closes the engine and leaves.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DropscopeError } from "@dropscope/model";
import { drainPending, Session } from "chdb";
import { createFront } from "./front.js";
import { takeLock } from "./lock.js";
import type { EngineOrder, EngineReport } from "./protocol.js";
import { EngineSession, SessionPool } from "./sessions.js";
import { forgetUncommittedTokens } from "./uncommitted-tokens.js";

/** A query or an insert that takes longer than this does not hold up the end of the process. */
const LEAVE_MS = 15_000;
const FOLDER_WAIT_MS = 20_000;

/**
 * Left alone the engine reads with one thread unless it has a gibibyte free for each, which an
 * embedded one hardly ever has. A thread that reads whole flows holds some hundred megabytes at most.
 * And it compiles what it sees for the third time, 25 ms an expression: a question of some
 * expressions then takes half a second once, to save a tenth where millions of rows are read.
 */
const QUERY_SETTINGS: ReadonlyMap<string, string> = new Map([
  ["max_threads_min_free_memory_per_thread", String(256 * 1024 * 1024)],
  ["compile_expressions", "0"],
  ["compile_aggregate_expressions", "0"],
  ["compile_sort_description", "0"],
]);

/**
 * Settings of tables, which only a file gives to all of them. Batches are small and many: merging seven
 * in place of five at once writes rows less often, a third of what merges cost. Ten would save as much
 * again, and take 30 MB more under load. Of parts that are many or old the engine takes fewer by itself.
 */
const TABLE_SETTINGS = `<clickhouse><merge_tree>
  <merge_selector_base>7</merge_selector_base>
</merge_tree></clickhouse>
`;

function report(message: EngineReport): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * The engine itself is held by one process at a time. Its own check is not enough: one that
 * opens while another closes may hang. An engine whose parent was killed needs a moment to leave.
 */
async function holdFolder(dir: string): Promise<void> {
  const until = Date.now() + FOLDER_WAIT_MS;
  for (;;) {
    try {
      await takeLock(dir, "engine-process", "engine");
      return;
    } catch (error) {
      const busy = error instanceof DropscopeError && error.code === "DATA_IN_USE";
      if (!busy || stdinEnded || Date.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function open(order: EngineOrder): Promise<() => Promise<void>> {
  await holdFolder(order.dataDir);
  forgetUncommittedTokens(order.folder);
  // The bodies of inserts that a killed engine left behind.
  rmSync(order.temp, { recursive: true, force: true });
  mkdirSync(order.temp, { recursive: true, mode: 0o700 });
  const config = join(order.temp, "engine.xml");
  writeFileSync(config, TABLE_SETTINGS);
  const connectionArgs = [
    `--config-file=${config}`,
    `--max_server_memory_usage=${order.memoryBytes}`,
    `--mark_cache_size=${64 * 1024 * 1024}`,
    "--background_pool_size=2",
  ];
  const session = (): Session => new Session(order.folder, { connectionArgs });
  const control = new EngineSession(session);
  const inserts = new SessionPool(1, session);
  const queries = new SessionPool(order.querySessions, session, QUERY_SETTINGS);
  const version = (await control.command("SELECT version()")).trim();
  await control.command(`CREATE DATABASE IF NOT EXISTS \`${order.database}\` ENGINE = Atomic`);
  const { user, password, temp } = order;
  const front = createFront({
    login: { user, password },
    inserts,
    queries,
    control,
    temp,
    version,
  });
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.listen(order.port, "127.0.0.1", resolve);
  });
  report({ kind: "ready", port: (front.address() as AddressInfo).port, version });
  return async () => {
    front.close();
    front.closeIdleConnections();
    await control.command("KILL QUERY WHERE startsWith(query, '/*') ASYNC").catch(() => {});
    await drainPending();
    front.closeAllConnections();
    // Leaving with an open session crashes in the engine's own teardown.
    queries.close();
    inserts.close();
    control.close();
    await drainPending();
    rmSync(order.temp, { recursive: true, force: true });
  };
}

let leave: (() => Promise<void>) | undefined;
let ending = false;
let stdinEnded = false;

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => process.kill(process.pid, "SIGKILL"), LEAVE_MS).unref();
  try {
    await leave?.();
  } finally {
    process.exit(code);
  }
}

// Ctrl-C and a service manager signal the whole group; the parent decides when the engine may go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
// The parent may be gone before the last line.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

const input = createInterface({ input: process.stdin });
input.once("line", (line) => void begin(line));

async function begin(line: string): Promise<void> {
  try {
    leave = await open(JSON.parse(line) as EngineOrder);
    if (stdinEnded) await end(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = (error as NodeJS.ErrnoException).code;
    report({ kind: "failed", message, ...(code === undefined ? {} : { code }) });
    // Leaves the line a moment to get out; an engine that opened halfway would hold the process.
    setTimeout(() => process.exit(1), 50);
  }
}

input.once("close", () => {
  stdinEnded = true;
  if (leave) void end(0);
  else setTimeout(() => void end(0), LEAVE_MS).unref();
});
