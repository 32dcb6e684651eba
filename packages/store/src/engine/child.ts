import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StoreLogger } from "../config.js";
import type { EngineOrder, EngineReport } from "./protocol.js";

export interface EngineChild {
  process: ChildProcess;
  port: number;
  version: string;
  /** Resolves with a word about how it ended. */
  ended: Promise<string>;
}

/**
 * The engine's allocator keeps freed memory for ten seconds and an arena per core: between two
 * inserts a second that is never. One arena that gives back at once takes a quarter less, at the
 * same rate; giving back at 0 ms costs a quarter of the rate.
 */
const ENGINE_MALLOC = "narenas:1,dirty_decay_ms:10,muzzy_decay_ms:0";

/**
 * Starts one engine process and waits until it serves.
 * @param patienceMs how long it may take; then it is killed
 */
export async function spawnEngine(
  order: EngineOrder,
  logger: StoreLogger,
  patienceMs: number,
): Promise<EngineChild> {
  const child = spawn(
    process.execPath,
    ["--max-semi-space-size=2", fileURLToPath(new URL("./engine-main.js", import.meta.url))],
    {
      stdio: ["pipe", "pipe", "pipe"],
      // Each running query of the engine holds one thread of the pool.
      env: {
        ...process.env,
        UV_THREADPOOL_SIZE: String(order.querySessions + 6),
        NODE_OPTIONS: "",
        JE_MALLOC_CONF: process.env["JE_MALLOC_CONF"] ?? ENGINE_MALLOC,
      },
    },
  );
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords.push(line);
    if (lastWords.length > 20) lastWords.shift();
    logger.warn("engine", { line });
  });
  const first = new Promise<EngineReport>((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      try {
        resolve(JSON.parse(line) as EngineReport);
      } catch {
        resolve({ kind: "failed", message: line });
      }
    });
    ended.then(
      (how) => resolve({ kind: "failed", message: `${how} ${lastWords.join(" ")}`.trim() }),
      () => {},
    );
    setTimeout(
      () => resolve({ kind: "failed", message: `no answer in ${patienceMs} ms` }),
      patienceMs,
    ).unref();
  });
  const answer = await first;
  if (answer.kind === "failed") {
    child.kill("SIGKILL");
    throw Object.assign(new Error(answer.message), { code: answer.code });
  }
  return { process: child, port: answer.port, version: answer.version, ended };
}
