import { setImmediate } from "node:timers/promises";
import type { CatalogKindState, Clock } from "@dropscope/model";
import { pause } from "../pause.js";
import type { ApiServer } from "./connect.js";
import { linesOf } from "./lines.js";
import { ApiError, getJson, stream } from "./request.js";
import { groupPath, pathOf, type Resource } from "./resources.js";

/** As much of an object as every kind has. */
export interface RawObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly managedFields?: readonly { readonly time?: string; readonly subresource?: string }[];
    readonly [more: string]: unknown;
  };
  readonly [more: string]: unknown;
}

export interface ListWatchEvents<Item> {
  /** Shrinks an object as soon as it is parsed: a list of pods is mostly what nobody needs. */
  take(raw: RawObject): Item;
  /** All there is. */
  listed(items: Item[]): void;
  /** One object as it is now; `gapFrom` (ms since 1970) when it may have changed since then already. */
  set(item: Item, gapFrom: number | undefined): void;
  deleted(item: Item): void;
  /** Nothing was missed until now. */
  alive(): void;
  /** Something went wrong; `state` says what. */
  failed?(): void;
}

export interface ListWatchOptions<Item> extends ListWatchEvents<Item> {
  readonly server: ApiServer;
  readonly resource: Resource;
  readonly clock: Clock;
  /** 0 to 1, for pauses that do not come all at once. */
  readonly random: () => number;
}

export interface ListWatch {
  start(): void;
  stop(): Promise<void>;
  state(): {
    readonly state: CatalogKindState;
    readonly message: string;
    readonly aliveAt?: number;
  };
}

/** Objects in a page of a list. */
const PAGE = 500;
/** How long a watch is asked for, s: a new one is the proof that the server is still there. */
const WATCH_SECONDS = 60;
/** Silence of a watch beyond the time that it was asked for, ms. */
const GRACE_MS = 15_000;
const ANSWER_MS = 30_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** For what a person has to change: rights, a kind that is not installed. */
const SLOW_PAUSE_MS = 60_000;
const LONGEST_TURN_MS = 20;
/** Failed watches in a row after which everything is listed again. */
const WATCH_TRIES = 4;
/** What arrives this soon after a new watch may have happened while there was none, ms. */
const CATCH_UP_MS = 2000;
/** A watch that ends sooner was not worth asking for, ms. */
const SHORT_MS = 1000;
const STALE_MS = 3 * 60_000;

/**
 * Everything of one resource, and what becomes of it: list, then watch from there, for ever.
 *
 *     list (pages) ──▶ watch ──▶ ended, cut, silent ──▶ watch again from the last event
 *        ▲                └────▶ 410, or failed too often ──┐
 *        └──────────────────────────────────────────────────┘
 *
 * Versions only grow within a watch, so an event that is not newer is a repetition.
 */
export function createListWatch<Item>(options: ListWatchOptions<Item>): ListWatch {
  const { server, resource, clock, random } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> = Promise.resolve();
  let path: string | undefined;
  /** Where the next watch goes on; undefined: a list is due. */
  let version: string | undefined;
  /** In a row, without anything that got further. */
  let failures = 0;
  let inPages = true;
  let state: CatalogKindState = "starting";
  let message = "";
  let aliveAt: number | undefined;

  const alive = (): void => {
    state = "ok";
    message = "";
    aliveAt = clock.now();
    options.alive();
  };

  /** @throws ApiError 404 when the server has no such kind */
  const resolve = async (): Promise<string> => {
    const { group, versions, plural, builtIn } = resource;
    if (builtIn) return pathOf(resource, versions[0] ?? "v1");
    for (const candidate of versions) {
      try {
        const asked = { server, clock, signal, silenceMs: ANSWER_MS };
        const found = await getJson({ ...asked, path: groupPath(group, candidate) });
        const { resources = [] } = found as { resources?: readonly { name?: string }[] };
        if (resources.some(({ name }) => name === plural)) return pathOf(resource, candidate);
      } catch (error) {
        // Who may not ask what there is may still read it.
        if (error instanceof ApiError && error.status === 403)
          return pathOf(resource, versions[0] ?? "v1");
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      }
    }
    throw new ApiError(404, `the API server has no ${plural}`);
  };

  const query = (values: Record<string, string>): string => {
    const all = new URLSearchParams(values);
    if (resource.labelSelector !== undefined) all.set("labelSelector", resource.labelSelector);
    return all.size === 0 ? "" : `?${all.toString()}`;
  };

  const list = async (from: string): Promise<void> => {
    const items: Item[] = [];
    let next = "";
    let at = "";
    do {
      const values: Record<string, string> = {
        ...(inPages ? { limit: String(PAGE) } : {}),
        ...(next === "" ? {} : { continue: next }),
      };
      const page = (await getJson({
        server,
        clock,
        signal,
        silenceMs: ANSWER_MS,
        path: `${from}${query(values)}`,
      })) as { metadata?: { continue?: string; resourceVersion?: string }; items?: RawObject[] };
      if (!Array.isArray(page.items)) throw new ApiError(0, "the answer is not a list");
      let since = performance.now();
      for (const raw of page.items) {
        items.push(options.take(raw));
        // A thousand policies take seconds to parse; flows and browsers do not wait for them.
        if (performance.now() - since < LONGEST_TURN_MS) continue;
        await setImmediate();
        since = performance.now();
      }
      next = page.metadata?.continue ?? "";
      at = page.metadata?.resourceVersion ?? "";
    } while (next !== "");
    version = at;
    inPages = true;
    options.listed(items);
    alive();
  };

  /** Until it ends; true when it went well, so that the next may begin at once. */
  const watch = async (from: string): Promise<boolean> => {
    const gapFrom = aliveAt;
    const opened = clock.now();
    const seconds = Math.round(WATCH_SECONDS * (0.75 + random() / 2));
    const values = {
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: version ?? "",
      timeoutSeconds: String(seconds),
    };
    const pieces = stream({
      server,
      clock,
      signal,
      silenceMs: seconds * 1000 + GRACE_MS,
      path: `${from}${query(values)}`,
    });
    for await (const lines of linesOf(pieces)) {
      alive();
      const isCatchingUp = clock.now() - opened < CATCH_UP_MS;
      for (const line of lines) if (line !== "") handle(line, isCatchingUp ? gapFrom : undefined);
    }
    if (clock.now() - opened < SHORT_MS) return false;
    failures = 0;
    return true;
  };

  const handle = (line: string, gapFrom: number | undefined): void => {
    const { type, object } = parse(line);
    if (type === "ERROR") throw new ApiError(Number(object["code"] ?? 0), "the watch failed");
    const now = object.metadata?.resourceVersion ?? "";
    if (!isNewer(now, version)) return;
    version = now;
    failures = 0;
    if (type === "BOOKMARK") return;
    if (type === "DELETED") options.deleted(options.take(object));
    else if (type === "ADDED" || type === "MODIFIED") options.set(options.take(object), gapFrom);
  };

  /** @returns ms to wait */
  const failed = (error: unknown): number => {
    const status = error instanceof ApiError ? error.status : 0;
    const asked = error instanceof ApiError ? error.retryAfterMs : 0;
    const reason = error instanceof Error ? error.message : String(error);
    failures += 1;
    if (status === 404) {
      version = path = undefined;
      if (state !== "absent") options.listed([]);
      options.alive();
      state = "absent";
      message = "";
      aliveAt = clock.now();
      return SLOW_PAUSE_MS;
    }
    if (status === 410) {
      // Too old to go on from: what is there now says what was missed. Of a list whose pages took
      // too long, one page is asked for next time.
      inPages = version !== undefined;
      version = undefined;
      return failures > 1 ? backOff() : 0;
    }
    if (version !== undefined && failures >= WATCH_TRIES) version = undefined;
    if (status === 401 || status === 403) {
      version = undefined;
      state = "forbidden";
      message = `${resource.plural} may not be read (${status}); the role in deploy/ allows it.`;
      return SLOW_PAUSE_MS;
    }
    // One cut connection is no trouble yet.
    if (failures > 1 || state !== "ok") {
      state = "failing";
      message = `${resource.plural} cannot be read: ${reason}.`;
    }
    return Math.max(asked, backOff());
  };

  const backOff = (): number =>
    Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + random() / 2);

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      let wait = 0;
      try {
        path ??= await resolve();
        if (version === undefined) await list(path);
        // A server that ends every watch at once must not be asked without a pause.
        if (!(await watch(path))) wait = FIRST_PAUSE_MS;
      } catch (error) {
        if (signal.aborted) return;
        wait = failed(error);
        options.failed?.();
      }
      if (wait > 0) await pause(clock, wait, signal);
    }
  };

  return {
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    state() {
      const isStale = state === "ok" && aliveAt !== undefined && clock.now() - aliveAt > STALE_MS;
      return {
        state: isStale ? "stale" : state,
        message: isStale ? `Nothing was heard of ${resource.plural} for three minutes.` : message,
        ...(aliveAt === undefined ? {} : { aliveAt }),
      };
    },
  };
}

function parse(line: string): { readonly type: string; readonly object: RawObject } {
  try {
    const { type, object } = JSON.parse(line) as { type?: unknown; object?: unknown };
    if (typeof type === "string" && typeof object === "object" && object !== null)
      return { type, object: object as RawObject };
  } catch {
    // Said below.
  }
  throw new ApiError(0, "a line of the watch is not an event");
}

/** Versions are numbers, although clients are told to take them as texts; of others nothing is known. */
function isNewer(version: string, than: string | undefined): boolean {
  if (!/^\d{1,20}$/.test(version) || !/^\d{1,20}$/.test(than ?? "")) return true;
  return BigInt(version) > BigInt(than ?? "0");
}
