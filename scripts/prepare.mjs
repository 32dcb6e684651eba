// Brings a fresh clone to the point where something can run: dependencies, then
// the build. Uses nothing but Node, because nothing is installed yet. Both steps
// notice when there is nothing to do.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = `${root}node_modules/.dropscope-installed`;

function fail(message, next) {
  process.stderr.write(`dropscope: ${message}\n  ${next}\n`);
  process.exit(1);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(
      `Node ${process.versions.node} is too old.`,
      "Install Node 20.19 or newer, then run this again.",
    );
}

/** The lockfile and the platform decide what is installed; the stamp says for which of them it was done. */
function installStamp() {
  const lock = readFileSync(`${root}package-lock.json`);
  const hash = createHash("sha256").update(lock).digest("hex");
  return `${hash} ${process.platform}-${process.arch} node-${process.versions.modules}`;
}

export function ensureInstalled() {
  const stamp = installStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  process.stderr.write("dropscope: installing dependencies (once; the database engine is large)\n");
  // No package needs an install script, and none gets to run one.
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stampFile, stamp);
}

export function ensureBuilt() {
  run(`${root}node_modules/.bin/turbo`, ["run", "build", "--output-logs=errors-only"], {
    quiet: true,
  });
}

/** Runs a command to its end; output is shown only when it fails if `quiet`. */
export function run(command, args, { quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 64 << 20,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  fail(
    `\`${[command.replace(root, ""), ...args].join(" ")}\` failed${result.error ? `: ${result.error.message}` : "."}`,
    "The lines above say why.",
  );
}
