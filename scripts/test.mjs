// `npm test`: every check there is, in the order in which a failure is cheapest.
// The last line counts them: each static check is one, each test case is one.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ensureChromium } from "./chromium.mjs";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

const results = `${root}test-results`;
const total = { passed: 0, failed: 0, skipped: 0 };

/** Runs it, and gives whether it passed. What it prints is shown as it comes, or, `late`, in one piece at its end. */
async function step(name, command, args, { env = {}, late = false } = {}) {
  const printed = [];
  const show = (text) => (late ? printed.push(text) : process.stdout.write(text));
  const started = Date.now();
  show(`\n== ${name}\n`);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", late ? "pipe" : "inherit", late ? "pipe" : "inherit"],
    env: { ...process.env, ...env },
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", show);
  const passed = await new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (status) => resolve(status === 0));
  });
  show(`   ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  for (const text of printed) process.stdout.write(text);
  return passed;
}

async function check(name, args) {
  const passed = await step(name, "npm", ["run", "--silent", ...args]);
  total[passed ? "passed" : "failed"] += 1;
}

async function suite(name, options) {
  const file = `${results}/${name}.json`;
  const passed = await step(
    name,
    `${root}node_modules/.bin/vitest`,
    ["run", "--project", name, "--reporter=default", "--reporter=json", `--outputFile=${file}`],
    options,
  );
  let counted;
  try {
    counted = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    counted = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  }
  total.passed += counted.numPassedTests;
  total.skipped += counted.numPendingTests;
  // A suite that broke outside a test case (an import, a hook) is a failure too.
  total.failed += passed ? 0 : Math.max(1, counted.numFailedTests);
}

checkNode();
ensureInstalled();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
ensureBuilt();

await check("format", ["format:check"]);
await check("lint", ["lint"]);
await check("types", ["typecheck"]);
await check("docs", ["docs", "--", "--check"]);
await suite("unit");
// A browser mostly waits, so its tests run beside those of the servers.
const chromium = ensureChromium();
const browser = chromium.path
  ? suite("browser", { env: { CHROMIUM_PATH: chromium.path }, late: true })
  : undefined;
await suite("path");
await browser;
if (!chromium.path) {
  process.stdout.write(`\n== browser\nNo Chromium found. ${chromium.missing}\n`);
  total.failed += 1;
}

const line = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
writeFileSync(`${results}/summary.txt`, `${line}\n`);
process.stdout.write(`\n${line}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
