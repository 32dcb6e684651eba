import { formatTimeNs, type DropExplanation } from "@dropscope/model";
import type {
  BundledMinute,
  BundleQuery,
  BundleReader,
  CorrelatorStore,
  NameSet,
  ProblemFacts,
  ProblemRecord,
  SomeNames,
} from "@dropscope/store";
import type { Redactor } from "../redact/redactor.js";
import { msOf } from "./times.js";

/** How often each problem happened in the range; by id. */
export type ProblemTotals = Map<string, { drops: number; verdicts: number }>;

/** A problem as the bundle tells it. */
export interface BundledProblem {
  readonly id: string;
  readonly families: readonly string[];
  readonly outcome: ProblemRecord["outcome"];
  readonly reason: string;
  readonly direction: ProblemRecord["direction"];
  readonly source: ProblemRecord["source"];
  readonly destination: ProblemRecord["destination"];
  readonly protocol: string;
  readonly port: number;
  readonly policies: ProblemRecord["policies"];
  readonly folded: ProblemRecord["folded"];
  /** Dropped packets in the range; a packet that two events tell counts once. */
  readonly count: number;
  /** RFC 3339; the first may lie before the range. */
  readonly first_seen: string;
  readonly last_seen: string;
  /** When it was first sighted, and first again after it was over; ms since 1970. */
  readonly first: number;
  readonly episode: number;
  readonly pods: SomeNames;
  readonly nodes: SomeNames;
  readonly peers: SomeNames;
  readonly agreement: ProblemRecord["agreement"];
  readonly explanation: DropExplanation;
  readonly change: ProblemRecord["change"];
  readonly samples: readonly { readonly uuid: string; readonly time: string }[];
  readonly dns: readonly string[];
}

const MINUTES_PER_LINE = 500;
const PROBLEMS_PER_QUERY = 100;

/** `{"problem":"…","minutes":[[seconds since 1970, told as drops, told as verdicts],…]}` */
export async function* minuteLines(
  reader: BundleReader,
  query: BundleQuery,
  redactor: Redactor,
  totals: ProblemTotals,
  onMinute: (one: BundledMinute) => void = () => undefined,
): AsyncIterable<string> {
  let problem = "";
  let minutes: [number, number, number][] = [];
  const line = (): string => `${JSON.stringify({ problem: redactor.id(problem), minutes })}\n`;
  for await (const rows of reader.minutes(query))
    for (const one of rows) {
      if ((one.problem !== problem || minutes.length === MINUTES_PER_LINE) && minutes.length > 0) {
        yield line();
        minutes = [];
      }
      onMinute(one);
      problem = one.problem;
      minutes.push([one.minute, one.drops, one.verdicts]);
      const total = totals.get(problem) ?? { drops: 0, verdicts: 0 };
      total.drops += one.drops;
      total.verdicts += one.verdicts;
      totals.set(problem, total);
    }
  if (minutes.length > 0) yield line();
}

export interface ProblemSource {
  readonly reader: BundleReader;
  readonly correlated: Pick<CorrelatorStore, "records">;
  readonly query: BundleQuery;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
  /** DNS findings of the range; links to others are left out. */
  readonly findings: ReadonlySet<string>;
}

/** The problems of the range as they were at its end, by their ids in the store. */
export async function* problemsIn(
  source: ProblemSource,
  totals: ProblemTotals,
): AsyncIterable<{ readonly storedAs: string; readonly problem: BundledProblem }> {
  const ids = [...totals.keys()].sort();
  for (let at = 0; at < ids.length; at += PROBLEMS_PER_QUERY) {
    const some = ids.slice(at, at + PROBLEMS_PER_QUERY);
    const [records, facts] = await Promise.all([
      source.correlated.records(some, source.signal),
      source.reader.facts(some, source.query),
    ]);
    const byId = new Map(records.map((record) => [record.id, record]));
    const known = new Map(facts.map((one) => [one.problem, one]));
    for (const id of some) {
      const record = byId.get(id);
      if (record === undefined) continue;
      const { drops = 0, verdicts = 0 } = totals.get(id) ?? {};
      const asOf = asOfThen(record, known.get(id), source);
      yield { storedAs: id, problem: redacted(asOf, Math.max(drops, verdicts), source) };
    }
  }
}

/** What came later than the range is taken back: the same range gives the same, whenever it is asked for. */
function asOfThen(
  record: ProblemRecord,
  facts: ProblemFacts | undefined,
  { query: { until }, findings }: ProblemSource,
): ProblemRecord {
  const dns = record.dns.filter((id) => findings.has(id));
  const firstMs = Math.min(record.first, msOf(record.firstNs));
  if (facts === undefined) {
    // Of its flows only counts are left.
    const lastNs = record.lastNs > until ? until : record.lastNs;
    const samples = record.samples.filter(({ timeNs }) => timeNs <= until);
    return { ...record, lastNs, samples, dns, first: firstMs, episode: firstMs };
  }
  const { newest, oldestNs } = facts;
  const body = JSON.parse(facts.explanation) as Omit<DropExplanation, "uuid" | "time">;
  return {
    ...record,
    firstNs: record.firstNs < oldestNs ? record.firstNs : oldestNs,
    lastNs: newest.timeNs,
    first: firstMs,
    episode: Math.min(Math.max(record.episode, firstMs), msOf(oldestNs)),
    pods: namesOf(record.pods, facts.pods),
    nodes: namesOf(record.nodes, facts.nodes),
    peers: namesOf(record.peers, facts.peers),
    agreement: facts.agreement,
    explanation: { uuid: newest.uuid, time: formatTimeNs(newest.timeNs), ...body },
    change: facts.change,
    samples: facts.samples,
    dns,
  };
}

/** Those of the range, in the order in which they were first met as far as that is known. */
function namesOf(known: NameSet, { names, count }: SomeNames): NameSet {
  const inRange = new Set(names);
  const first = known.names.filter((name) => inRange.has(name));
  const met = new Set(first);
  return { names: [...first, ...names.filter((name) => !met.has(name))], count, sketch: [] };
}

function redacted(one: ProblemRecord, count: number, { redactor }: ProblemSource): BundledProblem {
  const { uuid, time, ...body } = one.explanation;
  const names = ({ names: some, count: all }: NameSet): SomeNames => ({
    names: some.map(redactor.name),
    count: all,
  });
  return {
    id: redactor.id(one.id),
    families: one.families.map(redactor.id),
    outcome: one.outcome,
    reason: one.reason,
    direction: one.direction,
    source: redactor.peer(one.source),
    destination: redactor.peer(one.destination),
    protocol: one.protocol,
    port: one.port,
    policies: one.policies.map(redactor.policy),
    folded: one.folded,
    count,
    first_seen: formatTimeNs(one.firstNs),
    last_seen: formatTimeNs(one.lastNs),
    first: one.first,
    episode: one.episode,
    pods: names(one.pods),
    nodes: names(one.nodes),
    peers: names(one.peers),
    agreement: one.agreement,
    explanation: { uuid, time, ...redactor.explanation(body) },
    change: redactor.change(one.change),
    samples: one.samples.map(({ uuid: sample, timeNs }) => ({
      uuid: sample,
      time: formatTimeNs(timeNs),
    })),
    dns: one.dns.map(redactor.id),
  };
}
