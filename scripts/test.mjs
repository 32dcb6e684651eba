// `npm test`: every check there is, in the order in which a failure is cheapest.
// The last line counts them: each static check is one, each test case is one.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

const results = `${root}test-results`;
const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told again at the end: thousands of lines lie between. */
const failures = [];
/** What passed at its second attempt only. */
const shaky = [];

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
  if (!passed) failures.push(`${name}: see above`);
}

/** @param projects of vitest.config.ts, run as one queue */
function suite(projects, env) {
  const name = projects.join(", ");
  const file = `${results}/${projects.join("-")}.json`;
  const asked = projects.flatMap((project) => ["--project", project]);
  const passed = step(
    name,
    `${root}node_modules/.bin/vitest`,
    ["run", ...asked, "--reporter=default", "--reporter=json", `--outputFile=${file}`],
    env,
  );
  let counted;
  try {
    counted = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    counted = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
  }
  const failed = counted.testResults.flatMap(failuresOf);
  failures.push(...failed.map((text) => `${name}: ${text}`));
  shaky.push(...counted.testResults.flatMap(shakyOf).map((text) => `${name}: ${text}`));
  if (!passed && failed.length === 0) failures.push(`${name}: broke outside a test, see above`);
  total.passed += counted.numPassedTests;
  total.skipped += counted.numPendingTests;
  // A suite that broke outside a test case (an import, a hook) is a failure too.
  total.failed += passed ? 0 : Math.max(1, counted.numFailedTests);
}

/** The first lines of each message: the rest stands above. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const cases = assertionResults.filter((one) => one.status === "failed");
  if (cases.length === 0) return status === "failed" ? [`${file}\n${shortened(message)}`] : [];
  return cases.map((one) => told(file, one));
}

function shakyOf({ name, assertionResults }) {
  return assertionResults
    .filter(({ status, failureMessages }) => status === "passed" && failureMessages?.length > 0)
    .map((one) => told(relative(root, name), one));
}

function told(file, { fullName, failureMessages }) {
  return `${file} > ${fullName}\n${shortened(failureMessages.join("\n"))}`;
}

function shortened(message) {
  return message
    .split("\n")
    .slice(0, 15)
    .map((line) => `    ${line.slice(0, 1000)}`)
    .join("\n");
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
suite(["unit"]);
const chromium = ensureChromium();
if (chromium.path) suite(["path", "browser"], { CHROMIUM_PATH: chromium.path });
else {
  suite(["path"]);
  process.stdout.write(`\n== browser\nNo Chromium found. ${chromium.missing}\n`);
  total.failed += 1;
  failures.push("browser: no Chromium");
}

if (shaky.length > 0)
  process.stdout.write(`\n== passed at a second attempt\n${shaky.join("\n\n")}\n`);
if (failures.length > 0) process.stdout.write(`\n== failed\n${failures.join("\n\n")}\n`);
const line = `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`;
writeFileSync(`${results}/summary.txt`, `${line}\n`);
process.stdout.write(`\n${line}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
