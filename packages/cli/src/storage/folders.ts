import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

/** What lies beside the tables in the data folder; bytes. */
export interface FolderSpace {
  readonly spool: { readonly files: number; readonly bytes: number };
  readonly quarantine: { readonly files: number; readonly bytes: number };
  /** Of the disk with the data folder; absent where it cannot be told. */
  readonly dataDisk?: { readonly free: number; readonly total: number };
}

export async function folderSpace(dataDir: string, quarantine: string): Promise<FolderSpace> {
  const names = await readdir(dataDir).catch(() => [] as string[]);
  const spools = names.filter((name) => /^spool(-\d+)?$/.test(name));
  const sizes = await Promise.all(spools.map((name) => sizeOf(join(dataDir, name))));
  const disk = await statfs(dataDir).catch(() => undefined);
  return {
    spool: {
      files: sizes.reduce((sum, { files }) => sum + files, 0),
      bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    quarantine: await sizeOf(quarantine),
    ...(disk === undefined
      ? {}
      : { dataDisk: { free: disk.bavail * disk.bsize, total: disk.blocks * disk.bsize } }),
  };
}

async function sizeOf(dir: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      // One may be delivered and removed meanwhile.
      .map((entry) => stat(join(entry.parentPath, entry.name)).catch(() => undefined)),
  );
  const there = sizes.filter((size) => size !== undefined);
  return { files: there.length, bytes: there.reduce((sum, { size }) => sum + size, 0) };
}
