import {
  createDecoder,
  createFeed,
  createRecentIds,
  type Feed,
  importFiles,
  type ImportProgress,
  type ImportSummary,
  MAX_VALUE_BYTES,
} from "@dropscope/ingester";
import { systemClock } from "@dropscope/model";
import { createStoredIds, type Store } from "@dropscope/store";
import type { Config } from "../config/settings.js";
import { redaction } from "./redaction.js";

export interface ImportRun {
  readonly feed: Feed;
  /** Resolves when everything that was read is acknowledged. */
  readonly done: Promise<ImportSummary>;
  /** First and last moment of the flows, ns since 1970; undefined while there are none with a time. */
  span(): { minNs: bigint; maxNs: bigint } | undefined;
  /** What was sealed so far. */
  batches(): readonly bigint[];
}

/** Starts to bring files into the store; flows that it holds already are not stored again. */
export function startImport(
  config: Config,
  store: Store,
  inputs: readonly string[],
  options: { onProgress?: (progress: ImportProgress) => void; signal?: AbortSignal } = {},
): ImportRun {
  const redact = redaction(config, "file");
  let minNs: bigint | undefined;
  let maxNs: bigint | undefined;
  const batches: bigint[] = [];
  const feed = createFeed({
    door: {
      spaceFreed: () => store.door.spaceFreed(),
      async seal(batch) {
        await store.door.seal(batch);
        batches.push(batch.id);
      },
    },
    decoder: createDecoder({ redact, maxMessageBytes: MAX_VALUE_BYTES }),
    recentIds: createRecentIds(),
    clock: systemClock,
    onDecoded(decoded) {
      if (decoded.kind !== "flow" || decoded.timeNs === 0n) return;
      if (minNs === undefined || decoded.timeNs < minNs) minNs = decoded.timeNs;
      if (maxNs === undefined || decoded.timeNs > maxNs) maxNs = decoded.timeNs;
    },
  });
  return {
    feed,
    done: importFiles({ inputs, feed, known: createStoredIds(store.client), ...options }),
    batches: () => batches,
    span: () => (minNs === undefined || maxNs === undefined ? undefined : { minNs, maxNs }),
  };
}
