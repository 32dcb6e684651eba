import type { Part } from "@dropscope/model";
import type { Store } from "@dropscope/store";
import type { Logger } from "pino";
import type { Config } from "../config/settings.js";
import { importError, importReport } from "../import/index.js";
import type { SourceView } from "./coverage.js";
import { type ImportRun, startImport } from "./import-files.js";

export interface FileSource extends Part {
  view(): SourceView;
  /** Resolves when all files are read. */
  finished: Promise<void>;
  /** Query of the page's address that shows the time range of the files. */
  rangeQuery(): string;
}

/** Exported files as the source of `up --from`: read once, then everything stays open to look at. */
export function fileSource(config: Config, store: Store, logger: Logger): FileSource {
  const stopping = new AbortController();
  let run: ImportRun | undefined;
  let state: Pick<SourceView, "state" | "message"> = {
    state: "starting",
    message: "The files are being read.",
  };
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  async function read(): Promise<void> {
    try {
      run = startImport(config, store, config.from, { signal: stopping.signal });
      const summary = await run.done;
      await store.drained();
      for (const line of importReport(summary)) logger.info(line);
      const failed = importError(summary);
      state = failed
        ? { state: "degraded", message: `${failed.message} ${failed.next}` }
        : { state: "ok", message: "" };
    } catch (error) {
      logger.error({ err: error }, "the files could not be read");
      state = { state: "down", message: (error as Error).message };
    } finally {
      finish();
    }
  }

  return {
    finished,
    start() {
      void read();
      return Promise.resolve();
    },
    async stop(deadlineMs) {
      stopping.abort();
      await run?.feed.stop(deadlineMs);
    },
    view: () => ({
      kind: "file",
      address: config.from.join(", "),
      ...state,
      nodes: { connected: 0, total: 0, unavailable: [] },
      flowsPerSecond: 0,
    }),
    rangeQuery() {
      const span = run?.span();
      if (!span) return "";
      // A little air on both sides, so that the first and last bar are not at the edge.
      const air = (span.maxNs - span.minNs) / 50n + 1_000_000_000n;
      return `/?from=${(span.minNs - air) / 1_000_000n}&to=${(span.maxNs + air) / 1_000_000n}`;
    },
  };
}
