import { createHash } from "node:crypto";
import { DropscopeError, EXIT, type FlowSelection } from "@dropscope/model";
import {
  createAuditReader,
  createBundleReader,
  createCorrelatorStore,
  createObjectReader,
  createProblemReader,
  createReader,
  SCHEMA_VERSION,
  type StoreClient,
} from "@dropscope/store";
import { type ArchiveFile, createArchive } from "../archive/write.js";
import {
  BUNDLE_FORMAT,
  BUNDLE_KIND,
  type BundleCounts,
  FILES,
  type Manifest,
  type ManifestFile,
} from "../format.js";
import type { Redactor } from "../redact/redactor.js";
import { explanationLines } from "./explanation-lines.js";
import { auditIn, dnsIn, findingLines, gapLines } from "./finding-lines.js";
import { filtersTold } from "./filters-told.js";
import { flowLines } from "./flow-lines.js";
import {
  contentLines,
  policyFiles,
  policyText,
  versionLines,
  versionsIn,
  watchLines,
} from "./object-lines.js";
import { minuteLines, problemsIn, type ProblemTotals } from "./problem-lines.js";
import type { IncidentRange } from "./range.js";
import { createReport } from "./report.js";
import { clockText, msOf } from "./times.js";

export interface ExportTask {
  readonly client: StoreClient;
  /** The file; it is there when the export is whole, and not before. */
  readonly path: string;
  readonly range: IncidentRange;
  readonly selection: FlowSelection;
  /** The filter as it was given. */
  readonly filters: readonly string[];
  readonly cluster: string;
  readonly redactor: Redactor;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Flows that are written, of how many. */
  readonly onFlows?: (done: number, total: number) => void;
}

/**
 * Writes everything that is known of a range into one file. Long parts stream; the same range of
 * the same store gives the same bytes.
 * @throws DropscopeError `INCIDENT_EMPTY`
 */
export async function exportIncident(task: ExportTask): Promise<Manifest> {
  const archive = createArchive(task.path, msOf(task.range.until));
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(task.signal.reason as Error);
    if (task.signal.aborted) stop();
    task.signal.addEventListener("abort", stop, { once: true });
  });
  stopped.catch(() => undefined);
  try {
    const plan = await planOf(task);
    const files: ManifestFile[] = [];
    for await (const file of plan.files())
      files.push(await Promise.race([archive.add(file), stopped]));
    const manifest = manifestOf(task, plan.counts, files);
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await Promise.race([archive.add({ name: FILES.manifest, content: () => [text] }), stopped]);
    await Promise.race([archive.finish(), stopped]);
    return manifest;
  } finally {
    await archive.discard();
  }
}

interface Plan {
  readonly counts: BundleCounts;
  /** In their order; each must be written before the next is asked for. */
  files(): AsyncIterable<ArchiveFile>;
}

async function planOf(task: ExportTask): Promise<Plan> {
  const { client, range, selection, redactor, signal } = task;
  const query = { ...range, selection };
  const reader = createBundleReader(client, signal);
  const flows = createReader(client, { limits: "profile" });
  const objects = createObjectReader(client, { limits: "profile" });
  const source = { objects, range, redactor, signal };
  const finding = {
    problems: createProblemReader(client, { limits: "profile" }),
    audit: createAuditReader(client, { limits: "profile" }),
    flows,
    query,
    signal,
  };
  const total = await reader.countFlows(query);
  const versions = await versionsIn(source);
  const [dns, audit, gaps] = [
    await dnsIn(finding),
    await auditIn(finding),
    await reader.gaps(query),
  ];
  const totals: ProblemTotals = new Map();
  const counts = { ...NOTHING, versions: versions.length, gaps: gaps.length };
  const report = createReport({ task, flows, versions });
  const problemSource = {
    reader,
    correlated: createCorrelatorStore(client),
    query,
    redactor,
    signal,
    findings: new Set(dns.map(({ id }) => id)),
  };

  if (redactor.redactsNames) await meetNames();

  /** Prose is redacted by the names that were met before, so all of them must be. */
  async function meetNames(): Promise<void> {
    for await (const some of reader.names(query)) for (const one of some) redactor.met(one);
    redactor.name(task.cluster);
    for (const _ of versionLines(versions, redactor));
    for await (const _ of contentLines(source, versions, { contents: 0 }));
    for await (const _ of explanationLines(reader, query, redactor, { explained: 0 }));
    const met: ProblemTotals = new Map();
    for await (const _ of minuteLines(reader, query, redactor, met));
    for await (const _ of problemsIn(problemSource, met));
    for (const one of dns) redactor.dns(one);
    for (const one of audit) redactor.audit(one);
    for (const _ of gapLines(gaps, redactor));
  }

  async function* problemLines(): AsyncIterable<string> {
    for await (const { storedAs, problem } of problemsIn(problemSource, totals)) {
      counts.problems += 1;
      report.problem(storedAs, problem);
      yield `${JSON.stringify(problem)}\n`;
    }
  }

  async function* files(): AsyncIterable<ArchiveFile> {
    const large = total > LARGE_FLOWS;
    yield {
      name: FILES.flows,
      large,
      content: () =>
        flowLines(reader, query, redactor, counts, (done) => task.onFlows?.(done, total)),
    };
    yield {
      name: FILES.explanations,
      large,
      content: () => explanationLines(reader, query, redactor, counts),
    };
    yield {
      name: FILES.minutes,
      content: () => minuteLines(reader, query, redactor, totals, report.minute),
    };
    if (counts.flows + counts.losses === 0 && totals.size === 0) throw empty(range);
    yield { name: FILES.problems, content: problemLines };
    yield { name: FILES.gaps, content: () => gapLines(gaps, redactor) };
    const shownDns = findingsOf(dns, redactor.dns);
    counts.dnsFindings = shownDns.length;
    yield { name: FILES.dns, content: () => findingLines(shownDns) };
    const shownAudit = findingsOf(audit, redactor.audit);
    counts.auditFindings = shownAudit.length;
    yield { name: FILES.audit, content: () => findingLines(shownAudit) };
    yield { name: FILES.versions, content: () => versionLines(versions, redactor) };
    yield { name: FILES.contents, content: () => contentLines(source, versions, counts) };
    yield { name: FILES.watches, content: () => watchLines(source) };
    const policies = policyFiles(versions, range, redactor);
    counts.policies = policies.length;
    for (const policy of policies)
      yield { name: policy.name, content: () => policyText(source, policy) };
    yield* report.files({ counts, dns: shownDns, audit: shownAudit, gaps });
  }

  return { counts, files };
}

/** From so many flows on, a part may exceed what the plain format can tell of. */
const LARGE_FLOWS = 500_000;

const NOTHING: { -readonly [Key in keyof BundleCounts]: number } = {
  flows: 0,
  losses: 0,
  shortened: 0,
  explained: 0,
  problems: 0,
  policies: 0,
  versions: 0,
  contents: 0,
  dnsFindings: 0,
  auditFindings: 0,
  gaps: 0,
};

function findingsOf<Finding extends { readonly id: string }>(
  findings: readonly Finding[],
  redact: (one: Finding) => Finding,
): Finding[] {
  return findings.map(redact).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function manifestOf(task: ExportTask, counts: BundleCounts, files: ManifestFile[]): Manifest {
  const { range, filters, cluster, redactor, version } = task;
  const hash = createHash("sha256");
  for (const { name, sha256 } of files) hash.update(`${name}\n${sha256}\n`);
  return {
    kind: BUNDLE_KIND,
    format: BUNDLE_FORMAT,
    id: hash.digest("hex"),
    madeBy: { name: "dropscope", version, schema: SCHEMA_VERSION },
    range: { since: rangeText(range.since), until: rangeText(range.until) },
    filters: filtersTold(filters, redactor),
    cluster: redactor.name(cluster),
    redaction: { names: redactor.redactsNames, key: redactor.keyName, l7: redactor.dropsL7 },
    counts,
    files,
  };
}

const rangeText = (ns: bigint): string =>
  `${new Date(msOf(ns)).toISOString().slice(0, 19)}.${String(ns % 1_000_000_000n).padStart(9, "0")}Z`;

function empty({ since, until }: IncidentRange): DropscopeError {
  return new DropscopeError(
    "INCIDENT_EMPTY",
    `Nothing is stored between ${clockText(msOf(since))} and ${clockText(msOf(until))} UTC that matches.`,
    {
      next: "`dropscope observe --first 1` and `--last 1` show where the stored flows begin and end.",
      exitCode: EXIT.noInput,
    },
  );
}
