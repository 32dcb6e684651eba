import { Readable } from "node:stream";
import {
  createDecoder,
  createFeed,
  createRecentIds,
  importFiles,
  MAX_VALUE_BYTES,
} from "@dropscope/ingester";
import { systemClock } from "@dropscope/model";
import { createCorrelatorStore, createReader, type Store } from "@dropscope/store";
import type { OpenBundle } from "../archive/read.js";
import { damaged } from "../errors.js";
import { FILES } from "../format.js";
import { loadExplanations, loadMinutes } from "./explanations.js";
import { loadFindings, loadGaps, loadProblems } from "./findings.js";
import { loadObjects } from "./objects.js";

export interface LoadTask {
  readonly bundle: OpenBundle;
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Flows that were read, of how many. */
  readonly onFlows?: (done: number, total: number) => void;
}

/**
 * Brings everything of a bundle into an empty store, under the ids that it had. The store must not
 * be shown before this is done: what is wrong with a bundle may be found at its very end.
 * @throws DropscopeError `INCIDENT_DAMAGED`
 */
export async function loadBundle(task: LoadTask): Promise<void> {
  const { bundle, store } = task;
  const { counts } = bundle.manifest;
  const verify = (what: string, found: number, told: number): void => {
    if (found !== told)
      throw damaged(bundle.path, `it tells of ${told} ${what} and holds ${found}`);
  };
  await loadObjects(bundle, store.client, (versions, contents) => {
    verify("versions of objects", versions, counts.versions);
    verify("contents of objects", contents, counts.contents);
  });
  verify("flows", await loadFlows(task), counts.flows);
  verify("explained flows", await loadExplanations(task), counts.explained);
  await loadMinutes(task);
  verify("problems", await loadProblems(task), counts.problems);
  const { dns, audit } = await loadFindings(task);
  verify("DNS findings", dns, counts.dnsFindings);
  verify("audit findings", audit, counts.auditFindings);
  verify("gaps", await loadGaps(task), counts.gaps);
  await readThrough(task);
  await markDone(task);
}

/** Flows take the road of every import, and are stored as they are: whoever made the bundle decided what is in it. */
async function loadFlows({ bundle, store, signal, onFlows }: LoadTask): Promise<number> {
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder({ maxMessageBytes: MAX_VALUE_BYTES }),
    recentIds: createRecentIds(),
    clock: systemClock,
  });
  const total = bundle.manifest.counts.flows;
  // The importer would tell of a broken source as of a damaged file, and go on.
  let broken: unknown;
  async function* source(): AsyncIterable<Buffer> {
    try {
      yield* bundle.read(FILES.flows);
    } catch (error) {
      broken = error;
      throw error;
    }
  }
  try {
    const summary = await importFiles({
      inputs: ["-"],
      stdin: Readable.from(source(), { objectMode: false }),
      feed,
      signal,
      onProgress: ({ read }) => onFlows?.(read, total),
    });
    signal.throwIfAborted();
    if (broken !== undefined) throw broken;
    await store.drained();
    return summary.stored;
  } finally {
    await feed.stop(5_000);
  }
}

/** Files for people are not loaded, but what is not as it was made must be found all the same. */
async function readThrough({ bundle, signal }: LoadTask): Promise<void> {
  const loaded = new Set<string>(Object.values(FILES).filter((name) => name !== FILES.summary));
  for (const { name } of bundle.manifest.files) {
    if (loaded.has(name)) continue;
    signal.throwIfAborted();
    for await (const _ of bundle.read(name));
  }
}

/** Everything is explained that ever will be: a correlator that comes later leaves it alone. */
async function markDone({ store }: LoadTask): Promise<void> {
  const tail = await createReader(store.client).end();
  await createCorrelatorStore(store.client).saveCursor({ tail, landedAt: Date.now() });
}
