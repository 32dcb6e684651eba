import { resolve } from "node:path";
import { DropscopeError } from "@dropscope/model";
import { DATABASE } from "../config.js";
import { readEngineFile } from "./engine-file.js";
import { ownerOf } from "./lock.js";
import { startEngine, type EngineOptions, type StoreTarget } from "./start.js";

/** A way to the store that may or may not be ours to stop. */
export interface EngineLink {
  target(): StoreTarget;
  /** True when this process started the engine. */
  own: boolean;
  /** Why the engine is down, as far as this process knows. */
  trouble(): string | undefined;
  /** How often it had to be started again; absent when it is not ours. */
  restarts?: () => number;
  /** Stops the engine when this process started it. */
  stop(deadlineMs: number): Promise<void>;
}

/** Longer than an engine may take to start on a busy machine, behind one that is still leaving. */
const WAIT_MS = 150_000;

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** The engine that runs on the folder now, if one does. */
async function running(dataDir: string): Promise<EngineLink | undefined> {
  const file = readEngineFile(dataDir);
  if (!file || !(await ownerOf(dataDir, "engine")) || !(await answers(file.url))) return undefined;
  let last = file;
  return {
    own: false,
    // Its owner may have had to restart it on another port.
    target: () => {
      last = readEngineFile(dataDir) ?? last;
      return { url: last.url, user: last.user, password: last.password, database: DATABASE };
    },
    trouble: () => undefined,
    stop: () => Promise.resolve(),
  };
}

/**
 * Talks to the engine that runs on the data folder, else starts one for this process.
 * @throws DropscopeError as `startEngine` does; `DATA_IN_USE` when the owner's engine does not answer.
 */
export async function connectOrStartEngine(options: EngineOptions): Promise<EngineLink> {
  const dataDir = resolve(options.dataDir);
  const until = Date.now() + WAIT_MS;
  for (;;) {
    const link = await running(dataDir);
    if (link) return link;
    try {
      const engine = await startEngine({ ...options, dataDir });
      return { ...engine, own: true };
    } catch (error) {
      // Another command is starting its engine right now: wait until it answers.
      const starting = error instanceof DropscopeError && error.code === "DATA_IN_USE";
      if (!starting || Date.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}
