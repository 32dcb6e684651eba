import { type Clock, LOCAL_VIEWER, systemClock } from "@dropscope/model";
import type { Manifests, ObjectKind } from "@dropscope/policy";
import {
  createObjectReader,
  createObjectWriter,
  FOLDER_SOURCE,
  GIT_SOURCE,
  type ObjectVersionRow,
  type ObjectWriter,
  type StoreClient,
  type StoreLogger,
  type VersionWrite,
} from "@dropscope/store";
import { snapshotOf } from "./folder/snapshot.js";
import type { GitHistory } from "./git/index.js";
import { createLedger } from "./ledger.js";
import { CATALOG_KINDS, type PastChange } from "./source.js";

export interface PastOptions {
  readonly client: StoreClient;
  readonly histories: readonly GitHistory[];
  /** What held at all times; for folders without a history. */
  readonly manifests?: Manifests;
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  /** Called with every sentence about what of a history cannot take effect. */
  readonly onRemark?: (remark: string) => void;
  readonly signal?: AbortSignal;
}

/** What a history came to. */
export interface StoredPast {
  /** Stands in every version. */
  readonly source: string;
  /** Versions of objects. */
  readonly versions: number;
  /** Of them, those that were not stored before. */
  readonly added: number;
  /** Versions that it told of when it was stored before, and does not any more. */
  readonly removed: number;
  /** From when on it is known, ms since 1970; −∞ for what held at all times. */
  readonly since: number;
}

/** Policies are in the repository or there are none; of pods a repository need not tell. */
export const ALWAYS_TOLD: readonly ObjectKind[] = [
  ...CATALOG_KINDS.filter((kind) => kind.endsWith("Policy")),
  "CiliumCIDRGroup",
];
/** Versions that wait to be written. */
const MOST_WAITING = 2_000;

/**
 * Stores what policies were before anybody watched, as versions of their own source: so they are on
 * every page, and drops are explained by them. A history replaces what it told when it was stored
 * before; the same history again changes nothing.
 * @throws DropscopeError `GIT_HISTORY`, and when the store cannot be read
 */
export async function storePast(options: PastOptions): Promise<StoredPast[]> {
  const { client, histories, manifests, clock = systemClock, logger } = options;
  const writer = createObjectWriter({ client, clock, ...(logger === undefined ? {} : { logger }) });
  await writer.start();
  try {
    const stored: StoredPast[] = [];
    for (const history of histories) {
      const lane = { source: `${GIT_SOURCE}${history.name}`, since: history.since };
      stored.push(await storeLane(lane, changesOf(history, options), writer, options));
    }
    if (manifests !== undefined) {
      const lane = { source: `${FOLDER_SOURCE}all`, since: Number.NEGATIVE_INFINITY };
      stored.push(await storeLane(lane, heldAlways(manifests), writer, options));
    }
    return stored;
  } finally {
    await writer.stop(5_000);
  }
}

interface Lane {
  readonly source: string;
  readonly since: number;
}

async function storeLane(
  { source, since }: Lane,
  told: AsyncIterable<readonly PastChange[]>,
  writer: ObjectWriter,
  { client, clock = systemClock, signal }: PastOptions,
): Promise<StoredPast> {
  const before = await storedRows(client, source, signal);
  const kinds = new Set<string>(ALWAYS_TOLD);
  let versions = 0;
  let added = 0;
  const put = async (one: VersionWrite): Promise<void> => {
    versions += 1;
    // The source stands in for the uid too: so no row of another source has the same key.
    const version = { ...one.version, uid: source };
    const known = before.get(keyOf(version));
    before.delete(keyOf(version));
    if (known?.to === version.to && known.content === version.content) return;
    added += 1;
    await write({ ...one, version });
  };
  const write = async (one: VersionWrite): Promise<void> => {
    writer.put([one]);
    if (writer.state().waiting >= MOST_WAITING) await writer.drained();
  };

  for await (const version of versionsOf(source, told)) {
    signal?.throwIfAborted();
    kinds.add(version.version.kind);
    await put(version);
  }
  const removed = before.size;
  // A version without time: nobody reads it, and it expires.
  for (const row of before.values()) await write({ version: { ...row, to: row.from } });
  await writer.drained();
  // Last, so that who sees that there is a history sees all of it.
  const until = clock.now();
  writer.watched([...kinds].map((kind) => ({ source, kind, listedAt: since, until })));
  await writer.drained();
  return { source, versions, added, removed, since };
}

/** Each version once, when it is known how long it held. */
async function* versionsOf(
  source: string,
  told: AsyncIterable<readonly PastChange[]>,
): AsyncGenerator<VersionWrite> {
  const ledger = createLedger({ apply: () => undefined, load: () => undefined }, [source]);
  const open = new Map<string, VersionWrite>();
  for await (const changes of told)
    for (const write of changes.flatMap((change) => ledger.apply(source, change))) {
      const { kind, namespace, name, to } = write.version;
      const key = `${kind}/${namespace}/${name}`;
      const began = open.get(key);
      if (to === Number.POSITIVE_INFINITY) open.set(key, write);
      else {
        open.delete(key);
        yield { ...began, version: write.version };
      }
    }
  yield* open.values();
}

async function* changesOf(
  history: GitHistory,
  { onRemark }: PastOptions,
): AsyncGenerator<readonly PastChange[]> {
  for (const remark of history.remarks) onRemark?.(remark);
  for await (const { changes, remarks } of history.steps()) {
    for (const remark of remarks) onRemark?.(remark);
    yield changes;
  }
}

async function* heldAlways(manifests: Manifests): AsyncGenerator<readonly PastChange[]> {
  yield [...snapshotOf([manifests]).objects.values()].map(({ observed }) => ({
    type: "set",
    at: Number.NEGATIVE_INFINITY,
    observed,
  }));
}

async function storedRows(
  client: StoreClient,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Map<string, ObjectVersionRow>> {
  const reader = createObjectReader(client, { limits: "profile" });
  const rows = await reader.told({ viewer: LOCAL_VIEWER, source }, signal);
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function keyOf({ kind, namespace, name, from }: ObjectVersionRow): string {
  return `${kind}/${namespace}/${name}/${from}`;
}
