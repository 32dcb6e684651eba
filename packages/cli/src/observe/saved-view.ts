import { DropscopeError, EXIT, type SavedView, splitLine } from "@dropscope/model";
import type { SavedViews } from "@dropscope/store";

/**
 * The view of that name.
 * @throws DropscopeError `VIEW_NOT_FOUND` (exit 2), which names those that there are
 */
export async function savedView(
  views: SavedViews,
  owner: string,
  name: string,
): Promise<SavedView> {
  const all = await views.list(owner);
  const found = all.find((view) => view.name === name);
  if (found !== undefined) return found;
  const names = all.map((view) => JSON.stringify(view.name));
  throw new DropscopeError("VIEW_NOT_FOUND", `No view is saved as ${JSON.stringify(name)}.`, {
    next:
      names.length === 0
        ? "Views are saved on the page, beside the filter line."
        : `There are ${names.slice(0, 12).join(", ")}${names.length > 12 ? " …" : ""}.`,
    exitCode: EXIT.usage,
  });
}

/** Its filter and what stands on the command line, as if both had been typed. */
export function withView(view: SavedView, words: readonly string[]): string[] {
  return [...splitLine(view.filter).map(({ text }) => text), ...words];
}
