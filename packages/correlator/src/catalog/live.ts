import {
  systemClock,
  type CatalogKindStatus,
  type CatalogStatus,
  type Clock,
  type Part,
} from "@dropscope/model";
import {
  createCatalog,
  type Catalog,
  type CatalogOptions,
  type Revisions,
} from "@dropscope/policy";
import {
  createObjectReader,
  createObjectWriter,
  type ObjectWriter,
  type StoreClient,
  type StoreLogger,
  type ToldReader,
  type VersionWrite,
} from "@dropscope/store";
import { createPastDays } from "./history.js";
import { createImports } from "./imports.js";
import { createLedger } from "./ledger.js";
import { loadTold } from "./past.js";
import { pause } from "./pause.js";
import { retell } from "./retell.js";
import type { CatalogSource, SourceChange } from "./source.js";
import { judge } from "./status.js";

export interface LiveCatalogOptions extends CatalogOptions {
  readonly sources: readonly CatalogSource[];
  /** Where versions are kept. Without it they last as long as the process. */
  readonly store?: { readonly client: StoreClient };
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  /** Time that is held in memory, ms; two days when absent. Older days are loaded when asked for. */
  readonly horizonMs?: number;
}

/**
 * The policies, pods and namespaces of a cluster as they are and as they were.
 *
 *     store ──load──▶ ledger ──▶ catalog ──▶ view at a time
 *     sources ─────▶    └──────▶ writer ──▶ store
 *
 * What the store holds is loaded first, then the sources start: so the answer about a past moment
 * is the same before and after a restart. Nothing is thrown after `start`; `status` says what is amiss.
 */
export interface LiveCatalog extends Part {
  /** For moments within the horizon; valid for the life of the part. */
  readonly catalog: Catalog;
  /** For any moment, ms since 1970. @throws DropscopeError when the store cannot be read */
  historyAt(time: number): Promise<Catalog>;
  /** What `historyAt` gave for the moment, where that is still at hand. */
  loadedAt(time: number): Catalog;
  /** Resolves when the stored past is loaded and every source had its first list or said why not. */
  ready(): Promise<void>;
  /** Of all that `historyAt` and `loadedAt` give: changes whenever an answer may. */
  revisions(): Revisions;
  status(): CatalogStatus;
}

const HORIZON_MS = 2 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;
const SIGNS_EVERY_MS = 30_000;
const RETRY_MS = 2000;
/** Flows come that late from a cluster that is watched. */
const LIVE_MS = 60_000;

export function createLiveCatalog(options: LiveCatalogOptions): LiveCatalog {
  const { sources, store, clock = systemClock, horizonMs = HORIZON_MS, logger } = options;
  const rules: CatalogOptions = {
    profile: options.profile,
    ...(options.apiServers === undefined ? {} : { apiServers: options.apiServers }),
  };
  const catalog = createCatalog(rules);
  const ledger = createLedger(
    catalog,
    sources.map(({ name }) => name),
  );
  const manifests = new Map<string, string>();
  const reader = store && createObjectReader(store.client);
  const past = reader && createPastDays(reader, rules, () => void (loads += 1));
  const imports = reader && createImports(reader, clock);
  const writer = store && makeWriter(store.client);
  const timers = new Set<() => void>();
  const stopping = new AbortController();
  let heldSince = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;
  let trouble = store === undefined ? "" : "The stored versions are being loaded.";
  let started = false;
  /** Of past days. */
  let loads = 0;

  function makeWriter(client: StoreClient): ObjectWriter {
    return createObjectWriter({
      client,
      clock,
      ...(logger === undefined ? {} : { logger }),
      everything: () => retell(catalog, ledger.open(), manifests, sources[0]?.name ?? ""),
    });
  }

  const apply = (source: string, changes: readonly SourceChange[]): void => {
    const writes: VersionWrite[] = changes.flatMap((change) => ledger.apply(source, change));
    for (const { content } of writes)
      if (content !== undefined && content.manifest !== "")
        manifests.set(content.hash, content.manifest);
    writer?.put(writes);
    if (writes.some(({ version }) => version.from < heldSince)) forgetPast();
    if (changes.some(({ type }) => type === "list")) writer?.watched(ledger.watches());
  };

  const forgetPast = (): void => {
    past?.forget();
    loads += 1;
  };

  /** Whether the live catalog is not the one to ask. */
  const isPast = (time: number): boolean =>
    time < heldSince ||
    (imports?.cover(time) === true && !ledger.watches().some(({ listedAt }) => listedAt <= time));

  const every = (ms: number, run: () => void): void => {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      run();
      if (!stopping.signal.aborted) every(ms, run);
    });
    timers.add(cancel);
  };

  const forget = (): void => {
    heldSince = clock.now() - horizonMs;
    catalog.forget(heldSince);
    ledger.forget(heldSince);
    // What is not stored yet may have to be told again.
    if (writer !== undefined && (writer.state().waiting > 0 || writer.state().trouble !== ""))
      return;
    const used = new Set([...ledger.open()].map(({ content }) => content));
    for (const content of manifests.keys()) if (!used.has(content)) manifests.delete(content);
  };

  /** Sources wait for it: what they tell is compared with what was known. */
  const load = async (from: ToldReader): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const since = clock.now() - horizonMs;
        const { records, versions, watches } = await loadTold(from, { since }, stopping.signal);
        catalog.load(records);
        ledger.load(versions, watches);
        heldSince = since;
        trouble = "";
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        trouble = `The stored versions of policies cannot be loaded (${reason.slice(0, 200)}).`;
        await pause(clock, RETRY_MS, stopping.signal);
      }
    }
  };

  const kinds = (): CatalogKindStatus[] => sources.flatMap((source) => [...source.status()]);

  const begin = async (): Promise<void> => {
    if (reader !== undefined) await load(reader);
    if (stopping.signal.aborted) return;
    await writer?.start();
    for (const source of sources) {
      source.onChange((changes) => {
        if (!stopping.signal.aborted) apply(source.name, changes);
      });
      await source.start();
    }
    every(FORGET_EVERY_MS, forget);
    every(SIGNS_EVERY_MS, () => writer?.watched(ledger.watches()));
    started = true;
  };

  const isReady = (): boolean => started && !kinds().some(isStarting);

  return {
    catalog,
    async historyAt(time) {
      if (past === undefined || imports === undefined) return catalog;
      // What flows say now was imported by nobody.
      if (Math.abs(clock.now() - time) > LIVE_MS && (await imports.refresh())) forgetPast();
      if (!isPast(time)) return catalog;
      // What was just learned may be on its way: policies of a folder hold since long before.
      await writer?.drained();
      return past.at(time);
    },
    loadedAt: (time) => (isPast(time) && past?.loaded(time)) || catalog,
    start() {
      // A store or an API server that is away must not hold up the others.
      loading ??= begin().catch((error: unknown) => {
        trouble = error instanceof Error ? error.message : String(error);
      });
      return Promise.resolve();
    },
    async stop(deadlineMs) {
      if (stopping.signal.aborted) return;
      for (const source of sources) await source.stop(deadlineMs / 2);
      stopping.abort();
      for (const cancel of timers) cancel();
      await loading;
      writer?.watched(ledger.watches());
      await writer?.stop(deadlineMs / 2);
    },
    async ready() {
      while (!stopping.signal.aborted && !isReady()) await pause(clock, 20, stopping.signal);
    },
    revisions: () => {
      const { objects, pods } = catalog.revisions();
      return { objects: objects + loads, pods };
    },
    status: () => judge({ kinds: kinds(), trouble, writer: writer?.state(), sources }),
  };
}

function isStarting({ state }: CatalogKindStatus): boolean {
  return state === "starting";
}
