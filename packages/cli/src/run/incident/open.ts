import { basename } from "node:path";
import { EXIT, parseTimeNs, type Part, systemClock } from "@dropscope/model";
import { z } from "zod";
import { countText } from "../../import/units.js";
import { openBundle } from "../../incident/archive/read.js";
import type { Manifest } from "../../incident/format.js";
import { bundleFolder, noteLoading } from "../../incident/load/folder.js";
import { loadBundle } from "../../incident/load/load.js";
import { flowProgress } from "../../incident/progress.js";
import { bundleStore, bundleView } from "../../incident/view.js";
import { createLogger } from "../../log.js";
import type { Invocation } from "../../program.js";
import { runUntilStopped } from "../../wire/run-until-stopped.js";

const GIB = 1024 ** 3;

const Given = z.object({ data: z.string().optional(), maxSize: z.number() });

/** Runs `dropscope incident open`. */
export async function run({ loaded, args, options, outcome }: Invocation): Promise<void> {
  const { config, origins } = loaded;
  const given = Given.parse(options);
  const [path = ""] = args;
  const logger = createLogger(config);
  const bundle = await openBundle(path, given.maxSize * GIB);
  const { manifest } = bundle;
  const folder = bundleFolder(given.data, manifest.id);
  const stopping = new AbortController();
  let isShown = false;
  try {
    const store = bundleStore(config, folder.dir, logger);
    const view = bundleView({
      config,
      anyPort: origins.port === "default",
      dataDir: folder.dir,
      shownAs: basename(path),
      manifest,
      store,
      logger,
      clock: systemClock,
    });
    let loading: Promise<void> = Promise.resolve();
    const load: Part = {
      start() {
        if (folder.isLoaded) return Promise.resolve();
        noteLoading(folder, manifest.id);
        const progress = flowProgress("loaded", process.stderr);
        loading = loadBundle({
          bundle,
          store,
          signal: stopping.signal,
          onFlows: (done, total) => progress.update(done, total),
        })
          .then(() => folder.loaded())
          .finally(() => progress.close());
        return loading;
      },
      async stop() {
        stopping.abort(new Error("loading was stopped"));
        await loading.catch(() => undefined);
      },
    };
    await runUntilStopped(
      [
        { name: "store", part: store },
        { name: "bundle", part: load },
        { name: "coverage", part: view.coverage },
        { name: "dashboard", part: view.dashboard },
      ],
      logger,
      {
        started() {
          isShown = true;
          process.stdout.write(announcement(manifest, view.dashboard.url()));
        },
      },
    );
    if (!isShown) outcome.exitCode = EXIT.interrupted;
  } finally {
    bundle.close();
    folder.leave();
  }
}

function announcement({ counts, range, redaction, filters }: Manifest, url: string): string {
  const what = `${countText(counts.flows)} flows, ${countText(counts.problems)} problems, ${countText(counts.policies)} policy versions`;
  const less = [
    ...(filters.length > 0 ? ["only what matches its filter"] : []),
    ...(redaction.names ? ["names replaced"] : []),
    ...(redaction.l7 ? ["layer 7 left out"] : []),
  ];
  const lines = [
    `${range.since.slice(0, 19)}Z to ${range.until.slice(0, 19)}Z: ${[what, ...less].join("; ")}`,
    `dropscope is ready: ${url}/?${rangeQuery(range)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The page's own words for a range; its end is not part of it. */
function rangeQuery({ since, until }: Manifest["range"]): string {
  const ms = (time: string): bigint => (parseTimeNs(time) ?? 0n) / 1_000_000n;
  return `from=${ms(since)}&to=${ms(until) + 1n}`;
}
