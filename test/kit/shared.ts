import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Real flow dumps and what the real hubble CLI prints for them; never part of the project. */
export const SHARED = resolve(
  process.env["DROPSCOPE_SHARED"] ?? join(import.meta.dirname, "../../../shared"),
);

/** False where the dumps are not there. In CI that is an error, not a reason to skip. */
export function hasShared(): boolean {
  const there = existsSync(join(SHARED, "flows", "index.json"));
  if (!there && process.env["CI"] === "true") {
    throw new Error(`${SHARED}/flows is missing; DROPSCOPE_SHARED names another folder.`);
  }
  return there;
}

export interface Dump {
  name: string;
  path: string;
  flows: number;
  lostEvents: number;
  /** Lines of `-o compact`, without line breaks. */
  compact: string[];
  /** Lines of `-o jsonpb`; absent for the largest dumps. */
  jsonpb?: string[];
}

interface IndexEntry {
  file: string;
  flows: number;
  lost_events: number;
  golden: { compact: string; jsonpb?: string };
}

/** The dumps of `flows/index.json` with their goldens. */
export function dumps(): Dump[] {
  if (!hasShared()) return [];
  const folder = join(SHARED, "flows");
  const lines = (path: string): string[] =>
    readFileSync(join(folder, path), "utf8").split("\n").slice(0, -1);
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
    files: IndexEntry[];
  };
  return index.files.map((entry) => {
    const { compact, jsonpb } = entry.golden;
    const dump: Dump = {
      name: entry.file,
      path: join(folder, entry.file),
      flows: entry.flows,
      lostEvents: entry.lost_events,
      compact: lines(compact),
    };
    if (jsonpb !== undefined) dump.jsonpb = lines(jsonpb);
    return dump;
  });
}
