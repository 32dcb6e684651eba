import { createHash } from "node:crypto";
import { createWriteStream, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { ZipFile } from "yazl";
import type { ManifestFile } from "../format.js";

/** A file of an archive; its content is asked for when its turn comes. */
export interface ArchiveFile {
  readonly name: string;
  /** More than 4 GiB may come. */
  readonly large?: boolean;
  readonly content: () => AsyncIterable<string> | Iterable<string>;
}

export interface ArchiveWriter {
  add(file: ArchiveFile): Promise<ManifestFile>;
  /** Puts the archive where it belongs: until then nothing is there. */
  finish(): Promise<void>;
  /** Leaves nothing behind. Harmless after `finish`. */
  discard(): Promise<void>;
}

/** Text is handed to the compressor in pieces of one size, so that its output depends on nothing else. */
const PIECE = 128 * 1024;
const LEVEL = 6;
const FILE_MODE = 0o100_644;

/**
 * Writes a zip file beside `path` and renames it at the end. Equal contents make equal bytes:
 * times, owners and order are given, not taken from the machine.
 * @param day of all entries, ms since 1970
 */
export function createArchive(path: string, day: number): ArchiveWriter {
  const partial = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const zip = new ZipFile();
  const output = createWriteStream(partial, { flags: "w", mode: 0o600 });
  const source = zip.outputStream as Readable;
  source.pipe(output);
  const written = finished(output);
  // Whoever waits for an entry or for the end hears of it there.
  written.catch(() => undefined);
  const failed = new Promise<never>((_, reject) => {
    zip.once("error", (error: Error) => reject(error));
  });
  failed.catch(() => undefined);
  let current: Readable | undefined;
  let done = false;

  return {
    async add({ name, large = false, content }) {
      const hash = createHash("sha256");
      const size = { bytes: 0, lines: 0 };
      const stream = Readable.from(pieces(content(), hash, size), { objectMode: false });
      current = stream;
      zip.addReadStream(stream, name, {
        mtime: entryTime(day),
        forceDosTimestamp: true,
        mode: FILE_MODE,
        compressionLevel: LEVEL,
        forceZip64Format: large,
      });
      // A full disk would otherwise hold up the entry for ever.
      await Promise.race([finished(stream, { writable: false }), written, failed]);
      const lines = name.endsWith(".jsonl") ? { lines: size.lines } : {};
      return { name, bytes: size.bytes, ...lines, sha256: hash.digest("hex") };
    },
    async finish() {
      zip.end();
      await Promise.race([written, failed]);
      const file = await open(partial, "r");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
      done = true;
    },
    async discard() {
      if (done) return;
      // Whoever makes the content stops making it.
      current?.destroy();
      source.unpipe(output);
      output.destroy();
      // It may only now be opening the file, which would then be made anew.
      await written.catch(() => undefined);
      rmSync(partial, { force: true });
    },
  };
}

/** Noon of the day, on the wall clock of this machine: the format keeps local times, and no clock change falls on noon. */
function entryTime(day: number): Date {
  const at = new Date(day);
  return new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), 12);
}

/** Lines become bytes many at a time: one by one that takes as long as compressing them. */
async function* pieces(
  content: AsyncIterable<string> | Iterable<string>,
  hash: ReturnType<typeof createHash>,
  size: { bytes: number; lines: number },
): AsyncIterable<Buffer> {
  let waiting = "";
  let rest: Buffer = Buffer.alloc(0);
  const taken = (): Buffer => {
    const bytes = Buffer.from(waiting, "utf8");
    waiting = "";
    size.bytes += bytes.length;
    return rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
  };
  for await (const text of content) {
    size.lines += 1;
    waiting += text;
    if (waiting.length < PIECE) continue;
    rest = taken();
    for (; rest.length >= PIECE; rest = rest.subarray(PIECE)) {
      const piece = rest.subarray(0, PIECE);
      hash.update(piece);
      yield piece;
    }
  }
  rest = taken();
  for (let at = 0; at < rest.length; at += PIECE) {
    const piece = rest.subarray(at, at + PIECE);
    hash.update(piece);
    yield piece;
  }
}
