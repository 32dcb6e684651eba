import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { DropscopeError, EXIT } from "@dropscope/model";
import yauzl from "yauzl";
import { damaged, foreign, hostile, tooLarge } from "../errors.js";
import {
  BUNDLE_FORMAT,
  BUNDLE_KIND,
  FILES,
  LIMITS,
  type Manifest,
  type ManifestFile,
  ManifestSchema,
  READABLE,
} from "../format.js";

/** A bundle whose table of contents and manifest were found to be in order. Nothing of it is on the disk. */
export interface OpenBundle {
  readonly path: string;
  readonly manifest: Manifest;
  /** Unpacked bytes of everything. */
  readonly bytes: number;
  /**
   * Bytes of one of the manifest's files. They are compared with the manifest as they come: the
   * stream fails at its end when they differ, and as soon as there are more.
   * @throws DropscopeError `INCIDENT_DAMAGED` from the stream
   */
  read(name: string): AsyncIterable<Buffer>;
  close(): void;
}

const LOADED = new Set<string>(Object.values(FILES));
/** Of the upper half of the external attributes: what kind of file it is. */
const KIND_MASK = 0o170_000;
const REGULAR = 0o100_000;

/**
 * Opens a bundle and refuses what is none, before anything is unpacked but the manifest.
 * @param maxBytes unpacked
 * @throws DropscopeError `INCIDENT_NO_FILE`, `INCIDENT_FOREIGN`, `INCIDENT_DAMAGED`, `INCIDENT_HOSTILE`, `INCIDENT_NEWER`, `INCIDENT_TOO_LARGE`
 */
export async function openBundle(path: string, maxBytes: number): Promise<OpenBundle> {
  const packed = await sizeOf(path);
  const zip = await openZip(path);
  try {
    const entries = await entriesOf(path, zip);
    if (!entries.has(FILES.manifest)) throw foreign(path, `it has no ${FILES.manifest}`);
    checkEntries(path, entries, packed);
    const manifest = await readManifest(path, zip, entries.get(FILES.manifest) as yauzl.Entry);
    checkFiles(path, manifest, entries);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > maxBytes)
      throw tooLarge(path, `it unpacks to ${bytes} bytes, and ${maxBytes} are allowed`);
    const files = new Map(manifest.files.map((file) => [file.name, file]));
    return {
      path,
      manifest,
      bytes,
      read: (name) => {
        const [entry, file] = [entries.get(name), files.get(name)];
        if (entry === undefined || file === undefined) throw damaged(path, `${name} is missing`);
        return checked(path, file, () => entryStream(path, zip, entry));
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size;
  throw new DropscopeError(
    "INCIDENT_NO_FILE",
    found === undefined ? `${path} does not exist or cannot be read.` : `${path} is not a file.`,
    { next: "Name a file that `dropscope incident export` wrote.", exitCode: EXIT.noInput },
  );
}

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true };
    yauzl.open(path, options, (error, zip) => {
      if (error === null || error === undefined) resolve(zip);
      else reject(foreign(path, `it is no zip file, or its end is missing (${error.message})`));
    });
  });
}

async function entriesOf(path: string, zip: yauzl.ZipFile): Promise<Map<string, yauzl.Entry>> {
  if (zip.entryCount > LIMITS.entries)
    throw hostile(path, `it holds ${zip.entryCount} files, and ${LIMITS.entries} are the most`);
  return new Promise((resolve, reject) => {
    const found = new Map<string, yauzl.Entry>();
    zip.on("error", (error: Error) => reject(refused(path, error)));
    zip.on("end", () => resolve(found));
    zip.on("entry", (entry: yauzl.Entry) => {
      if (found.has(entry.fileName))
        reject(hostile(path, `it holds ${shown(entry.fileName)} twice`));
      found.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

/** yauzl refuses names that lead out of the folder; that is no damage. */
function refused(path: string, error: Error): DropscopeError {
  return /invalid (?:relative path|characters in fileName)|absolute path/.test(error.message)
    ? hostile(path, `it holds a file with a name that leads elsewhere (${error.message})`)
    : damaged(path, error.message);
}

function checkEntries(
  path: string,
  entries: ReadonlyMap<string, yauzl.Entry>,
  packed: number,
): void {
  let sum = 0;
  for (const [name, entry] of entries) {
    if (!LOADED.has(name) && !READABLE.test(name))
      throw hostile(path, `it holds ${shown(name)}, which belongs to no bundle`);
    const kind = (entry.externalFileAttributes >>> 16) & KIND_MASK;
    if (kind !== 0 && kind !== REGULAR)
      throw hostile(path, `${shown(name)} is no plain file but a link or a device`);
    if (entry.isEncrypted()) throw foreign(path, `${shown(name)} is encrypted`);
    if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
      throw foreign(path, `${shown(name)} is packed in a way that bundles are not`);
    const { compressedSize, uncompressedSize } = entry;
    if (uncompressedSize > LIMITS.ratioFrom && uncompressedSize > compressedSize * LIMITS.ratio)
      throw hostile(
        path,
        `${shown(name)} unpacks to ${Math.round(uncompressedSize / Math.max(1, compressedSize))} times its size`,
      );
    sum += compressedSize;
  }
  // Entries that share their bytes unpack to more than the file could hold.
  if (sum > packed) throw hostile(path, "its files lie over one another");
}

async function readManifest(
  path: string,
  zip: yauzl.ZipFile,
  entry: yauzl.Entry,
): Promise<Manifest> {
  if (entry.uncompressedSize > LIMITS.manifestBytes)
    throw hostile(path, `its ${FILES.manifest} is larger than any`);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of await entryStream(path, zip, entry)) pieces.push(piece as Buffer);
  } catch (error) {
    throw error instanceof DropscopeError ? error : damaged(path, (error as Error).message);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw damaged(path, `${FILES.manifest} is no JSON`);
  }
  checkFormat(path, value);
  const parsed = ManifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw damaged(path, `${FILES.manifest} cannot be understood at ${shown(where)}`);
}

/** What it is and how new, before anything else is asked of it. */
function checkFormat(path: string, value: unknown): void {
  const { kind, format, madeBy } = (value ?? {}) as Record<string, unknown>;
  if (kind !== BUNDLE_KIND) throw foreign(path, `its ${FILES.manifest} is of something else`);
  if (typeof format !== "number" || format <= BUNDLE_FORMAT) return;
  const { version } = (madeBy ?? {}) as Record<string, unknown>;
  throw new DropscopeError(
    "INCIDENT_NEWER",
    `${path} has format ${format}; this dropscope reads up to ${BUNDLE_FORMAT}.`,
    {
      next: `Open it with dropscope ${typeof version === "string" && /^[\w.+-]{1,40}$/.test(version) ? version : "of a newer version"}.`,
      exitCode: EXIT.badInput,
    },
  );
}

/** The archive holds what the manifest names, of the size that it names, and nothing else. */
function checkFiles(
  path: string,
  manifest: Manifest,
  entries: ReadonlyMap<string, yauzl.Entry>,
): void {
  const named = new Set<string>([FILES.manifest]);
  const hash = createHash("sha256");
  let small = 0;
  for (const file of manifest.files) {
    const entry = entries.get(file.name);
    if (entry === undefined) throw damaged(path, `${shown(file.name)} is missing`);
    if (named.has(file.name)) throw damaged(path, `${shown(file.name)} is named twice`);
    if (entry.uncompressedSize !== file.bytes)
      throw damaged(path, `${shown(file.name)} has not the size that it had`);
    named.add(file.name);
    hash.update(`${file.name}\n${file.sha256}\n`);
    if (file.name !== FILES.flows && file.name !== FILES.explanations) small += file.bytes;
  }
  for (const name of entries.keys())
    if (!named.has(name)) throw damaged(path, `${shown(name)} is not in its ${FILES.manifest}`);
  for (const name of LOADED) if (!named.has(name)) throw damaged(path, `${name} is missing`);
  if (hash.digest("hex") !== manifest.id) throw damaged(path, "its id is not that of its files");
  if (small > LIMITS.smallBytes) throw hostile(path, "what is not flows is larger than any");
}

function entryStream(path: string, zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error === null || error === undefined) resolve(stream);
      else reject(damaged(path, `${shown(entry.fileName)}: ${error.message}`));
    });
  });
}

async function* checked(
  path: string,
  file: ManifestFile,
  open: () => Promise<Readable>,
): AsyncIterable<Buffer> {
  const hash = createHash("sha256");
  let bytes = 0;
  const stream = await open();
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > file.bytes) throw damaged(path, `${file.name} is longer than it says`);
      hash.update(piece);
      yield piece;
    }
  } catch (error) {
    throw error instanceof DropscopeError
      ? error
      : damaged(path, `${file.name}: ${(error as Error).message}`);
  } finally {
    stream.destroy();
  }
  if (bytes !== file.bytes || hash.digest("hex") !== file.sha256)
    throw damaged(path, `${file.name} is not what it was when the bundle was made`);
}

/** A foreign name in a message: short, and without tricks. */
function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
