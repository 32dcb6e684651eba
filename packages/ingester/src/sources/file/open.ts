import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DropscopeError, EXIT } from "@dropscope/model";

/** Compressed bytes are read in small pieces: one piece of 16 KiB unpacks to 16 MiB at most. */
const GZIP_PIECE = 16 * 1024;

export interface OpenInput {
  /** As the user named it; `standard input` for `-`. */
  readonly name: string;
  /** Size on disk; undefined for standard input and for devices. */
  readonly bytesTotal?: number;
  /** Bytes taken from the disk or pipe so far (compressed ones, where they are). */
  readonly bytesRead: number;
  /** True when the stream ended early or its compression is broken; what came before was delivered. */
  readonly damaged: boolean;
  readonly damage: string;
  /** Plain bytes, unpacked where the first two bytes say gzip. */
  chunks(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a file (or, for `-`, standard input) for streaming.
 * @throws DropscopeError `IMPORT_NO_FILE`, `IMPORT_IS_DIRECTORY`, `IMPORT_UNREADABLE`.
 */
export async function openInput(input: string, stdin: Readable): Promise<OpenInput> {
  if (input === "-") return reading("standard input", stdin, undefined);
  let size: number | undefined;
  try {
    // Opening for reading is the only honest test of the rights.
    const handle = await open(input, "r");
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) throw isDirectory(input);
      if (stat.isFile()) size = stat.size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof DropscopeError ? error : cannotOpen(input, error);
  }
  return reading(input, createReadStream(input, { highWaterMark: 256 * 1024 }), size);
}

function isDirectory(input: string): DropscopeError {
  return new DropscopeError("IMPORT_IS_DIRECTORY", `${input} is a directory, not a file.`, {
    next: `Name the files in it, for example: dropscope import ${input.replace(/\/+$/, "")}/*`,
    exitCode: EXIT.noInput,
  });
}

function cannotOpen(input: string, cause: unknown): DropscopeError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
  if (code === "EISDIR") return isDirectory(input);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DropscopeError("IMPORT_NO_FILE", `There is no file ${input}.`, {
      next: "Check the path; it is taken relative to the working directory.",
      exitCode: EXIT.noInput,
      cause,
    });
  }
  return new DropscopeError("IMPORT_UNREADABLE", `${input} cannot be read: ${code}.`, {
    next: "Check the rights of the file and of the folders above it.",
    exitCode: code === "EACCES" || code === "EPERM" ? EXIT.noPermission : EXIT.ioError,
    cause,
  });
}

function reading(name: string, stream: Readable, bytesTotal: number | undefined): OpenInput {
  let bytesRead = 0;
  let damage = "";

  /** The raw bytes; a failing disk ends them early, with a note, like broken compression does. */
  async function* raw(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
        bytesRead += bytes.length;
        if (bytes.length > 0) yield bytes;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EISDIR") throw isDirectory(name);
      damage = `reading stopped: ${(error as NodeJS.ErrnoException).code ?? "error"}`;
    }
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const source = raw();
    let head: Uint8Array = new Uint8Array();
    while (head.length < 2) {
      const next = await source.next();
      if (next.done === true) {
        if (head.length > 0) yield head;
        return;
      }
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    if (head[0] === 0x1f && head[1] === 0x8b) {
      yield* unpack(head, source, (why) => {
        damage = why;
      });
      return;
    }
    yield head;
    yield* source;
  }

  return {
    name,
    ...(bytesTotal === undefined ? {} : { bytesTotal }),
    get bytesRead() {
      return bytesRead;
    },
    get damaged() {
      return damage !== "";
    },
    get damage() {
      return damage;
    },
    chunks,
    async close() {
      // Standard input is not ours to close.
      if (name !== "standard input") stream.destroy();
    },
  };
}

/**
 * Unpacks gzip, members one after the other included. Written by hand around the callback of
 * each write: a pipeline throws away what it had unpacked when the stream turns out to be cut.
 */
async function* unpack(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
  onDamage: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let out: Uint8Array[] = [];
  const state: { failure?: NodeJS.ErrnoException } = {};
  gunzip.on("data", (chunk: Uint8Array) => out.push(chunk));
  const over = new Promise<void>((resolve) => {
    gunzip.on("end", resolve);
    gunzip.on("close", resolve);
    gunzip.on("error", (error: NodeJS.ErrnoException) => {
      state.failure = error;
      resolve();
    });
  });
  try {
    for await (const chunk of prepend(head, rest)) {
      for (let at = 0; at < chunk.length && state.failure === undefined; at += GZIP_PIECE) {
        const piece = chunk.subarray(at, at + GZIP_PIECE);
        await Promise.race([
          new Promise<void>((resolve) => gunzip.write(piece, () => resolve())),
          over,
        ]);
        yield* out;
        out = [];
      }
      if (state.failure !== undefined) break;
    }
    if (state.failure === undefined) gunzip.end();
    await over;
    yield* out;
    if (state.failure !== undefined) {
      onDamage(
        state.failure.code === "Z_BUF_ERROR"
          ? "the compressed data ends too early"
          : "the compressed data is broken",
      );
    }
  } finally {
    gunzip.destroy();
  }
}

async function* prepend<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
