import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/** The body, unpacked when the client packed it. */
export function bodyOf(request: IncomingMessage): Readable {
  return request.headers["content-encoding"] === "gzip" ? request.pipe(createGunzip()) : request;
}

/** A whole body as text. Statements are small; rows go through `keepBody`. */
export async function readText(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) throw new Error(`the statement is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Keeps the rows of an insert in a file while `work` runs. The engine's own ways to take
 * a body cut binary data at the first empty line or turn it into UTF-8; a file is safe.
 */
export async function withBodyFile<T>(
  dir: string,
  body: Readable | Buffer,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(dir, `insert-${randomUUID()}`);
  try {
    const source = Buffer.isBuffer(body) ? Readable.from([body]) : body;
    await pipeline(source, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Sends what `write` puts into a file, and removes the file, however it ends. Nothing is sent before
 * the file is whole, so that a failure still gets its status.
 */
export async function withAnswerFile(
  dir: string,
  response: ServerResponse,
  write: (path: string) => Promise<void>,
): Promise<void> {
  const path = join(dir, `answer-${randomUUID()}`);
  try {
    await write(path);
    if (response.destroyed) return;
    response.setHeader("Content-Length", (await stat(path)).size);
    // A reader that goes away ends the answer, and is no failure.
    await pipeline(createReadStream(path), response).catch(() => response.destroy());
  } finally {
    await rm(path, { force: true });
  }
}
