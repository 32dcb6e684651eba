// What netpol-analyzer says about manifests: connection lists, exposure, explanations, changes,
// point queries, and manifests that it refuses.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runEvalMap, runEvalTable } from "./netpol-analyzer/eval.mjs";
import { checkExplanation } from "./netpol-analyzer/explain.mjs";
import { checkDiff, checkExposure, checkList } from "./netpol-analyzer/lists.mjs";
import { loadManifests } from "./netpol-analyzer/manifests.mjs";
import { listOptions, refusalsOf } from "./netpol-analyzer/options.mjs";

export function run(dir, report) {
  const { cases } = JSON.parse(readFileSync(join(dir, "index.json"), "utf8"));
  for (const testCase of cases) {
    const name = `${testCase.type} ${testCase.case}`;
    try {
      runCase(dir, testCase, name, report);
    } catch (error) {
      report.fail(name, "no error", error instanceof Error ? error.stack : String(error));
    }
  }
  const table = join(dir, "eval-table.json");
  if (existsSync(table)) runEvalTable(JSON.parse(readFileSync(table, "utf8")), report);
}

function runCase(dir, testCase, name, report) {
  const inputs = [testCase.manifests].flat().map((path) => loadManifests(join(dir, path)));
  const [manifests] = inputs;
  const options = listOptions(testCase.options ?? {});
  const read = (path) => readFileSync(join(dir, path), "utf8");
  if (testCase.type === "fatal-error") {
    report.check(name, "refused", refusalsOf(manifests).length > 0 ? "refused" : "accepted");
    return;
  }
  for (const input of inputs) {
    const refused = refusalsOf(input).map(({ message }) => message);
    if (refused.length > 0) {
      report.fail(name, "accepted", refused.join("; "));
      return;
    }
  }
  const goldens = [
    [testCase.format, testCase.expected],
    ...Object.entries(testCase.alternates ?? {}),
  ]
    .filter(([, path]) => path)
    .map(([format, path]) => ({ format, text: read(path), name: `${name} ${format}` }));
  switch (testCase.type) {
    case "connlist":
      for (const golden of goldens) checkList(golden, manifests, options, report);
      return;
    case "exposure":
      for (const golden of goldens) checkExposure(golden, manifests, options, report);
      return;
    case "explain":
      checkExplanation(goldens[0], manifests, options, testCase.options ?? {}, report);
      return;
    case "diff":
      for (const golden of goldens) checkDiff(golden, inputs, options, report);
      return;
    case "eval-map":
      runEvalMap(goldens[0], manifests, testCase.options ?? {}, report);
      return;
    default:
      report.fail(name, "a known type", testCase.type);
  }
}
