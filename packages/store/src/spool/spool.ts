import { join } from "node:path";
import { DropscopeError, EXIT, systemClock, type Clock } from "@dropscope/model";
import type { Batch, SpoolDoor } from "../batch.js";
import { DEFAULT_SPOOL_BYTES } from "../config.js";
import { decode, encode, parseName, type Damage, type SpoolContent } from "./file-format.js";
import { realFs, type SpoolFs } from "./fs.js";
import { killPoint } from "./kill-point.js";
import { Quarantine } from "./quarantine.js";

/*
 *   seal(batch)                                                      deliver
 *   ───────────                                                      ───────
 *   tmp-7 ──write──▶ tmp-7 ──fsync──▶ rename ──fsync folder──▶ ACK
 *                                       │
 *                    spool/             ▼
 *                    ┌──────────┬──────────┬──────────┬──────────┐
 *            oldest  │ …a-500-… │ …b-500-… │ …c-312-… │ …d-500-… │  newest
 *                    └────┬─────┴──────────┴──────────┴──────────┘
 *                         │ insert every section ─▶ ledger row ─▶ unlink ─▶ room again
 *                         └ damaged, foreign or poison ─▶ quarantine/
 *
 *   A file under its final name is acknowledged or about to be; a tmp file never was.
 *   sealed = stored + waiting + quarantined, at every moment.
 */

export interface SpoolOptions {
  dir: string;
  quarantineDir: string;
  /** Bytes that may wait. One batch more than this fits, so that one of any size gets through. */
  maxBytes?: number;
  fs?: SpoolFs;
  clock?: Clock;
  /** Ten writes in a row have failed: the process should end with exit code 74. */
  onGiveUp?: (error: DropscopeError) => void;
}

/** A batch that waits. */
export interface WaitingFile {
  name: string;
  batch: bigint;
  flows: number;
  sha256: string;
  bytes: number;
  /** ms since 1970. */
  sealedAt: number;
  /** Was here when the spool was opened: an earlier process may have sent it already. */
  found: boolean;
}

const NOT_READY_AFTER = 3;
const GIVE_UP_AFTER = 10;
const PROBE_MS = 1000;

export class Spool implements SpoolDoor {
  readonly dir: string;
  readonly quarantine: Quarantine;
  readonly maxBytes: number;
  readonly #fs: SpoolFs;
  readonly #clock: Clock;
  readonly #onGiveUp: (error: DropscopeError) => void;
  readonly #queue: WaitingFile[] = [];
  /** Called when something was added or taken away. */
  readonly #listeners = new Set<() => void>();
  #bytes = 0;
  #waitingFlows = 0;
  #sealing: Promise<unknown> = Promise.resolve();
  #temporary = 0;
  #failures = 0;
  #diskFull = false;
  #fullRefusals = 0;
  /** Rows of flows sealed: those found at the start, and those acknowledged since. */
  sealedFlows = 0;
  storedFlows = 0;
  quarantinedFlows = 0;
  sealedBatches = 0;

  constructor(options: SpoolOptions) {
    this.dir = options.dir;
    this.maxBytes = options.maxBytes ?? DEFAULT_SPOOL_BYTES;
    this.#fs = options.fs ?? realFs;
    this.#clock = options.clock ?? systemClock;
    this.#onGiveUp = options.onGiveUp ?? ((): void => {});
    this.quarantine = new Quarantine(options.quarantineDir, this.#fs);
  }

  /** Finds what an earlier process left. Content is checked when it is delivered: it is read then anyway. */
  async open(): Promise<void> {
    await this.#fs.mkdir(this.dir);
    await this.quarantine.open();
    const names = await this.#fs.list(this.dir);
    killPoint("recover:after-list");
    const batches = names.filter((name) => parseName(name)).sort();
    for (let at = 0; at < batches.length; at += 64) {
      const group = batches.slice(at, at + 64);
      const stats = await Promise.all(group.map((name) => this.#fs.stat(join(this.dir, name))));
      for (const [i, name] of group.entries()) {
        const { size, mtimeMs } = stats[i]!;
        this.#add({ ...parseName(name)!, name, bytes: size, sealedAt: mtimeMs, found: true });
      }
    }
    for (const name of names) {
      if (parseName(name)) continue;
      // Never acknowledged: the process died before the rename.
      if (name.startsWith("tmp-")) await this.#fs.unlink(join(this.dir, name));
      else if (!name.endsWith(".sock")) await this.#keep(name, "foreign", undefined);
    }
    this.sealedFlows += this.#waitingFlows;
    this.sealedBatches += this.#queue.length;
  }

  seal(batch: Batch): Promise<void> {
    // One after the other: the order of acknowledgement is the order of delivery.
    const mine = this.#sealing.then(() => this.#seal(batch));
    this.#sealing = mine.catch(() => {});
    return mine;
  }

  async #seal(batch: Batch): Promise<void> {
    if (this.#bytes >= this.maxBytes) {
      this.#fullRefusals += 1;
      throw new DropscopeError(
        "SPOOL_FULL",
        `${this.#queue.length} batches (${this.#bytes} bytes) wait for the store; the bound is ${this.maxBytes}`,
        { next: "Bring the store back; reading goes on by itself.", exitCode: EXIT.unavailable },
      );
    }
    const { chunks, name, bytes } = encode(batch);
    this.#temporary += 1;
    const temporary = join(this.dir, `tmp-${process.pid}-${this.#temporary}`);
    const final = join(this.dir, name);
    killPoint("seal:before-write");
    let renamed = false;
    try {
      const file = await this.#fs.create(temporary);
      try {
        await file.write(chunks);
        killPoint("seal:after-write");
        await file.datasync();
        killPoint("seal:after-fsync");
      } finally {
        await file.close();
      }
      await this.#fs.rename(temporary, final);
      renamed = true;
      killPoint("seal:after-rename");
      await this.#fs.syncDir(this.dir);
    } catch (error) {
      // After a failed fsync the kernel forgets the pages: the file is worth nothing and is written anew.
      await this.#fs.unlink(renamed ? final : temporary).catch(() => {});
      throw this.#failed(error);
    }
    killPoint("seal:after-ack");
    this.#failures = 0;
    this.#diskFull = false;
    const { flows, sha256 } = parseName(name)!;
    const sealedAt = this.#clock.now();
    // The same batch twice (a caller that did not hear the answer) is one file.
    if (this.#queue.some((file) => file.name === name)) return;
    this.#add({ name, batch: batch.id, flows, sha256, bytes, sealedAt, found: false });
    this.sealedFlows += flows;
    this.sealedBatches += 1;
    this.#changed();
  }

  #failed(error: unknown): DropscopeError {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOSPC" || code === "EDQUOT") {
      this.#diskFull = true;
      this.#fullRefusals += 1;
      return new DropscopeError("SPOOL_FULL", `no space is left on the disk of ${this.dir}`, {
        next: "Free space on that disk; reading goes on by itself.",
        exitCode: EXIT.ioError,
        cause: error,
      });
    }
    this.#failures += 1;
    const failure = new DropscopeError(
      "SPOOL_IO",
      `a batch could not be written to ${this.dir} (${code === "" ? String(error) : code}); nothing of it was acknowledged`,
      {
        next: "Check the disk; move the data folder with --data.",
        exitCode: EXIT.ioError,
        cause: error,
      },
    );
    if (this.#failures === GIVE_UP_AFTER) this.#onGiveUp(failure);
    return failure;
  }

  spaceFreed(): Promise<void> {
    return new Promise((resolve) => {
      let cancel = (): void => {};
      const look = (): void => {
        if (this.#bytes >= this.maxBytes) return;
        this.#listeners.delete(look);
        cancel();
        resolve();
      };
      if (!this.#diskFull) {
        this.#listeners.add(look);
        look();
        return;
      }
      // Others fill and free the disk too: try again after a while, whatever we delivered.
      this.#listeners.add(look);
      cancel = this.#clock.after(PROBE_MS, look);
    });
  }

  /** Resolves when there is something to deliver. */
  async next(signal: AbortSignal): Promise<WaitingFile | undefined> {
    while (!signal.aborted) {
      const oldest = this.#queue[0];
      if (oldest) return oldest;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#listeners.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#listeners.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
    return undefined;
  }

  /** Reads a waiting file; one that is damaged goes to quarantine and gives undefined. */
  async load(file: WaitingFile): Promise<SpoolContent | undefined> {
    let content: SpoolContent | { damage: Damage };
    try {
      content = decode(file, await this.#fs.read(join(this.dir, file.name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      content = { damage: "missing" };
    }
    if (!("damage" in content)) return content;
    await this.#keep(file.name, content.damage, file);
    killPoint("recover:after-quarantine");
    this.#remove(file);
    this.quarantinedFlows += file.flows;
    return undefined;
  }

  /** The batch is in the store, but for `quarantined` of its flows: the file is not needed any more. */
  async delivered(file: WaitingFile, quarantined: number): Promise<void> {
    await this.#fs.unlink(join(this.dir, file.name));
    this.#remove(file);
    this.storedFlows += file.flows - quarantined;
    this.quarantinedFlows += quarantined;
  }

  /** Content of what waits, oldest first, as far as it is sound; the queue stays as it is. */
  async *contents(): AsyncIterable<SpoolContent> {
    for (const file of this.#queue.slice()) {
      try {
        const content = decode(file, await this.#fs.read(join(this.dir, file.name)));
        if (!("damage" in content)) yield content;
      } catch (error) {
        // Delivered in the meantime.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
  }

  /** What waits, for the status page. */
  openBatches(): {
    count: number;
    flows: number;
    bytes: number;
    oldestSealedAt: number | undefined;
  } {
    return {
      count: this.#queue.length,
      flows: this.#waitingFlows,
      bytes: this.#bytes,
      oldestSealedAt: this.#queue[0]?.sealedAt,
    };
  }

  /** Why nothing can be sealed now. */
  trouble(): "full" | "disk-full" | "io" | undefined {
    if (this.#failures >= NOT_READY_AFTER) return "io";
    if (this.#diskFull) return "disk-full";
    return this.#bytes >= this.maxBytes ? "full" : undefined;
  }

  get failures(): number {
    return this.#failures;
  }

  get fullRefusals(): number {
    return this.#fullRefusals;
  }

  /** Waits until what is being sealed is sealed. */
  async settled(): Promise<void> {
    await this.#sealing;
  }

  async #keep(name: string, reason: Damage, file: WaitingFile | undefined): Promise<void> {
    await this.quarantine.keepFile(reason === "missing" ? undefined : join(this.dir, name), name, {
      reason,
      message: "",
      table: "",
      batch: file?.batch.toString() ?? "",
      rows: file?.flows ?? 0,
      flows: file?.flows ?? 0,
      at: new Date(this.#clock.now()).toISOString(),
    });
  }

  #add(file: WaitingFile): void {
    this.#queue.push(file);
    this.#bytes += file.bytes;
    this.#waitingFlows += file.flows;
  }

  #remove(file: WaitingFile): void {
    const at = this.#queue.indexOf(file);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#bytes -= file.bytes;
    this.#waitingFlows -= file.flows;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Opens the spool of a folder; the caller holds the folder's lock. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const spool = new Spool(options);
  await spool.open();
  return spool;
}
