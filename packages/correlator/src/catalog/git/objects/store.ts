import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { readLoose } from "./loose.js";
import { checkId, GitTrouble, isObjectId, type GitObject, type GitType } from "./object.js";
import { openPack, type Pack } from "./pack.js";
import { openPackIndex, type PackIndex } from "./pack-index.js";

/** Objects of a repository by name; nothing is written, fetched or started. */
export interface ObjectStore {
  /** @throws GitTrouble when it is not there, damaged, larger than such an object may be, or of another type */
  read(id: string, type: GitType): Buffer;
  close(): void;
}

/** Packs borrow objects of packs; each name once. */
const MAX_DEPTH = 64;
const MAX_ALTERNATES = 16;
/** Each keeps a file open. */
const MAX_PACKS = 256;

interface OpenPack {
  readonly index: PackIndex;
  /** Opened with the first object that is read from it. */
  pack(): Pack;
  close(): void;
}

/** @param objects the folder `objects` of a repository */
export function openObjects(objects: string): ObjectStore {
  const folders = withAlternates(objects);
  const packs: OpenPack[] = [];
  let depth = 0;

  const any = (id: string): GitObject => {
    if (depth >= MAX_DEPTH) throw new GitTrouble("damaged", `object ${id} is damaged`);
    depth += 1;
    try {
      const found = packed(id) ?? loose(id);
      if (found !== undefined) return found;
      throw new GitTrouble("missing", `object ${id} is not there`);
    } finally {
      depth -= 1;
    }
  };

  const packed = (id: string): GitObject | undefined => {
    for (const [i, one] of packs.entries()) {
      const offset = one.index.find(id);
      if (offset === undefined) continue;
      // Where the last object was, the next one is likely to be.
      if (i > 0) packs.unshift(...packs.splice(i, 1));
      return one.pack().read(offset, id);
    }
    return undefined;
  };

  const loose = (id: string): GitObject | undefined => {
    for (const folder of folders) {
      const found = readLoose(folder, id);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  for (const folder of folders) packs.push(...openPacks(join(folder, "pack"), any));
  if (packs.length > MAX_PACKS) {
    for (const one of packs) one.close();
    throw new GitTrouble("unsupported", `it has ${packs.length} packs; \`git gc\` makes them one`);
  }
  return {
    read(id, type) {
      if (!isObjectId(id)) throw new GitTrouble("damaged", "the name of an object is damaged");
      const object = any(id);
      if (object.type !== type)
        throw new GitTrouble("damaged", `object ${id} is a ${object.type}, not a ${type}`);
      checkId(id, object);
      return object.data;
    },
    close() {
      for (const one of packs.splice(0)) one.close();
    },
  };
}

function openPacks(folder: string, readId: (id: string) => GitObject): OpenPack[] {
  const names = namesIn(folder).filter((name) => /^pack-[0-9a-f]+\.idx$/.test(name));
  return names.map((name) => {
    const index = openPackIndex(join(folder, name));
    let pack: Pack | undefined;
    return {
      index,
      pack: () => (pack ??= openPack(join(folder, name.replace(/idx$/, "pack")), readId)),
      close() {
        index.close();
        pack?.close();
      },
    };
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Folders of other repositories that this one shares objects with (`git clone --shared`). */
function withAlternates(objects: string): string[] {
  const folders = [objects];
  for (const folder of folders)
    for (const line of linesOf(join(folder, "info", "alternates"))) {
      const other = resolve(folder, line);
      const isFolder = statSync(other, { throwIfNoEntry: false })?.isDirectory() === true;
      if (isFolder && !folders.includes(other) && folders.length < MAX_ALTERNATES)
        folders.push(other);
    }
  return folders;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch {
    return [];
  }
}
