import { GitTrouble } from "./objects/object.js";

export interface CommitText {
  readonly tree: string;
  readonly parents: readonly string[];
  /** When it was committed, ms since 1970; NaN when it does not tell. */
  readonly at: number;
}

/** The head of a commit; names and message are of no interest. @throws GitTrouble */
export function parseCommit(id: string, data: Buffer): CommitText {
  const end = data.indexOf("\n\n");
  const head = data.subarray(0, end < 0 ? data.length : end).toString("latin1");
  const [, tree] = /^tree ([0-9a-f]{40})$/m.exec(head) ?? [];
  if (tree === undefined) throw new GitTrouble("damaged", `commit ${id} is damaged`);
  const parents = [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, one]) => one as string);
  const [, seconds] = /^committer .*> (-?\d{1,15}) [+-]\d{4}$/m.exec(head) ?? [];
  return { tree, parents, at: seconds === undefined ? Number.NaN : Number(seconds) * 1000 };
}

/** What a tag is of: an object and its type. @throws GitTrouble */
export function parseTag(
  id: string,
  data: Buffer,
): { readonly object: string; readonly type: string } {
  const [, object, type] =
    /^object ([0-9a-f]{40})\ntype (\w+)\n/.exec(data.toString("latin1")) ?? [];
  if (object === undefined || type === undefined)
    throw new GitTrouble("damaged", `tag ${id} is damaged`);
  return { object, type };
}

export interface TreeEntry {
  readonly name: string;
  /** Links and submodules are neither, and are left out. */
  readonly type: "blob" | "tree";
  readonly id: string;
}

const ID_BYTES = 20;

/** `<mode> <name>\0<20 bytes>`, again and again. @throws GitTrouble */
export function parseTree(id: string, data: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + ID_BYTES > data.length)
      throw new GitTrouble("damaged", `tree ${id} is damaged`);
    const mode = data.toString("latin1", at, space);
    const name = data.toString("utf8", space + 1, end);
    at = end + 1 + ID_BYTES;
    const type =
      mode === "40000" || mode === "040000" ? "tree" : /^100\d{3}$/.test(mode) ? "blob" : undefined;
    // No git writes such names; they would lead out of the folder if anybody followed them.
    const isName = name !== "" && name !== "." && name !== ".." && !name.includes("/");
    if (type !== undefined && isName)
      entries.push({ name, type, id: data.toString("hex", end + 1, at) });
  }
  return entries;
}
