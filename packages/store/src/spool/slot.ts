import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DropscopeError } from "@dropscope/model";
import { takeLock } from "../engine/lock.js";
import { parseName } from "./file-format.js";

/** A spool folder that this process owns. */
export interface Slot {
  dir: string;
  release(): void;
}

const SLOTS = 64;
/** A command that took the folder `spool` first delivers what it finds there; mostly that is soon done. */
const MAIN_WAIT_MS = 5_000;
const MAIN_LOOK_MS = 100;

/**
 * For the one process that runs on the data folder. That it is the only one is a lock of its own: a
 * command that works beside it may have come first and hold the folder `spool`, and is no reason to
 * end. Then it gets a folder of its own too, as that command otherwise does.
 * @throws DropscopeError `DATA_IN_USE` (73) when another such process runs
 */
export async function ownerSlot(dataDir: string): Promise<Slot> {
  const instance = await takeLock(dataDir, "instance", "store");
  try {
    const slot = (await patientMainSlot(dataDir)) ?? (await sharedSlot(dataDir));
    const release = (): void => {
      slot.release();
      instance.release();
    };
    return { dir: slot.dir, release };
  } catch (error) {
    instance.release();
    throw error;
  }
}

async function patientMainSlot(dataDir: string): Promise<Slot | undefined> {
  const until = Date.now() + MAIN_WAIT_MS;
  for (;;) {
    try {
      return await mainSlot(dataDir);
    } catch (error) {
      if (!(error instanceof DropscopeError) || error.code !== "DATA_IN_USE") throw error;
      if (Date.now() > until) return undefined;
      await new Promise((done) => setTimeout(done, MAIN_LOOK_MS));
    }
  }
}

/**
 * The folder `spool`, with what others left behind.
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
  const lock = await takeLock(dir, "owner", "spool");
  return { dir, release: () => lock.release() };
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
