import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
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
