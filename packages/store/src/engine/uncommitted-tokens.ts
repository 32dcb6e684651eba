import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `<partition>_<first block>_<last block>_<level>`, and a mutation's number after it. */
const PART = /^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$/;

interface Part {
  partition: string;
  first: number;
  last: number;
}

/**
 * Takes back deduplication tokens of parts that never came to be. The engine writes a part's
 * token to the table's log before it makes the part visible; one that is killed between the two
 * would, on the next try, take the batch for a repeat and drop it: acknowledged, counted in the
 * ledger, and not there. Must run before the engine opens the folder.
 *
 * @param folder of the engine: tables are in `store/<xyz>/<uuid>`
 * @returns how many tokens were taken back
 */
export function forgetUncommittedTokens(folder: string): number {
  let forgotten = 0;
  for (const table of tablesOf(join(folder, "store"))) {
    const logs = join(table, "deduplication_logs");
    if (!existsSync(logs)) continue;
    const parts = readdirSync(table).flatMap((name) => partOf(name) ?? []);
    for (const name of readdirSync(logs)) forgotten += clean(join(logs, name), parts);
  }
  return forgotten;
}

function tablesOf(store: string): string[] {
  if (!existsSync(store)) return [];
  return readdirSync(store).flatMap((group) =>
    readdirSync(join(store, group)).map((table) => join(store, group, table)),
  );
}

function partOf(name: string): Part | undefined {
  const found = PART.exec(name);
  // Unfinished parts are called tmp_…, and are removed when the engine opens.
  if (!found || name.startsWith("tmp")) return undefined;
  return { partition: found[1]!, first: Number(found[2]), last: Number(found[3]) };
}

/** Lines are `1 <part> <token>` (added) and `2 …` (dropped), with tabs. */
function clean(log: string, parts: readonly Part[]): number {
  const lines = readFileSync(log, "utf8").split("\n");
  const whole = lines.filter((line, i) => {
    // The last one is empty, or was torn by the kill: its part cannot have followed.
    if (i === lines.length - 1) return false;
    const [operation, name = ""] = line.split("\t");
    const part = partOf(name);
    return operation !== "1" || part === undefined || parts.some((other) => covers(other, part));
  });
  if (whole.length === lines.length - 1 && lines.at(-1) === "") return 0;
  writeFileSync(`${log}.new`, whole.map((line) => `${line}\n`).join(""), { mode: 0o640 });
  renameSync(`${log}.new`, log);
  return lines.filter((line) => line !== "").length - whole.length;
}

/** A part that was merged is inside of another. */
function covers(other: Part, part: Part): boolean {
  return other.partition === part.partition && other.first <= part.first && other.last >= part.last;
}
