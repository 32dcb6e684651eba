import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The engine must not live in the test's process: it cannot share one with worker threads.
const SCRIPT = `
import { Session } from "chdb";
const session = new Session(process.argv[1]);
let text = "";
for await (const chunk of process.stdin) text += chunk;
const answers = JSON.parse(text).map((sql) => session.query(sql, "JSONEachRow"));
session.cleanup?.();
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
`;

/**
 * Runs the statements in a fresh engine of its own, with `files` in its folder, readable as
 * `file('name', 'Native')`. Answers are the rows of each statement.
 */
export async function inChdb(
  files: Record<string, Uint8Array>,
  statements: (path: (name: string) => string) => string[],
): Promise<Record<string, unknown>[][]> {
  const folder = await mkdtemp(join(tmpdir(), "dropscope-chdb-"));
  try {
    const path = (name: string) => join(folder, name);
    for (const [name, bytes] of Object.entries(files)) await writeFile(path(name), bytes);
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", SCRIPT, join(folder, "engine")],
      { stdio: ["pipe", "pipe", "pipe"], cwd: new URL("../..", import.meta.url) },
    );
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.stdin.end(JSON.stringify(statements(path)));
    const code = await new Promise<number | null>((done) => child.on("close", done));
    if (out === "") throw new Error(`chdb ended with ${code}: ${err}`);
    return (JSON.parse(out) as string[]).map((text) =>
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `CREATE TABLE` for the columns of a schema, in memory. */
export function createTable(
  name: string,
  columns: readonly { name: string; type: string }[],
): string {
  return `CREATE TABLE ${name} (${columns
    .map((column) => `\`${column.name}\` ${column.type}`)
    .join(", ")}) ENGINE = Memory`;
}
