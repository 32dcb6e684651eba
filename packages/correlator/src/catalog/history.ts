import { createCatalog, type Catalog, type CatalogOptions } from "@dropscope/policy";
import type { ObjectReader } from "@dropscope/store";
import { loadPast } from "./past.js";

const DAY_MS = 86_400_000;
/** What came shortly before or after decides too: changes take time to be enforced. */
const MARGIN_MS = 3_600_000;
/** Catalogs of past days that are kept. */
const KEPT_DAYS = 4;

/** Catalogs of days that the live one no longer holds, loaded when they are asked for. */
export interface PastDays {
  /** @throws DropscopeError when the store cannot be read */
  at(time: number): Promise<Catalog>;
  /** The same, where it is at hand. */
  loaded(time: number): Catalog | undefined;
  /** Something was learned of the past: what was loaded before is not all of it. */
  forget(): void;
}

export function createPastDays(
  reader: Pick<ObjectReader, "loadVersions" | "watches">,
  options: CatalogOptions,
  onLoaded: () => void = () => undefined,
): PastDays {
  const days = new Map<number, Promise<Catalog>>();
  const loaded = new Map<number, Catalog>();
  let forgotten = 0;

  const load = async (day: number): Promise<Catalog> => {
    const range = { since: day * DAY_MS - MARGIN_MS, until: (day + 1) * DAY_MS + MARGIN_MS };
    const before = forgotten;
    const { records } = await loadPast(reader, range);
    const catalog = createCatalog(options);
    catalog.load(records);
    if (before === forgotten) loaded.set(day, catalog);
    onLoaded();
    return catalog;
  };

  return {
    at: (time) => {
      const day = Math.floor(time / DAY_MS);
      const found = days.get(day) ?? load(day);
      days.delete(day);
      days.set(day, found);
      // A store that did not answer is asked again next time.
      found.catch(() => {
        if (days.get(day) === found) days.delete(day);
      });
      for (const old of days.keys())
        if (days.size > KEPT_DAYS) {
          days.delete(old);
          loaded.delete(old);
        }
      return found;
    },
    loaded: (time) => loaded.get(Math.floor(time / DAY_MS)),
    forget() {
      forgotten += 1;
      days.clear();
      loaded.clear();
    },
  };
}
