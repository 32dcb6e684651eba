// Writes the pages that are made from the code, and checks those that must agree with it.
// `--check` writes nothing and fails when something is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { cliPage } from "./docs/cli.mjs";
import { errorCodeProblems } from "./docs/error-codes.mjs";
import { exportPage } from "./docs/export.mjs";
import { fieldsPage } from "./docs/fields.mjs";
import { lintsPage } from "./docs/lints.mjs";
import { semanticsProblems } from "./docs/semantics.mjs";
import { root } from "./prepare.mjs";

const check = process.argv.includes("--check");
const problems = [...errorCodeProblems(), ...semanticsProblems()];

for (const { name, page } of [
  { name: "docs/fields.md", page: fieldsPage() },
  { name: "docs/export.md", page: exportPage() },
  { name: "docs/cli.md", page: await cliPage() },
  { name: "docs/lints.md", page: lintsPage() },
]) {
  problems.push(...page.problems);
  if (check && read(name) !== page.text)
    problems.push(`${name} is stale. Run \`npm run docs\` and commit it`);
  if (!check) writeFileSync(`${root}${name}`, page.text);
}
for (const problem of problems) process.stderr.write(`${problem}.\n`);
if (problems.length > 0) process.exitCode = 1;

function read(name) {
  try {
    return readFileSync(`${root}${name}`, "utf8");
  } catch {
    return "";
  }
}
