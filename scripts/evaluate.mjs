// `npm run evaluate [-- --seed TEXT --each N --only TEXT]`: how often the correlator is right.
//
// Scenes are made at random, from a seed: a cluster and policies that let everything pass, of
// which one thing is broken (incidents), or that only look broken (look-alikes). What is wrong
// with a scene is known from how it was made, never from our evaluator. Prints precision and
// recall for each cause (with the policies responsible) and for each DNS rule; exit code 1 when
// one lies below the target. `npm run evaluate -- tuning` judges proposals instead.
import { parseArgs } from "node:util";
import { checkNode, ensureBuilt, ensureInstalled } from "./prepare.mjs";

const TARGET = 0.98;
if (process.argv[2] === "tuning") {
  checkNode();
  ensureInstalled();
  ensureBuilt();
  const { runTuning } = await import("./evaluate/tuning.mjs");
  runTuning(process.argv.slice(3));
  process.exit();
}
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "dropscope" },
    each: { type: "string", default: "20" },
    only: { type: "string" },
  },
});
checkNode();
ensureInstalled();
ensureBuilt();
const { evaluate } = await import("./evaluate/run.mjs");
const { tableText } = await import("./evaluate/score.mjs");

const started = performance.now();
const { causes, rules, counts, failures } = evaluate({
  seed: values.seed,
  each: Number(values.each),
  only: values.only,
});
const seconds = ((performance.now() - started) / 1000).toFixed(1);
process.stdout.write(
  `seed ${values.seed}: ${counts.incidents} incidents, ${counts.lookAlikes} look-alikes, ${seconds} s\n\n`,
);
process.stdout.write(`${tableText("cause", causes)}\n${tableText("DNS rule", rules)}`);
const MOST = 10;
for (const { name, expected, got } of failures.slice(0, MOST))
  process.stdout.write(
    `\n${name}\n  expected ${JSON.stringify(expected)}\n  got      ${JSON.stringify(got)}\n`,
  );
if (failures.length > MOST) process.stdout.write(`\n… and ${failures.length - MOST} more\n`);
const low = [...causes, ...rules].filter(
  ({ precision, recall }) => Math.min(precision, recall) < TARGET,
);
if (low.length > 0) {
  process.stdout.write(`\nbelow ${TARGET}: ${low.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 1;
}
