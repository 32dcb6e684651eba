// `npm test`: every check there is, in the order in which a failure is cheapest.
// The last line counts them: each static check is one, each test case is one.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ensureChromium } from "./chromium.mjs";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

const results = `${root}test-results`;
const total = { passed: 0, failed: 0, skipped: 0 };

function step(name, command, args, env = {}) {
  process.stdout.write(`\n== ${name}\n`);
  const started = Date.now();
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  process.stdout.write(`   ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return status === 0;
}

function check(name, args) {
  const passed = step(name, "npm", ["run", "--silent", ...args]);
  total[passed ? "passed" : "failed"] += 1;
}

function suite(name, env) {
  const file = `${results}/${name}.json`;
  const passed = step(
    name,
    `${root}node_modules/.bin/vitest`,
    ["run", "--project", name, "--reporter=default", "--reporter=json", `--outputFile=${file}`],
    env,
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

check("format", ["format:check"]);
check("lint", ["lint"]);
check("types", ["typecheck"]);
check("docs", ["docs", "--", "--check"]);
suite("unit");
suite("path");
const chromium = ensureChromium();
if (chromium.path) suite("browser", { CHROMIUM_PATH: chromium.path });
else {
  process.stdout.write(`\n== browser\nNo Chromium found. ${chromium.missing}\n`);
  total.failed += 1;
}

const line = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
writeFileSync(`${results}/summary.txt`, `${line}\n`);
process.stdout.write(`\n${line}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
