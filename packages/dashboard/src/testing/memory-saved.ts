import type { SavedView } from "@dropscope/model";
import type { SavedViews } from "@dropscope/store";

/** Saved views in memory, as the store keeps them. */
export function createMemorySaved(check: () => void): SavedViews {
  const owners = new Map<string, Map<string, SavedView>>();
  const of = (owner: string): Map<string, SavedView> => {
    const views = owners.get(owner) ?? new Map<string, SavedView>();
    owners.set(owner, views);
    return views;
  };
  return {
    async list(owner) {
      check();
      return [...of(owner).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async save(owner, view) {
      check();
      of(owner).set(view.name, { ...view, savedAt: Date.now() });
    },
    async remove(owner, name) {
      check();
      return of(owner).delete(name);
    },
  };
}
