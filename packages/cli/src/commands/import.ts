import { EXIT, type Part, systemClock } from "@dropscope/model";
import { createQuietLogger } from "../log.js";
import { createProgress, importReport } from "../import/index.js";
import type { AddCommand, Invocation } from "../program.js";
import { startImport } from "../wire/import-files.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";

export const addImport = (add: AddCommand): unknown =>
  add({
    name: "import",
    arguments: "<files...>",
    summary: "store exported flows",
    description:
      "Reads flows that Hubble's tools wrote: JSON lines, arrays or pretty-printed JSON, wrapped or plain, exporter files, gzipped or not; '-' is standard input. Importing a file twice stores nothing twice.",
    groups: ["store", "keeping"],
    settings: ["redact", "redact-allow-headers"],
    examples: [
      ["dropscope import flows.jsonl", "one file"],
      [
        "dropscope import /var/run/cilium/hubble/events*.log*",
        "an exporter's files, rotated and gzipped",
      ],
      ["hubble observe --all -o jsonpb | dropscope import -", "straight from the real CLI"],
    ],
    run,
  });

async function run({ loaded, args, outcome }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createQuietLogger(config);
  const store = wireStore(config, logger, { share: true, requireStore: true });
  const progress = createProgress({
    stream: process.stderr,
    files: args.length,
    clock: systemClock,
  });
  const stopping = new AbortController();
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
    const { done } = startImport(config, store, args, {
      onProgress: (step) => progress.update(step),
      signal: stopping.signal,
    });
    const summary = await done.finally(() => progress.close());
    await store.drained();
    process.stdout.write(`${importReport(summary).join("\n")}\n`);
    const failed = summary.files.flatMap(({ error }) => (error ? [error] : []));
    for (const error of failed.slice(1))
      process.stderr.write(`dropscope: ${error.message}\n  ${error.next} [${error.code}]\n`);
    if (failed[0]) throw failed[0];
    if (summary.interrupted) outcome.exitCode = EXIT.interrupted;
  }
}
