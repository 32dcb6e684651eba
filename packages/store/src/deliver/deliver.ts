import { systemClock, type Clock } from "@dropscope/model";
import { classify, clickhouseCode } from "../clickhouse/classify.js";
import type { StoreClient } from "../clickhouse/client.js";
import { silentLogger, type StoreLogger } from "../config.js";
import type { Section, SpoolContent } from "../spool/file-format.js";
import { killPoint } from "../spool/kill-point.js";
import type { Spool, WaitingFile } from "../spool/spool.js";
import { insertAround, type PoisonRow } from "./insert-section.js";
import { missingOf, standingOf, type Standing } from "./verify.js";

export interface DeliveryOptions {
  spool: Spool;
  client: StoreClient;
  /** Stands in the ledger. */
  writer: string;
  clock?: Clock;
  random?: () => number;
  logger?: StoreLogger;
  /** Resolves when the store is there with its schema; asked again after every failure. */
  ready?: (signal: AbortSignal) => Promise<void>;
}

export type DeliveryState =
  | { kind: "idle" | "delivering" }
  /** The store does not take the batch now; it is tried again by itself. */
  | { kind: "retrying"; error: unknown; failures: number }
  /** Schema or rights: a person has to do something. Looked at again every minute. */
  | { kind: "halted"; error: unknown };

const FIRST_WAIT_MS = 250;
const MOST_WAIT_MS = 30_000;
const HALT_LOOK_MS = 60_000;
/** After this long a batch is looked up before it is sent again. */
const TRUSTED_MS = 30 * 60_000;

/** Brings sealed batches to the store, oldest first, one at a time. */
export class Delivery {
  readonly #spool: Spool;
  readonly #client: StoreClient;
  readonly #writer: string;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: StoreLogger;
  readonly #ready: (signal: AbortSignal) => Promise<void>;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;
  #state: DeliveryState = { kind: "idle" };
  #drained: (() => void)[] = [];
  readonly counts = {
    storedBatches: 0,
    inserts: 0,
    insertedBytes: 0,
    retries: 0,
    halts: 0,
    poisonRows: 0,
    lastDeliveryMs: 0,
  };

  constructor(options: DeliveryOptions) {
    this.#spool = options.spool;
    this.#client = options.client;
    this.#writer = options.writer;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#logger = options.logger ?? silentLogger;
    this.#ready = options.ready ?? ((): Promise<void> => Promise.resolve());
  }

  state(): DeliveryState {
    return this.#state;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends after the insert that is under way, or when `deadlineMs` have passed. */
  async stop(deadlineMs: number): Promise<void> {
    this.#abort.abort();
    if (!this.#loop) return;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#clock.after(deadlineMs, resolve);
    });
    await Promise.race([this.#loop, late]);
    cancel();
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    if (this.#spool.openBatches().count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    for (;;) {
      const file = await this.#spool.next(signal);
      if (!file) return;
      if (this.#state.kind === "idle") this.#state = { kind: "delivering" };
      await this.#deliver(file, signal);
      if (signal.aborted) return;
      if (this.#spool.openBatches().count > 0) continue;
      this.#state = { kind: "idle" };
      for (const done of this.#drained.splice(0)) done();
    }
  }

  /** Comes back when the file is away, or when the delivery ends. */
  async #deliver(file: WaitingFile, signal: AbortSignal): Promise<void> {
    const firstTry = this.#clock.now();
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#ready(signal);
        const old = file.found || (failures > 0 && this.#clock.now() - firstTry > TRUSTED_MS);
        await this.#once(file, old, signal);
        this.#state = { kind: "delivering" };
        return;
      } catch (error) {
        if (signal.aborted) return;
        const kind = classify(error, failures);
        failures += 1;
        if (kind === "retry") {
          this.counts.retries += 1;
          this.#state = { kind: "retrying", error, failures };
          if (failures === 1 || failures % 20 === 0)
            this.#logger.warn("a batch could not be stored; it is tried again", {
              batch: file.batch.toString(),
              failures,
              reason: reasonOf(error),
            });
          await this.#wait(backoff(failures, this.#random()), signal);
          continue;
        }
        this.counts.halts += 1;
        this.#state = { kind: "halted", error };
        this.#logger.error("delivery stopped; batches are kept on disk", {
          batch: file.batch.toString(),
          reason: reasonOf(error),
        });
        await this.#wait(HALT_LOOK_MS, signal);
      }
    }
  }

  async #once(file: WaitingFile, old: boolean, signal: AbortSignal): Promise<void> {
    const content = await this.#spool.load(file);
    if (!content) {
      this.#logger.error("a damaged spool file was put into quarantine", { file: file.name });
      return;
    }
    const begun = this.#clock.now();
    const standing: Standing = old
      ? await standingOf(this.#client, file, signal)
      : { kind: "send" };
    let poison = 0;
    if (standing.kind === "stored") poison = content.flows - standing.flows;
    else {
      killPoint("deliver:before-insert");
      for (const section of content.sections) {
        poison += await this.#section(file, content, section, standing.kind === "compare", signal);
        killPoint("deliver:after-section");
      }
      killPoint("deliver:after-insert");
      await this.#ledger(file, content, poison);
      killPoint("deliver:after-ledger");
    }
    await this.#spool.delivered(file, poison);
    killPoint("deliver:after-delete");
    this.counts.storedBatches += 1;
    this.counts.lastDeliveryMs = this.#clock.now() - begun;
  }

  /** Returns how many flows of the section are in quarantine. */
  async #section(
    file: WaitingFile,
    content: SpoolContent,
    section: Section,
    compare: boolean,
    signal: AbortSignal,
  ): Promise<number> {
    const bodies = compare
      ? await missingOf(this.#client, content, section, signal)
      : [section.body];
    let flows = 0;
    for (const [i, body] of bodies.entries()) {
      const token = `${file.sha256}-${section.table}${compare ? `-rest${i}` : ""}`;
      const poison = await insertAround(body, token, async (piece, name) => {
        this.counts.inserts += 1;
        this.counts.insertedBytes += piece.length;
        await this.#client.insertNative(section.table, [piece], name);
      });
      for (const row of poison) await this.#quarantine(file, section, row);
      if (section.table === "flows") flows += poison.length;
    }
    return flows;
  }

  async #quarantine(file: WaitingFile, section: Section, poison: PoisonRow): Promise<void> {
    const message = reasonOf(poison.error);
    const batch = file.batch.toString(16).padStart(16, "0");
    await this.#spool.quarantine.keepRows(
      `${batch}-${section.table}-row${poison.row}.native`,
      poison.body,
      {
        reason: "row",
        message,
        table: section.table,
        batch: file.batch.toString(),
        rows: 1,
        flows: section.table === "flows" ? 1 : 0,
        at: new Date(this.#clock.now()).toISOString(),
      },
    );
    killPoint("deliver:after-quarantine");
    this.counts.poisonRows += 1;
    this.#logger.error("the store refused a row; it is kept in quarantine", {
      table: section.table,
      batch: file.batch.toString(),
      row: poison.row,
      reason: message,
    });
  }

  /** The commit mark: a batch is visible to tails when its row is here. */
  async #ledger(file: WaitingFile, content: SpoolContent, poison: number): Promise<void> {
    await this.#client.insertRows(
      "batches",
      [
        {
          batch: file.batch.toString(),
          writer: this.#writer,
          flows: content.flows - poison,
          bytes: file.bytes,
          min_time: timeText(content.minTimeNs),
          max_time: timeText(content.maxTimeNs),
          sealed_at: (file.sealedAt / 1000).toFixed(3),
        },
      ],
      `${file.sha256}-batches`,
    );
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

/** Doubles from 250 ms to 30 s, with a quarter of chance so that many writers do not come back together. */
export function backoff(failures: number, random: number): number {
  const base = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, failures - 1));
  return Math.round(base * (0.75 + random * 0.25));
}

/** `1970-01-01 00:00:00.000000000`: ClickHouse does not read a number of few digits as a time, and 0 is the time of flows without one. */
function timeText(ns: bigint): string {
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds.replace("T", " ")}.${fraction.toString().padStart(9, "0")}`;
}

/** One line about an error, for logs and notes. */
export function reasonOf(error: unknown): string {
  const code = clickhouseCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split("\n")[0]!.slice(0, 500);
  return code === undefined ? line : `${code}: ${line}`;
}
