import { type Clock, DropscopeError, EXIT, type SavedView, systemClock } from "@dropscope/model";
import { clickhouseCode } from "./clickhouse/classify.js";
import type { StoreClient } from "./clickhouse/client.js";
import { msText } from "./correlated/rows.js";

/** Named filters, each its owner's alone. */
export interface SavedViews {
  /** By name. */
  list(owner: string, signal?: AbortSignal): Promise<SavedView[]>;
  /**
   * Saves a view in place of the one of its name.
   * @throws DropscopeError `VIEWS_FULL`, `VIEWS_NOT_KEPT`
   */
  save(owner: string, view: Omit<SavedView, "savedAt">): Promise<void>;
  /** False when there was none. @throws DropscopeError `VIEWS_NOT_KEPT` */
  remove(owner: string, name: string): Promise<boolean>;
}

/** Views of one owner. */
export const MAX_SAVED_VIEWS = 200;

export function createSavedViews(
  client: StoreClient,
  options: { readonly clock?: Pick<Clock, "now"> } = {},
): SavedViews {
  const clock = options.clock ?? systemClock;
  let lastVersion = 0n;

  /** Grows, also over restarts as long as the clock does. */
  const version = (): string => {
    const now = BigInt(Math.round(clock.now() * 1000));
    lastVersion = now > lastVersion ? now : lastVersion + 1n;
    return String(lastVersion);
  };

  async function list(owner: string, signal?: AbortSignal): Promise<SavedView[]> {
    const rows = await client.query<Omit<SavedView, "savedAt"> & { saved: string }>(
      `SELECT name, place, filter, since, until, toUnixTimestamp64Milli(saved_at) AS saved
       FROM (SELECT * FROM saved_views FINAL WHERE owner = {owner:String}) WHERE deleted = 0 ORDER BY name`,
      { owner },
      signal === undefined ? {} : { signal },
    );
    return rows.map(({ name, place, filter, since, until, saved }) => {
      const savedAt = Number(saved);
      return { name, place, filter, since, until, savedAt };
    });
  }

  async function put(owner: string, view: Omit<SavedView, "savedAt">, deleted: 0 | 1) {
    const now = version();
    const { name, place, filter, since, until } = view;
    const row = { owner, name, version: now, deleted, place, filter, since, until };
    try {
      await client.insertRows(
        "saved_views",
        [{ ...row, saved_at: msText(clock.now()) }],
        `saved_views-${now}`,
      );
    } catch (error) {
      throw inWords(error);
    }
  }

  return {
    list,
    async save(owner, view) {
      const there = await list(owner);
      if (there.length >= MAX_SAVED_VIEWS && !there.some(({ name }) => name === view.name))
        throw new DropscopeError("VIEWS_FULL", `${MAX_SAVED_VIEWS} views are saved already.`, {
          next: "Delete one that is not used any more.",
          exitCode: EXIT.usage,
        });
      await put(owner, view, 0);
    },
    async remove(owner, name) {
      const view = (await list(owner)).find((one) => one.name === name);
      if (view !== undefined) await put(owner, view, 1);
      return view !== undefined;
    },
  };
}

/** No such table, read only, no right to write. */
const REFUSED = new Set([60, 164, 497]);

function inWords(error: unknown): unknown {
  if (!REFUSED.has(clickhouseCode(error) ?? 0)) return error;
  return new DropscopeError("VIEWS_NOT_KEPT", "The store does not let this process save views.", {
    next: "Allow its user INSERT on saved_views, after `dropscope migrate` has made the table.",
    exitCode: EXIT.usage,
    cause: error,
  });
}
