import { realFs, type SpoolFs } from "./fs.js";

/** Every operation of the spool on its file system. */
export const FS_OPERATIONS = [
  "mkdir",
  "create",
  "write",
  "datasync",
  "close",
  "rename",
  "syncDir",
  "unlink",
  "list",
  "stat",
  "read",
  "put",
] as const;

export type FsOperation = (typeof FS_OPERATIONS)[number];

/** A file system that fails where a test says so, and tells what was asked of it. */
export interface FaultyFs extends SpoolFs {
  /** The next `times` calls of an operation fail with a system error code. */
  fail(operation: FsOperation, code: string, times?: number): void;
  heal(): void;
  /** Operations in order, with the last part of the path. */
  readonly log: string[];
}

export function faultyFs(): FaultyFs {
  const plan = new Map<FsOperation, { code: string; left: number }>();
  const log: string[] = [];
  let files = 0;

  const visit = (operation: FsOperation, path: string): void => {
    log.push(`${operation} ${path.split("/").at(-1)}`);
    const fault = plan.get(operation);
    if (!fault || fault.left === 0) return;
    fault.left -= 1;
    throw Object.assign(new Error(`${fault.code}: injected, ${operation}`), { code: fault.code });
  };

  return {
    log,
    fail: (operation, code, times = Infinity) => void plan.set(operation, { code, left: times }),
    heal: () => plan.clear(),
    async mkdir(dir) {
      visit("mkdir", dir);
      await realFs.mkdir(dir);
    },
    async create(path) {
      visit("create", path);
      const file = await realFs.create(path);
      files += 1;
      const id = `#${files}`;
      return {
        async write(chunks) {
          visit("write", id);
          await file.write(chunks);
        },
        async datasync() {
          visit("datasync", id);
          await file.datasync();
        },
        async close() {
          await file.close();
          visit("close", id);
        },
      };
    },
    async rename(from, to) {
      visit("rename", to);
      await realFs.rename(from, to);
    },
    async syncDir(dir) {
      visit("syncDir", dir);
      await realFs.syncDir(dir);
    },
    async unlink(path) {
      visit("unlink", path);
      await realFs.unlink(path);
    },
    async list(dir) {
      visit("list", dir);
      return realFs.list(dir);
    },
    async stat(path) {
      visit("stat", path);
      return realFs.stat(path);
    },
    async read(path) {
      visit("read", path);
      return realFs.read(path);
    },
    async put(path, text) {
      visit("put", path);
      await realFs.put(path, text);
    },
  };
}
