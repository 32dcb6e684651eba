import { DropscopeError, EXIT, type Part, systemClock } from "@dropscope/model";
import { createQuietLogger } from "../log.js";
import { createProgress, explainedReport, importReport } from "../import/index.js";
import { shown } from "../observe/paint.js";
import type { Invocation } from "../program.js";
import { runningDashboard } from "../wire/dashboard.js";
import { startImport } from "../wire/import-files.js";
import { createPastImport, type PastImport } from "../wire/past-import.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";

/** Runs `dropscope import`. */
export async function run({ loaded, args, options, outcome }: Invocation): Promise<void> {
  const { config } = loaded;
  const branch = options["policiesBranch"] as string | undefined;
  if (config.policies.length === 0 && branch !== undefined)
    throw new DropscopeError("USAGE", "--policies-branch is of use with --policies only.", {
      next: "Name the checkout with --policies.",
      exitCode: EXIT.usage,
    });
  const logger = createQuietLogger(config);
  const store = wireStore(config, logger, { share: true, requireStore: true });
  const stopping = new AbortController();
  // What is wrong with the policies is said before an engine is started.
  const past: PastImport | undefined =
    config.policies.length === 0
      ? undefined
      : await createPastImport({ loaded, inputs: args, branch, store, logger, say: sayAside });
  let work: Promise<void> | undefined;
  const part: Part = {
    start: () => Promise.resolve(),
    async stop() {
      stopping.abort();
      await work?.catch(() => undefined);
    },
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "import", part },
    ],
    logger,
    { until: () => (work = bring()) },
  );

  async function bring(): Promise<void> {
    try {
      await bringAll(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
      outcome.exitCode = EXIT.interrupted;
    }
  }

  async function bringAll(signal: AbortSignal): Promise<void> {
    // Before the flows: whoever explains them finds the policies of their time.
    await past?.store(signal);
    const progress = createProgress({
      stream: process.stderr,
      files: args.length,
      clock: systemClock,
    });
    const imported = startImport(config, store, args, {
      onProgress: (step) => progress.update(step),
      signal,
    });
    const summary = await imported.done.finally(() => progress.close());
    await store.drained();
    say(importReport(summary));
    if (past !== undefined && !summary.interrupted) {
      const counts = await past.explain(imported.batches(), signal);
      const span = imported.span();
      const url = runningDashboard(config.data)?.url;
      say(explainedReport({ counts, summary, span, ...(url === undefined ? {} : { url }) }));
    }
    const failed = summary.files.flatMap(({ error }) => (error ? [error] : []));
    for (const error of failed.slice(1))
      process.stderr.write(`dropscope: ${error.message}\n  ${error.next} [${error.code}]\n`);
    if (failed[0]) throw failed[0];
    if (summary.interrupted) outcome.exitCode = EXIT.interrupted;
  }
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** About the policies: names in it come from files. */
function sayAside(line: string): void {
  process.stderr.write(`${shown(line)}\n`);
}
