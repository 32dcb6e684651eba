import { parseTimeNs } from "@dropscope/model";
import {
  addGaps,
  type BundledGap,
  createCorrelatorStore,
  type NameSet,
  newBatchId,
  type ProblemRecord,
} from "@dropscope/store";
import { valuesOf } from "../archive/lines.js";
import type { BundledProblem } from "../export/problem-lines.js";
import { FILES } from "../format.js";
import type { LoadTask } from "./load.js";
import { piecesOf } from "./piece.js";
import { AuditLine, DnsLine, GapLine, ProblemLine } from "./schemas.js";

const ROWS = 500;

/** @returns how many there were */
export async function loadProblems({ bundle, store, signal }: LoadTask): Promise<number> {
  const writer = createCorrelatorStore(store.client);
  const landedAt = Date.now();
  let loaded = 0;
  for await (const some of piecesOf(valuesOf(bundle, FILES.problems, ProblemLine), ROWS)) {
    signal.throwIfAborted();
    await writer.putProblems(some.map((one) => recordOf(one, landedAt)));
    loaded += some.length;
  }
  return loaded;
}

function recordOf(one: BundledProblem, landedAt: number): ProblemRecord {
  const { count: _, first_seen, last_seen, samples, pods, nodes, peers, ...same } = one;
  const lastNs = parseTimeNs(last_seen) ?? 0n;
  return {
    ...same,
    firstNs: parseTimeNs(first_seen) ?? 0n,
    lastNs,
    last: Number(lastNs / 1_000_000n),
    landedAt,
    pods: namesOf(pods),
    nodes: namesOf(nodes),
    peers: namesOf(peers),
    samples: samples.map(({ uuid, time }) => ({ uuid, timeNs: parseTimeNs(time) ?? 0n })),
  };
}

const namesOf = ({ names, count }: BundledProblem["pods"]): NameSet => ({
  names,
  count,
  sketch: [],
});

export async function loadFindings({
  bundle,
  store,
  signal,
}: LoadTask): Promise<{ dns: number; audit: number }> {
  const writer = createCorrelatorStore(store.client);
  const landedAt = Date.now();
  const loaded = { dns: 0, audit: 0 };
  for await (const some of piecesOf(valuesOf(bundle, FILES.dns, DnsLine), ROWS)) {
    signal.throwIfAborted();
    await writer.putFindings(some, landedAt);
    loaded.dns += some.length;
  }
  for await (const some of piecesOf(valuesOf(bundle, FILES.audit, AuditLine), ROWS)) {
    signal.throwIfAborted();
    await writer.putAudit(some, landedAt);
    loaded.audit += some.length;
  }
  return loaded;
}

/** Losses that Hubble reported within the range came with the flows; the others are stored here. */
export async function loadGaps({ bundle, store, signal }: LoadTask): Promise<number> {
  const now = Date.now();
  const { range } = bundle.manifest;
  const since = parseTimeNs(range.since) ?? 0n;
  let loaded = 0;
  for await (const some of piecesOf(valuesOf(bundle, FILES.gaps, GapLine), ROWS)) {
    signal.throwIfAborted();
    const others = some.filter(
      ({ source, time }) => source < 0 || (parseTimeNs(time) ?? 0n) < since,
    );
    await addGaps(store.client, newBatchId(now), others as BundledGap[], now);
    loaded += some.length;
  }
  return loaded;
}
