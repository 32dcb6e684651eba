/** Edits that somebody made, kept while the tab is open: by what they are about. */

const KEY = "dropscope.drafts";
/** The oldest give way. */
const MOST = 20;

function read(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, string] => {
        return typeof entry[1] === "string";
      }),
    );
  } catch {
    // Storage may be off, or hold something else: then an edit lives as long as its page.
    return {};
  }
}

export function draftOf(about: string): string | undefined {
  return read()[about];
}

/** Without a text the draft is forgotten. */
export function keepDraft(about: string, text: string | undefined): void {
  const { [about]: _, ...others } = read();
  const all = text === undefined ? others : { ...others, [about]: text };
  try {
    sessionStorage.setItem(
      KEY,
      JSON.stringify(Object.fromEntries(Object.entries(all).slice(-MOST))),
    );
  } catch {
    // As above, or it is full.
  }
}
