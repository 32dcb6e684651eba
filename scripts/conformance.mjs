// `npm run conformance [-- DIR…]`: judges with our evaluator what others have judged, and
// compares. Every corpus at or below each DIR is run (default: ../shared/corpus); the name of
// its folder says the format.
//
// scripts/conformance/<format>.mjs exports `run(dir, report)`, which may be async and reports
// every comparison: `report.check(name, expected, got)`, or `report.pass()` and
// `report.fail(name, expected, got)`. It imports @dropscope/policy, which is built by then.
import { join } from "node:path";
import { findCorpora } from "./conformance/find.mjs";
import { createReport } from "./conformance/report.mjs";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

const asked = process.argv.slice(2);
const shared = process.env.DROPSCOPE_SHARED ?? join(root, "../shared");
const dirs = asked.length > 0 ? asked : [join(shared, "corpus")];

const found = dirs.map((dir) => ({ dir, corpora: findCorpora(dir) }));
for (const { dir, corpora } of found)
  if (corpora.length === 0) {
    process.stderr.write(
      `There is no corpus in ${dir}.\n  Name a folder that holds cyclonus, cilium-engine, netpol-analyzer or ahmetb-recipes.\n`,
    );
    process.exitCode = 1;
  }
if (process.exitCode !== 1) {
  checkNode();
  ensureInstalled();
  ensureBuilt();
  const total = { passed: 0, failed: 0 };
  for (const corpus of found.flatMap(({ corpora }) => corpora)) {
    const report = await runCorpus(corpus);
    process.stdout.write(
      `${corpus.name}: ${report.counts.passed} passed, ${report.counts.failed} failed\n${report.failureText()}`,
    );
    total.passed += report.counts.passed;
    total.failed += report.counts.failed;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  if (total.failed > 0) process.exitCode = 1;
}

/** A corpus that cannot be read or that breaks the evaluator is a failure, and the others still run. */
async function runCorpus({ format, dir }) {
  const report = createReport();
  try {
    const { run } = await import(`./conformance/${format}.mjs`);
    await run(dir, report);
    if (report.counts.passed + report.counts.failed === 0)
      report.fail(dir, "at least one check", "none");
  } catch (error) {
    report.fail(dir, "no error", error instanceof Error ? error.stack : String(error));
  }
  return report;
}
