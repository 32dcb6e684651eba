import { once } from "node:events";
import type { Response } from "express";

/** A file in place of a JSON answer; its bytes are read once, as fast as they are taken. */
export class Download {
  readonly type: string;
  /** What the browser calls it; of our own making. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;

  constructor(type: string, name: string, bytes: AsyncIterable<Uint8Array>) {
    this.type = type;
    this.name = name;
    this.bytes = bytes;
  }
}

/**
 * Sends a file. The headers leave with its first piece, so that a question that cannot be answered
 * still gets its status; one that fails later ends the connection, which no reader takes for a whole file.
 */
export async function sendDownload(file: Download, response: Response): Promise<void> {
  try {
    for await (const piece of file.bytes) {
      if (response.destroyed) return;
      if (!response.headersSent) {
        response.setHeader("Content-Type", file.type);
        response.setHeader("Content-Disposition", `attachment; filename="${file.name}"`);
      }
      if (!response.write(piece)) await Promise.race([once(response, "drain"), closed(response)]);
    }
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
  }
}

function closed(response: Response): Promise<void> {
  return new Promise((resolve) => {
    response.once("close", resolve);
  });
}
