import { type DropExplanation, EVENT, type Flow, formatTimeNs } from "@dropscope/model";
import type { ExplainedRow, LandedBatch, LandedFlow, ProblemMinute } from "@dropscope/store";
import { type DropPairs, type Explainer, isExplained, type PairedDrop } from "../explain/index.js";
import type { Folding, ProblemBook } from "../problems/index.js";

/** What a batch adds. */
export interface ExplainedBatch {
  readonly batch: LandedBatch;
  readonly rows: readonly ExplainedRow[];
  readonly minutes: readonly ProblemMinute[];
  /** By the store's id of the flow. */
  readonly explanations: ReadonlyMap<string, DropExplanation>;
}

export interface BatchWork {
  readonly batch: LandedBatch;
  readonly flows: readonly LandedFlow[];
  /** What is stored of the batch already: it was done before, and stays as it is. */
  readonly stored: readonly ExplainedRow[];
}

export interface BatchTools {
  /** Who judges by what held at a moment, ms since 1970. */
  explainerAt(time: number): Promise<Explainer>;
  readonly pairs: DropPairs;
  readonly book: ProblemBook;
  /** The store's rows of flows that were paired, also of earlier batches. */
  readonly landed: WeakMap<Flow, LandedFlow>;
  load(ids: readonly string[]): Promise<void>;
}

const MINUTE_MS = 60_000;
const MS_NS = 1_000_000n;

/** Pairs, explains and folds the drops of one batch. */
export async function explainBatch(work: BatchWork, tools: BatchTools): Promise<ExplainedBatch> {
  const { batch, stored } = work;
  const before = new Map(stored.map((row) => [row.uuid, row]));
  const pairs = pairsOf(work, tools);
  const foldings: { readonly one: LandedFlow; readonly folding: Folding }[] = [];
  for (const { flow, told, partner } of pairs) {
    const one = tools.landed.get(flow);
    if (one === undefined) continue;
    const row = before.get(one.uuid);
    // Of a batch that was done, a flow without a row was none of the correlator's then.
    if (row === undefined && stored.length > 0) continue;
    const explanation = row === undefined ? await explain(one, told, tools) : fromRow(row);
    const other = partner && tools.landed.get(partner);
    const folding: Folding = {
      flow,
      uuid: one.uuid,
      timeNs: one.timeNs,
      landedAt: batch.storedAt,
      explanation,
      ...(other === undefined ? {} : { partner: other.uuid }),
      ...(row === undefined ? {} : { problem: row.problem }),
    };
    foldings.push({ one, folding });
  }
  await tools.load(tools.book.missing(foldings.map(({ folding }) => folding)));
  const rows = foldings.map(({ one, folding }): ExplainedRow => {
    const { problem, pod, peer } = tools.book.fold(folding);
    return before.get(one.uuid) ?? rowOf(one, folding.explanation, { problem, pod, peer });
  });
  return {
    batch,
    rows,
    minutes: minutesOf(rows, batch),
    explanations: new Map(foldings.map(({ folding }) => [folding.uuid, folding.explanation])),
  };
}

function pairsOf({ flows }: BatchWork, { pairs, landed }: BatchTools): PairedDrop[] {
  const found: PairedDrop[] = [];
  for (const one of flows) {
    if (!isExplained(one.flow)) continue;
    landed.set(one.flow, one);
    found.push(...pairs.push(one.flow));
  }
  // Of a drop whose verdict comes in the next batch, the answer is not delayed: both are one problem.
  found.push(...pairs.flush());
  return found;
}

/** Each by its own time: a batch may hold flows of several days, and of clocks that are wrong. */
async function explain(one: LandedFlow, told: Flow, tools: BatchTools): Promise<DropExplanation> {
  // A flow without a time is judged by the newest state.
  const time = one.timeNs > 0n ? Number(one.timeNs / MS_NS) : Number.MAX_SAFE_INTEGER;
  const explanation = (await tools.explainerAt(time)).explain(told);
  if (explanation.uuid !== "" && explanation.time !== "") return explanation;
  // Without a uuid or time of its own it is known by what the store gave it.
  return {
    ...explanation,
    uuid: explanation.uuid || one.uuid,
    time: explanation.time || (one.timeNs > 0n ? formatTimeNs(one.timeNs) : ""),
  };
}

function fromRow({ uuid, timeNs, explanation }: ExplainedRow): DropExplanation {
  const content = JSON.parse(explanation) as Omit<DropExplanation, "uuid" | "time">;
  return { uuid, time: timeNs > 0n ? formatTimeNs(timeNs) : "", ...content };
}

function rowOf(
  { batch, timeNs, uuid, weight, flow }: LandedFlow,
  explanation: DropExplanation,
  folded: { readonly problem: string; readonly pod: string; readonly peer: string },
): ExplainedRow {
  const { uuid: _, time: __, ...content } = explanation;
  return {
    batch,
    timeNs,
    uuid,
    weight,
    ...folded,
    told: flow.event_type?.type === EVENT.policyVerdict ? "verdict" : "drop",
    outcome: explanation.outcome,
    agreement: explanation.agreement,
    sourceNamespace: flow.source?.namespace ?? "",
    destinationNamespace: flow.destination?.namespace ?? "",
    node: flow.node_name ?? "",
    explanation: JSON.stringify(content),
  };
}

function minutesOf(rows: readonly ExplainedRow[], { storedAt }: LandedBatch): ProblemMinute[] {
  const minutes = new Map<
    string,
    { problem: string; minute: number; drops: number; verdicts: number }
  >();
  for (const { problem, timeNs, told, weight } of rows) {
    const at = timeNs > 0n ? Number(timeNs / MS_NS) : storedAt;
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const key = `${problem} ${minute}`;
    let found = minutes.get(key);
    if (found === undefined) minutes.set(key, (found = { problem, minute, drops: 0, verdicts: 0 }));
    if (told === "verdict") found.verdicts += weight;
    else found.drops += weight;
  }
  return [...minutes.values()];
}
