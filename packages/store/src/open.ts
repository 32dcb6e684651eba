import { hostname } from "node:os";
import { join, resolve } from "node:path";
import {
  DropscopeError,
  systemClock,
  type Clock,
  type Part,
  type PartState,
} from "@dropscope/model";
import type { SpoolDoor } from "./batch.js";
import { createStoreClient, type StoreClient } from "./clickhouse/client.js";
import { serverTarget, storeTrouble, type ServerOptions } from "./clickhouse/server.js";
import { silentLogger, type Retention, type StoreLogger } from "./config.js";
import { Delivery, reasonOf } from "./deliver/deliver.js";
import { fixedColumns } from "./deliver/native-split.js";
import { connectOrStartEngine, type EngineLink } from "./engine/connect.js";
import { prepareDataDir } from "./engine/data-dir.js";
import type { StoreTarget } from "./engine/start.js";
import type { StoreMetrics } from "./metrics.js";
import { migrate, type MigrateOptions, type MigrateResult } from "./migrations/run.js";
import { resolveRetention } from "./space/retention.js";
import { mainSlot, ownerSlot, sharedSlot, type Slot } from "./spool/slot.js";
import { openSpool, type Spool } from "./spool/spool.js";

export interface StoreOptions {
  /** Spool and quarantine always, and the embedded engine's files unless `clickhouse` is given. */
  dataDir: string;
  /** A ClickHouse server in place of the embedded engine. */
  clickhouse?: ServerOptions & { replicated?: boolean };
  retention?: Partial<Retention>;
  /** Bytes that may wait on disk; 4 GiB when absent. */
  spoolBytes?: number;
  /** Of the embedded engine. */
  memoryBytes?: number;
  /**
   * Works beside the owner of the data folder, when there is one: its engine is used, and
   * batches go through a spool folder of their own. Without it a second process is refused.
   */
  share?: boolean;
  /**
   * Only asks: has no spool and seals nothing, so that it never keeps the owner out, whoever
   * starts first.
   */
  readOnly?: boolean;
  /** Refuse to start when a server does not answer; else wait for it and keep batches meanwhile. */
  requireStore?: boolean;
  logger?: StoreLogger;
  clock?: Clock;
  /** The spool cannot be written at all: end with `error.exitCode` (74). */
  onGiveUp?: (error: DropscopeError) => void;
}

/** May what the store says be trusted, and what waits for it. */
export interface StoreState {
  state: PartState;
  /** One sentence when the state is not `ok`. */
  message: string;
  /** Flows that are safe on disk and wait. */
  waiting: number;
  /** Flows in quarantine, also from earlier runs. */
  quarantined: number;
}

/** Flows; `sealedTotal = stored + waiting + quarantined` at every moment. Counts since the start, with what was found on disk then. */
export interface StoreBooks {
  sealedTotal: number;
  stored: number;
  waiting: number;
  quarantined: number;
}

/** Identity and time of waiting flows, as the Native format keeps them. */
export interface WaitingFlows {
  batch: bigint;
  rows: number;
  /** 16 bytes a row: two little-endian halves; see `uuidText`. */
  uuids: Buffer;
  /** 8 bytes a row: ns since 1970, little-endian. */
  times: Buffer;
}

/** The store's front: a door for batches, a client for questions, and what is known about its health. */
export interface Store extends Part {
  readonly door: SpoolDoor;
  readonly client: StoreClient;
  target(): StoreTarget;
  state(): StoreState;
  books(): StoreBooks;
  metrics(): StoreMetrics;
  /** Resolves when everything that was sealed before is stored or in quarantine. */
  drained(): Promise<void>;
  /** What is sealed and not stored yet, oldest first: seeds a memory of flows already seen. */
  waitingFlows(): AsyncIterable<WaitingFlows>;
}

const LOOK_MS = 5000;

/** Makes a store; nothing happens before `start`. @throws DropscopeError for a bad server address. */
export function openStore(options: StoreOptions): Store {
  return new OpenStore(options);
}

class OpenStore implements Store {
  readonly #options: StoreOptions;
  readonly #dataDir: string;
  readonly #retention: Partial<Retention>;
  readonly #logger: StoreLogger;
  readonly #clock: Clock;
  readonly #server: StoreTarget | undefined;
  readonly client: StoreClient;
  #link: EngineLink | undefined;
  #restarts: () => number = () => 0;
  #slot: Slot | undefined;
  #spool: Spool | undefined;
  #delivery: Delivery | undefined;
  #migrated = false;
  #rejoining: Promise<void> | undefined;
  /** What the last look at a quiet store found. */
  #unreachable = "";
  #stopLooking = (): void => {};
  #stopped = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#dataDir = resolve(options.dataDir);
    this.#retention = resolvable(options);
    this.#logger = options.logger ?? silentLogger;
    this.#clock = options.clock ?? systemClock;
    this.#server = options.clickhouse ? serverTarget(options.clickhouse) : undefined;
    this.client = createStoreClient(() => this.target());
  }

  target(): StoreTarget {
    if (this.#server) return this.#server;
    if (this.#link) return this.#link.target();
    throw new DropscopeError("STORE_NOT_STARTED", "the store was asked before it was started", {
      next: "Report this: it is a mistake in dropscope.",
    });
  }

  readonly door: SpoolDoor = {
    seal: (batch) => this.#open().seal(batch),
    spaceFreed: () => this.#open().spaceFreed(),
  };

  async start(): Promise<void> {
    prepareDataDir(this.#dataDir);
    try {
      const { share, readOnly } = this.#options;
      // The owner's lock first: a second one hears so at once, before an engine is tried.
      if (share !== true && readOnly !== true) this.#slot = await ownerSlot(this.#dataDir);
      if (!this.#server) await this.#startEngine();
      await this.#firstLook();
      if (readOnly === true) {
        this.#look();
        return;
      }
      this.#slot ??= await this.#takeSlot();
      this.#spool = await openSpool({
        dir: this.#slot.dir,
        quarantineDir: join(this.#dataDir, "quarantine"),
        clock: this.#clock,
        ...(this.#options.spoolBytes === undefined ? {} : { maxBytes: this.#options.spoolBytes }),
        ...(this.#options.onGiveUp ? { onGiveUp: this.#options.onGiveUp } : {}),
      });
      this.#delivery = new Delivery({
        spool: this.#spool,
        client: this.client,
        writer: `${hostname()}/${process.pid}`,
        clock: this.#clock,
        logger: this.#logger,
        ready: () => this.#ready(),
      });
      this.#delivery.start();
      this.#look();
    } catch (error) {
      await this.stop(5000);
      throw error;
    }
  }

  async #startEngine(): Promise<void> {
    const engine = {
      dataDir: this.#dataDir,
      logger: this.#logger,
      clock: this.#clock,
      ...(this.#options.memoryBytes === undefined
        ? {}
        : { memoryBytes: this.#options.memoryBytes }),
    };
    // One that a guest (`serve`, `import`) started before us is used; the spool's lock says who owns.
    this.#link = await connectOrStartEngine(engine);
    const { restarts } = this.#link;
    if (restarts) this.#restarts = restarts;
  }

  /** A wrong password or a schema that is too new is said at once; a server that is not there yet may come. */
  async #firstLook(): Promise<void> {
    try {
      await this.#migrate();
    } catch (error) {
      const trouble = error instanceof DropscopeError ? error : storeTrouble(error, this.target());
      if (!trouble) throw error;
      if (trouble.code !== "CLICKHOUSE_UNREACHABLE" || this.#options.requireStore === true)
        throw trouble;
      this.#unreachable = trouble.message;
      this.#logger.warn(trouble.message, { next: trouble.next });
    }
  }

  async #takeSlot(): Promise<Slot> {
    try {
      return await mainSlot(this.#dataDir);
    } catch (error) {
      if (!(error instanceof DropscopeError) || error.code !== "DATA_IN_USE") throw error;
      return sharedSlot(this.#dataDir);
    }
  }

  async #migrate(): Promise<void> {
    await migrate(this.client, {
      database: this.target().database,
      retention: this.#retention,
      // A guest (a look with `observe`) must not undo what the owner was told to keep.
      changeRetention: this.#options.share !== true && this.#options.readOnly !== true,
      clock: this.#clock,
      ...migrateInto(this.#options),
    });
    this.#migrated = true;
    this.#unreachable = "";
  }

  /** Before every batch. */
  async #ready(): Promise<void> {
    // The owner of the engine that we borrowed may have gone: then it is ours to start.
    this.#rejoining ??= this.#rejoin().finally(() => {
      this.#rejoining = undefined;
    });
    await this.#rejoining;
    if (!this.#migrated) await this.#migrate();
  }

  async #rejoin(): Promise<void> {
    if (this.#link && !this.#link.own && !(await this.client.ping()) && !this.#stopped)
      await this.#startEngine();
  }

  #look(): void {
    this.#stopLooking = this.#clock.after(LOOK_MS, () => {
      void this.#lookNow().finally(() => {
        if (!this.#stopped) this.#look();
      });
    });
  }

  async #lookNow(): Promise<void> {
    try {
      await this.#ready();
      await this.client.query("SELECT 1", {}, { timeoutMs: LOOK_MS });
      this.#unreachable = "";
    } catch (error) {
      const trouble = error instanceof DropscopeError ? error : storeTrouble(error, this.target());
      this.#unreachable = trouble?.message ?? reasonOf(error);
    }
  }

  #open(): Spool {
    if (this.#spool) return this.#spool;
    throw new DropscopeError("STORE_NOT_STARTED", "the store was asked before it was started", {
      next: "Report this: it is a mistake in dropscope.",
    });
  }

  state(): StoreState {
    const waiting = this.#spool?.openBatches().flows ?? 0;
    const quarantined = this.#spool?.quarantine.flows ?? 0;
    const [state, message] = this.#judge();
    return { state, message, waiting, quarantined };
  }

  #judge(): [PartState, string] {
    const trouble = this.#spool?.trouble();
    if (trouble === "io") return ["down", "The spool cannot be written; nothing is acknowledged."];
    if (trouble === "disk-full")
      return ["down", "No space is left on the disk; reading has stopped."];
    const delivery = this.#delivery?.state();
    if (delivery?.kind === "halted")
      return [
        "down",
        `The store refuses batches (${reasonOf(delivery.error)}); they are kept on disk.`,
      ];
    const full = trouble === "full" ? " The spool is full; reading has stopped." : "";
    const engine = this.#link?.trouble();
    if (engine !== undefined) return ["down", `${engine}; batches are kept on disk.${full}`];
    if (delivery?.kind === "retrying")
      return [
        "down",
        `The store does not answer (${reasonOf(delivery.error)}); batches are kept on disk.${full}`,
      ];
    if (this.#unreachable !== "") return ["down", `${this.#unreachable}.${full}`];
    if (!this.#migrated || (!this.#spool && this.#options.readOnly !== true))
      return ["starting", "The store is being opened."];
    if (trouble === "full") return ["degraded", full.trim()];
    return ["ok", ""];
  }

  books(): StoreBooks {
    return {
      sealedTotal: this.#spool?.sealedFlows ?? 0,
      stored: this.#spool?.storedFlows ?? 0,
      waiting: this.#spool?.openBatches().flows ?? 0,
      quarantined: this.#spool?.quarantinedFlows ?? 0,
    };
  }

  metrics(): StoreMetrics {
    const spool = this.#spool;
    const open = spool?.openBatches();
    const books = this.books();
    return {
      sealedBatches: spool?.sealedBatches ?? 0,
      sealedFlows: books.sealedTotal,
      storedFlows: books.stored,
      quarantinedFlows: books.quarantined,
      waitingBatches: open?.count ?? 0,
      waitingFlows: books.waiting,
      waitingBytes: open?.bytes ?? 0,
      oldestWaitMs:
        open?.oldestSealedAt === undefined ? 0 : this.#clock.now() - open.oldestSealedAt,
      fullRefusals: spool?.fullRefusals ?? 0,
      writeFailures: spool?.failures ?? 0,
      engineRestarts: this.#restarts(),
      ...(this.#delivery?.counts ?? {
        storedBatches: 0,
        inserts: 0,
        insertedBytes: 0,
        retries: 0,
        halts: 0,
        poisonRows: 0,
        lastDeliveryMs: 0,
      }),
    };
  }

  async drained(): Promise<void> {
    await this.#spool?.settled();
    await this.#delivery?.drained();
  }

  async *waitingFlows(): AsyncIterable<WaitingFlows> {
    for await (const content of this.#open().contents()) {
      const section = content.sections.find(({ table }) => table === "flows");
      if (!section) continue;
      const columns = fixedColumns(section.body, ["uuid", "time"]);
      const uuids = columns.get("uuid") ?? Buffer.alloc(0);
      const times = columns.get("time") ?? Buffer.alloc(0);
      yield { batch: content.batch, rows: section.rows, uuids, times };
    }
  }

  async stop(deadlineMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopLooking();
    const until = this.#clock.now() + deadlineMs;
    await this.#spool?.settled();
    await this.#delivery?.stop(deadlineMs * 0.6);
    await this.client.close();
    await this.#link?.stop(Math.max(500, until - this.#clock.now()));
    this.#slot?.release();
  }
}

/** Brings the schema up to date and leaves: the command `dropscope migrate`. */
export async function runStoreMigrations(options: StoreOptions): Promise<MigrateResult> {
  const retention = resolvable(options);
  const server = options.clickhouse ? serverTarget(options.clickhouse) : undefined;
  const link = server ? undefined : await connectOrStartEngine(options);
  const target = (): StoreTarget => server ?? link!.target();
  const client = createStoreClient(target);
  try {
    return await migrate(client, {
      database: target().database,
      retention,
      ...migrateInto(options),
    });
  } catch (error) {
    throw (error instanceof DropscopeError ? undefined : storeTrouble(error, target())) ?? error;
  } finally {
    await client.close();
    await link?.stop(10_000);
  }
}

const migrateInto = ({
  clickhouse,
}: StoreOptions): Pick<MigrateOptions, "replicated" | "oneWriter"> =>
  clickhouse === undefined ? { oneWriter: true } : { replicated: clickhouse.replicated === true };

/** @throws DropscopeError `RETENTION_INVALID` before anything is opened */
function resolvable({ retention = {} }: StoreOptions): Partial<Retention> {
  resolveRetention(retention);
  return retention;
}
