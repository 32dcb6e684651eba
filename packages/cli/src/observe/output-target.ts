import { open, rename, rm, stat } from "node:fs/promises";
import { DropscopeError, EXIT } from "@dropscope/model";
import { outputDrained } from "../wire/standard-output.js";

/** Where a command writes what it found. */
export interface OutputTarget {
  write(data: string | Uint8Array): void;
  /** Enough waits to be written: wait for `drained`. */
  full(): boolean;
  drained(): Promise<void>;
  /** All is written; a file gets its name only now. @throws DropscopeError `OUTPUT_FILE` */
  finish(): Promise<void>;
  /** Leaves nothing behind, unless it was finished. */
  discard(): Promise<void>;
}

const done = (): Promise<void> => Promise.resolve();

export function standardOutput(): OutputTarget {
  return {
    write: (data) => void process.stdout.write(data),
    full: () => process.stdout.writableNeedDrain,
    drained: outputDrained,
    finish: done,
    discard: done,
  };
}

const FULL_BYTES = 1024 * 1024;

/**
 * A file that appears under its name when it is whole: until then it has another one beside it, so
 * that a full disk, a kill or Ctrl-C leave what was there before as it was.
 * @throws DropscopeError `OUTPUT_FILE` (exit 74) when it cannot be made
 */
export async function fileOutput(path: string): Promise<OutputTarget> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw refused(path, "it is there and no file");
  const part = `${path}.${process.pid}.part`;
  const handle = await open(part, "wx").catch((error: unknown) => {
    throw refused(path, error);
  });
  let waiting: Buffer[] = [];
  let bytes = 0;
  let open_ = true;

  async function drained(): Promise<void> {
    const chunks = waiting;
    waiting = [];
    bytes = 0;
    try {
      if (chunks.length > 0) await handle.appendFile(Buffer.concat(chunks));
    } catch (error) {
      throw refused(path, error);
    }
  }

  async function close(): Promise<void> {
    if (!open_) return;
    open_ = false;
    await handle.close();
  }

  return {
    write(data) {
      const chunk = typeof data === "string" ? Buffer.from(data) : Buffer.from(data);
      waiting.push(chunk);
      bytes += chunk.length;
    },
    full: () => bytes >= FULL_BYTES,
    drained,
    async finish() {
      await drained();
      try {
        await handle.sync();
        await close();
        await rename(part, path);
      } catch (error) {
        throw refused(path, error);
      }
    },
    async discard() {
      await close();
      await rm(part, { force: true });
    },
  };
}

function refused(path: string, cause: unknown): DropscopeError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why = typeof cause === "string" ? cause : (code ?? (cause as Error).message);
  return new DropscopeError("OUTPUT_FILE", `${path} cannot be written: ${why}.`, {
    next:
      code === "ENOSPC"
        ? "Free space on that disk, or write to another one; what was written is removed."
        : "Name a file in a folder that is there and may be written.",
    exitCode: EXIT.ioError,
    cause,
  });
}
