import {
  type AuditFinding,
  type DnsFinding,
  foldGaps,
  type Gap,
  LOCAL_VIEWER,
  parseTimeNs,
} from "@dropscope/model";
import type { BundledGap, BundledMinute, FlowReader, ObjectVersionRow } from "@dropscope/store";
import type { ArchiveFile } from "../archive/write.js";
import { type BundleCounts, FILES } from "../format.js";
import { changesIn } from "./changes.js";
import { type Chart, chartSvg } from "./chart.js";
import type { ExportTask } from "./export.js";
import type { BundledProblem } from "./problem-lines.js";
import { createTrend, stepOf, type Trend } from "./steps.js";
import { filtersTold } from "./filters-told.js";
import { summaryMarkdown, type SummaryProblem } from "./summary.js";
import { msOf } from "./times.js";

/** Problems that the summary tells of in full. */
const TOLD = 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Gathers what people read first, while the rest is written. */
export interface Report {
  /** A count of a problem, by its id in the store. */
  readonly minute: (one: BundledMinute) => void;
  /** @param id in the store; the bundle may call it otherwise */
  problem(id: string, problem: BundledProblem): void;
  files(found: {
    readonly counts: BundleCounts;
    readonly dns: readonly DnsFinding[];
    readonly audit: readonly AuditFinding[];
    readonly gaps: readonly BundledGap[];
  }): AsyncIterable<ArchiveFile>;
}

interface Told {
  readonly problem: BundledProblem;
  readonly trend: Trend;
}

export function createReport({
  task,
  flows,
  versions,
}: {
  readonly task: ExportTask;
  readonly flows: Pick<FlowReader, "drops" | "verdicts">;
  readonly versions: readonly ObjectVersionRow[];
}): Report {
  const { range, selection, redactor, signal } = task;
  const [from, until] = [msOf(range.since), msOf(range.until)];
  const stepMs = stepOf(range, MINUTE_MS);
  const steps = Math.max(1, Math.ceil((until - from + 1) / stepMs));
  const trends = new Map<string, Trend>();
  let told: Told[] = [];

  const trendOf = (id: string): Trend => {
    let trend = trends.get(id);
    if (trend === undefined) trends.set(id, (trend = createTrend(from, stepMs, steps)));
    return trend;
  };

  const query = { viewer: LOCAL_VIEWER, selection, ...range };

  async function dropsChart(gaps: Chart["gaps"]): Promise<string> {
    const step = stepOf(range);
    const timeline = await flows.drops({ ...query, stepMs: step }, signal);
    return chartSvg({
      title: "Dropped flows by reason",
      unit: `dropped flows in ${step / 1000} s`,
      from: timeline.from,
      stepMs: timeline.stepMs,
      series: timeline.series,
      gaps,
    });
  }

  function problemChart({ problem, trend }: Told, gaps: Chart["gaps"]): string {
    return chartSvg({
      title: `Drops of problem ${problem.id}`,
      unit: `drops in ${stepMs / MINUTE_MS} min`,
      from,
      stepMs,
      series: [{ key: problem.outcome, counts: trend.counts() }],
      gaps,
    });
  }

  return {
    minute: (one) => trendOf(one.problem).add(one.minute * 1000, one.drops, one.verdicts),
    problem(id, problem) {
      told.push({ problem, trend: trendOf(id) });
      if (told.length > TOLD * 4) told = mostFrequent(told);
    },
    async *files({ counts, dns, audit, gaps: rows }) {
      const gaps = foldGaps(
        rows.map((gap): Gap => Object.assign({}, gap, { node: redactor.node(gap.node) })),
      );
      const bands = bandsOf(gaps, from, until);
      const shown = mostFrequent(told);
      yield {
        name: "charts/drops.svg",
        content: async function* () {
          yield await dropsChart(bands);
        },
      };
      for (const one of shown)
        yield { name: chartName(one.problem), content: () => [problemChart(one, bands)] };
      const verdicts = await flows.verdicts(query, signal);
      const summary = {
        since: from,
        until,
        cluster: redactor.name(task.cluster),
        filters: filtersTold(task.filters, redactor),
        redaction: { names: redactor.redactsNames, l7: redactor.dropsL7 },
        version: task.version,
        counts,
        verdicts,
        problems: shown.map(({ problem, trend }): SummaryProblem => ({
          problem,
          chart: chartName(problem),
          trend: thinned(trend.counts()),
        })),
        moreProblems: counts.problems - shown.length,
        changes: changesIn(versions, from - HOUR_MS, until, redactor),
        gaps,
        dns,
        audit,
      };
      yield { name: FILES.summary, content: () => summaryMarkdown(summary) };
    },
  };
}

function mostFrequent(told: readonly Told[]): Told[] {
  return told
    .toSorted((a, b) => b.problem.count - a.problem.count || (a.problem.id < b.problem.id ? -1 : 1))
    .slice(0, TOLD);
}

const chartName = ({ id }: BundledProblem): string => `charts/problem-${id}.svg`;

const SPARKS = 30;

/** At most thirty sums of neighbours. */
function thinned(counts: readonly number[]): number[] {
  const each = Math.max(1, Math.ceil(counts.length / SPARKS));
  const sums = Array.from<number>({ length: Math.ceil(counts.length / each) }).fill(0);
  for (const [at, count] of counts.entries()) {
    const into = Math.floor(at / each);
    sums[into] = (sums[into] ?? 0) + count;
  }
  return sums;
}

function bandsOf(gaps: readonly Gap[], since: number, until: number): Chart["gaps"] {
  const ms = (time: string): number => msOf(parseTimeNs(time) ?? 0n);
  return gaps
    .map((gap) => {
      const from = ms(gap.from ?? gap.time);
      const to = gap.to === undefined ? (gap.from === undefined ? from : until) : ms(gap.to);
      return { from: Math.max(since, from), to: Math.min(until, Math.max(from, to)) };
    })
    .filter(({ from, to }) => from <= to);
}
