import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How other commands reach the engine that runs on a data folder. */
export interface EngineFile {
  url: string;
  user: string;
  password: string;
  /** Of the engine's process. */
  pid: number;
}

const pathOf = (dataDir: string): string => join(dataDir, "engine.json");

export function writeEngineFile(dataDir: string, file: EngineFile): void {
  const path = pathOf(dataDir);
  const fresh = `${path}.${process.pid}`;
  // Only its owner may read it: it holds the password.
  writeFileSync(fresh, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  renameSync(fresh, path);
}

/** Undefined when there is none, or when it is not one. */
export function readEngineFile(dataDir: string): EngineFile | undefined {
  try {
    const file = JSON.parse(readFileSync(pathOf(dataDir), "utf8")) as Partial<EngineFile>;
    const { url, user, password, pid } = file;
    if (typeof url !== "string" || typeof user !== "string" || typeof password !== "string")
      return undefined;
    return { url, user, password, pid: Number(pid) };
  } catch {
    return undefined;
  }
}

export function removeEngineFile(dataDir: string): void {
  rmSync(pathOf(dataDir), { force: true });
}
