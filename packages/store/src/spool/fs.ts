import { mkdir, open, readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";

export interface SpoolFile {
  /** Writes all chunks at the end of the file. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** The part of the file system that the spool uses; tests put a faulty one in its place. */
export interface SpoolFs {
  mkdir(dir: string): Promise<void>;
  /** Fails when the file exists. */
  create(path: string): Promise<SpoolFile>;
  rename(from: string, to: string): Promise<void>;
  syncDir(dir: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names of the plain files in a folder. */
  list(dir: string): Promise<string[]>;
  stat(path: string): Promise<{ size: number; mtimeMs: number }>;
  read(path: string): Promise<Buffer>;
  /** Writes a small file as a whole. */
  put(path: string, text: string): Promise<void>;
}

export const realFs: SpoolFs = {
  async mkdir(dir) {
    await mkdir(dir, { recursive: true, mode: 0o700 });
  },
  async create(path) {
    const handle = await open(path, "wx", 0o600);
    return {
      async write(chunks) {
        let todo = [...chunks];
        while (todo.length > 0) {
          // The kernel takes at most 1024 pieces, and may take fewer bytes than it was given.
          const batch = todo.slice(0, 512);
          const { bytesWritten } = await handle.writev(batch);
          todo = [...rest(batch, bytesWritten), ...todo.slice(512)];
        }
      },
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  rename,
  async syncDir(dir) {
    const handle = await open(dir, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  unlink,
  async list(dir) {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  },
  async stat(path) {
    const { size, mtimeMs } = await stat(path);
    return { size, mtimeMs };
  },
  read: (path) => readFile(path),
  async put(path, text) {
    await writeFile(path, text, { mode: 0o600 });
  },
};

function rest(chunks: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written;
  const out: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (left >= chunk.length) left -= chunk.length;
    else {
      out.push(left === 0 ? chunk : chunk.subarray(left));
      left = 0;
    }
  }
  return out;
}
