import { type DropExplanation, EPISODE_MS } from "@dropscope/model";
import type { ProblemRecord } from "@dropscope/store";
import type { ProblemKey } from "./keys.js";
import { NO_NAMES, withName } from "./name-set.js";

const SAMPLES = 10;
const DNS_LINKS = 10;
const MS_NS = 1_000_000n;

/** A flow as a problem sees it. */
export interface Sighting {
  readonly uuid: string;
  /** ns since 1970; 0 for a flow without a time. */
  readonly timeNs: bigint;
  /** When its batch landed, ms since 1970. */
  readonly landedAt: number;
  readonly pod: string;
  readonly peer: string;
  readonly node: string;
  readonly explanation: DropExplanation;
}

export function newRecord(
  key: ProblemKey,
  families: readonly string[],
  explanation: DropExplanation,
  first: Sighting,
  episodeMs: number = EPISODE_MS,
): ProblemRecord {
  const { id, source, destination, protocol, port, policies, folded } = key;
  const { outcome, reason, direction, agreement, change } = explanation;
  const [timeNs, sighted] = timesOf(first);
  const record: ProblemRecord = {
    id,
    families,
    outcome,
    reason: folded === "workloads" || folded === "everything" ? "" : reason,
    direction,
    source,
    destination,
    protocol,
    port,
    policies,
    folded,
    firstNs: timeNs,
    lastNs: timeNs,
    first: sighted,
    last: sighted,
    episode: sighted,
    landedAt: first.landedAt,
    pods: NO_NAMES,
    nodes: NO_NAMES,
    peers: NO_NAMES,
    agreement,
    explanation,
    change,
    samples: [],
    dns: [],
  };
  return withSighting(record, first, episodeMs);
}

/** Folds a flow in; a second time the same flow changes nothing. @param episodeMs how long nothing may come before the next is another episode */
export function withSighting(
  record: ProblemRecord,
  one: Sighting,
  episodeMs: number = EPISODE_MS,
): ProblemRecord {
  const [timeNs, sighted] = timesOf(one);
  const isNewest = timeNs >= record.lastNs;
  const { explanation } = one;
  const isSilent = explanation.agreement === "cilium-silent";
  return {
    ...record,
    firstNs: timeNs < record.firstNs ? timeNs : record.firstNs,
    lastNs: isNewest ? timeNs : record.lastNs,
    ...episodeOf(record, sighted, episodeMs),
    landedAt: Math.max(record.landedAt, one.landedAt),
    pods: withName(record.pods, one.pod),
    nodes: withName(record.nodes, one.node),
    peers: withName(record.peers, one.peer),
    samples: withSample(record.samples, one.uuid, timeNs),
    explanation: isNewest ? explanation : record.explanation,
    // Of the two events of a packet only one tells who denied it.
    agreement: isNewest && !isSilent ? explanation.agreement : record.agreement,
    // Told for a quarter of an hour after the change; the problem goes on pointing at it.
    change: (isNewest ? explanation.change : record.change) ?? record.change,
  };
}

export function withFinding(record: ProblemRecord, finding: string): ProblemRecord {
  if (record.dns.includes(finding)) return record;
  return { ...record, dns: [finding, ...record.dns].slice(0, DNS_LINKS) };
}

/** Time of the flow, and the same in ms but not later than it landed: clocks of nodes run ahead. */
function timesOf({ timeNs, landedAt }: Sighting): [bigint, number] {
  if (timeNs <= 0n) return [BigInt(Math.floor(landedAt)) * MS_NS, landedAt];
  return [timeNs, Math.min(landedAt, Number(timeNs / MS_NS))];
}

function episodeOf(
  { first, last, episode }: ProblemRecord,
  sighted: number,
  episodeMs: number,
): Pick<ProblemRecord, "first" | "last" | "episode"> {
  const earliest = Math.min(first, sighted);
  if (sighted - last >= episodeMs) return { first, last: sighted, episode: sighted };
  // What is told of long after it was over (an import) was an episode of its own.
  const isOfIt = sighted < episode && episode - sighted < episodeMs;
  return { first: earliest, last: Math.max(last, sighted), episode: isOfIt ? sighted : episode };
}

function withSample(
  samples: ProblemRecord["samples"],
  uuid: string,
  timeNs: bigint,
): ProblemRecord["samples"] {
  const oldest = samples.at(-1);
  if (samples.length === SAMPLES && oldest !== undefined && timeNs < oldest.timeNs) return samples;
  if (samples.some((sample) => sample.uuid === uuid)) return samples;
  return [...samples, { uuid, timeNs }]
    .sort((a, b) =>
      a.timeNs === b.timeNs ? (a.uuid < b.uuid ? 1 : -1) : a.timeNs < b.timeNs ? 1 : -1,
    )
    .slice(0, SAMPLES);
}
