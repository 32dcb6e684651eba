import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DropscopeError } from "@dropscope/model";
import { takeLock, type Lock } from "../engine/lock.js";
import { parseName } from "./file-format.js";

/** A spool folder that this process owns. */
export interface Slot {
  dir: string;
  lock: Lock;
}

const SLOTS = 64;

/**
 * The folder `spool`, for the one process that runs on the data folder.
 * @throws DropscopeError `DATA_IN_USE` (73).
 */
export async function mainSlot(dataDir: string): Promise<Slot> {
  const slot = await take(join(dataDir, "spool"));
  await adoptOrphans(dataDir, slot.dir);
  return slot;
}

/** A folder of its own (`spool-2`, …) for a command that works beside the owner. */
export async function sharedSlot(dataDir: string): Promise<Slot> {
  for (let n = 2; ; n += 1) {
    try {
      return await take(join(dataDir, `spool-${n}`));
    } catch (error) {
      const busy = error instanceof DropscopeError && error.code === "DATA_IN_USE";
      if (!busy || n === SLOTS) throw error;
    }
  }
}

async function take(dir: string): Promise<Slot> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return { dir, lock: await takeLock(dir, "owner", "spool") };
}

/** What a command left behind that died before its batches were stored: they were acknowledged. */
async function adoptOrphans(dataDir: string, into: string): Promise<void> {
  for (const name of readdirSync(dataDir)) {
    if (!/^spool-\d+$/.test(name)) continue;
    const dir = join(dataDir, name);
    const files = readdirSync(dir).filter((file) => parseName(file));
    if (files.length === 0) continue;
    try {
      const lock = await takeLock(dir, "owner", "spool");
      for (const file of files)
        if (existsSync(join(dir, file))) renameSync(join(dir, file), join(into, file));
      lock.release();
    } catch (error) {
      // Its owner lives and delivers them itself.
      if (!(error instanceof DropscopeError)) throw error;
    }
  }
}
