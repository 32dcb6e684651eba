// Recipes for NetworkPolicies with what their texts say happens.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addressEndpoint, parseManifests } from "@dropscope/policy";
import { createJudge } from "./judge.mjs";
import { kubernetes, parsePort, podOf, verdicts } from "./kubernetes.mjs";

export async function run(dir, report) {
  const { recipes, expectations } = JSON.parse(readFileSync(join(dir, "index.json"), "utf8"));
  for (const [name, checks] of Object.entries(expectations)) {
    // Of a recipe in two manifests the expectations are about the first.
    const recipe = recipes.find((one) => one.recipe === name);
    const text = readFileSync(join(dir, recipe.file), "utf8");
    const { policies, problems } = parseManifests(text, recipe.file);
    const errors = problems.filter(({ severity }) => severity === "error");
    report.check(`${name}: accepted`, [], errors);
    const judge = createJudge(policies, kubernetes, report);
    checks.forEach(({ src, dst, port, allowed }, index) => {
      const connection = { from: endOf(src, "src"), to: endOf(dst, "dst"), ...parsePort(port) };
      const where = `${name} #${index}: ${port}`;
      const [, , combined] = verdicts(judge(connection, where));
      report.check(where, allowed ? "allowed" : "blocked", combined);
    });
  }
}

function endOf({ ip, ns, nsLabels, labels }, name) {
  return ip === undefined
    ? podOf({ namespace: ns, name, labels, ports: [] }, nsLabels ?? {})
    : addressEndpoint({ address: ip });
}
