// `npm run evaluate -- tuning [--seed TEXT --worlds N --only "world N"]`: how good proposals are.
//
// Clusters are made at random, from a seed, with hidden intents: who is meant to reach whom. A week of
// their flows is made, with scanners, denials, noise and nightly jobs in it; policies are proposed from
// the flows alone and judged by the intents. Exit code 1 when a proposal denies legitimate traffic that
// was seen, allows more than 1.05 times what the smallest policies would, lets a scan through, or is
// another one when the same is observed again. Where the corpora are there (see scripts/conformance.mjs), the
// connections that they allow are suggested from and must come back, in at least 95 of 100 cases.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../prepare.mjs";
import { cyclonusCases, netpolAnalyzerCases } from "./tuning/corpora.mjs";
import { evaluateTuning, isGood, MOST_MORE } from "./tuning/run.mjs";

const MOST_SHOWN = 5;
const SAME = 0.95;

export function runTuning(args) {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: "string", default: "dropscope" },
      worlds: { type: "string", default: "40" },
      only: { type: "string" },
    },
  });
  const started = performance.now();
  const rows = evaluateTuning({
    seed: values.seed,
    worlds: Number(values.worlds),
    only: values.only,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const worst = Math.max(...rows.map(({ ratio }) => ratio));
  const count = (of) => rows.filter(of).length;
  process.stdout.write(
    [
      `seed ${values.seed}: ${rows.length} worlds, ${seconds} s`,
      `legitimate traffic denied     ${count(({ denied }) => denied.length > 0)} worlds`,
      `allowed of what is needed     ${worst.toFixed(3)} at most (${MOST_MORE} is the target)`,
      `scans let through             ${count(({ scanned }) => scanned.length > 0)} worlds`,
      `other proposal the next time  ${count(({ stable }) => !stable)} worlds`,
      "",
    ].join("\n"),
  );
  for (const { name, kind, told, ratio, denied, more, scanned, stable } of rows.filter(
    (row) => !isGood(row),
  ))
    process.stdout.write(
      `\n${name} (${kind}, pods ${told ? "known" : "from flows"}): ratio ${ratio.toFixed(3)}, stable ${stable}\n${shown("denied", denied)}${shown("more", more)}${shown("scanned", scanned)}`,
    );
  if (rows.length === 0 || rows.some((row) => !isGood(row))) process.exitCode = 1;
  if (values.only === undefined) judgeCorpora();
}

function judgeCorpora() {
  const corpus = join(process.env.DROPSCOPE_SHARED ?? join(root, "../shared"), "corpus");
  for (const { name, casesOf } of [
    { name: "cyclonus", casesOf: cyclonusCases },
    { name: "netpol-analyzer", casesOf: netpolAnalyzerCases },
  ]) {
    const dir = join(corpus, name);
    if (!existsSync(dir)) {
      process.stdout.write(`\n${name}: not there (${dir})\n`);
      continue;
    }
    const cases = [...casesOf(dir)];
    const differing = cases.filter(({ reason }) => reason !== "");
    process.stdout.write(
      `\n${name}: ${cases.length - differing.length} of ${cases.length} cases give back the same connections\n`,
    );
    for (const one of differing) process.stdout.write(`  ${one.name}: ${one.reason}\n`);
    if (cases.length - differing.length < cases.length * SAME) process.exitCode = 1;
  }
}

function shown(title, list) {
  if (list.length === 0) return "";
  const more = list.length > MOST_SHOWN ? ` … ${list.length}` : "";
  return `  ${title.padEnd(8)} ${list.slice(0, MOST_SHOWN).join("; ")}${more}\n`;
}
