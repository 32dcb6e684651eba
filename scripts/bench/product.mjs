// Starts the parts that the benchmarks measure, as a user would: each in a process of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOAD_MAIN } from "@dropscope/ingester/simulator";
import { LEAN_ENV, LEAN_FLAGS } from "../memory.mjs";
import { root } from "../prepare.mjs";

const children = [];

export function tempFolder() {
  const folder = mkdtempSync(join(tmpdir(), "dropscope-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(command, args, onLine) {
  const child = spawn(process.execPath, [...LEAN_FLAGS, command, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...LEAN_ENV, ...process.env },
  });
  children.push(child);
  let rest = "";
  child.stdout.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  return child;
}

process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** A relay that sends pre-encoded flows, in a second process. @returns its address */
export function startLoad(args) {
  return new Promise((resolve) => {
    run(LOAD_MAIN.pathname, ["--port", "0", ...args], (line) => {
      if (line.startsWith("{")) resolve(JSON.parse(line).address);
    });
  });
}

/** The product itself. `ready` resolves with what it prints when it is: its first line, unless another is meant. */
export function startProduct(args, isMeant = () => true) {
  let child;
  const ready = new Promise((resolve) => {
    child = run(
      `${root}packages/cli/bin/dropscope.mjs`,
      [...args, "--log-level", "error"],
      (text) => {
        if (isMeant(text)) resolve(text);
      },
    );
  });
  return { child, ready };
}

export function stopped(child) {
  child.kill("SIGTERM");
  return new Promise((resolve) => {
    child.once("exit", resolve);
  });
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
