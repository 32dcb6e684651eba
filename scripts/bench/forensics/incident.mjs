// A range of a million flows, written into one file.
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../prepare.mjs";
import { tempFolder } from "../product.mjs";
import { timed, watchMemory } from "./measure.mjs";
import { knows } from "./stored.mjs";

const FLOWS = Number(process.env.BENCH_INCIDENT_FLOWS ?? 1_000_000);

export async function incident({ data, flows, range, engine }, line) {
  if (!(await knows("--since", ["incident", "export"]))) {
    line("incident export", "skipped: there is no such command");
    return;
  }
  const asked = Math.min(FLOWS, flows);
  const length = Math.ceil(((range.until - range.since) * asked) / flows / 60_000) * 60_000;
  const since = range.until - length;
  const file = join(tempFolder(), "incident.zip");
  const iso = (ms) => new Date(ms).toISOString();
  const args = ["--since", iso(since), "--until", iso(range.until), "-o", file, "--data", data];
  const child = spawn(
    process.execPath,
    [`${root}packages/cli/bin/dropscope.mjs`, "incident", "export", ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (said += text));
  const memory = watchMemory(child.pid, engine);
  const { ms, result } = await timed(
    () => new Promise((resolve) => child.once("exit", (code) => resolve(code))),
  );
  const held = memory();
  if (result !== 0) {
    line("incident export", `skipped: exit ${result}: ${said.slice(-300)}`);
    return;
  }
  const size = statSync(file).size;
  line(
    `incident export of ~${asked.toLocaleString("en")} flows`,
    `${(ms / 1000).toFixed(1)} s, ${(size / 1e6).toFixed(1)} MB; ${held}`,
  );
}
