import {
  type AuditFinding,
  type DnsFinding,
  type FlowFilter,
  type FlowSelection,
  LOCAL_VIEWER,
  parseTimeNs,
} from "@dropscope/model";
import type {
  AuditReader,
  BundledGap,
  BundleQuery,
  FlowReader,
  ProblemReader,
} from "@dropscope/store";
import type { Redactor } from "../redact/redactor.js";

const MOST = 100_000;

export interface FindingSource {
  readonly problems: Pick<ProblemReader, "dnsFindings">;
  readonly audit: AuditReader;
  readonly flows: Pick<FlowReader, "page">;
  readonly query: BundleQuery;
  readonly signal: AbortSignal;
}

/** What was found about name lookups in the range; with filters, only what the chosen flows show. */
export async function dnsIn(source: FindingSource): Promise<DnsFinding[]> {
  const { since, until } = source.query;
  const found = await source.problems.dnsFindings(
    { viewer: LOCAL_VIEWER, range: { since, until }, limit: MOST },
    source.signal,
  );
  return shown(found, source);
}

export async function auditIn(source: FindingSource): Promise<AuditFinding[]> {
  const { since, until } = source.query;
  const found = await source.audit.auditFindings(
    { viewer: LOCAL_VIEWER, since, limit: MOST },
    source.signal,
  );
  return shown(
    found.filter(({ firstSeen }) => (parseTimeNs(firstSeen) ?? 0n) <= until),
    source,
  );
}

async function shown<Finding extends { id: string; evidence: readonly string[] }>(
  findings: readonly Finding[],
  source: FindingSource,
): Promise<Finding[]> {
  const kept: Finding[] = [];
  for (const one of findings) if (await isShown(one.evidence, source)) kept.push(one);
  return kept.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function isShown(
  evidence: readonly string[],
  { flows, query, signal }: FindingSource,
): Promise<boolean> {
  const { allow, deny } = query.selection;
  if (allow.length === 0 && deny.length === 0) return true;
  if (evidence.length === 0) return false;
  const selection: FlowSelection = { allow: amongst(allow, evidence), deny };
  if (selection.allow.length === 0) return false;
  const page = await flows.page(
    { viewer: LOCAL_VIEWER, selection, since: query.since, until: query.until, limit: 1 },
    signal,
  );
  return page.rows.length > 0;
}

/** The filters, each limited to these flows. */
function amongst(filters: readonly FlowFilter[], uuids: readonly string[]): FlowFilter[] {
  const all: readonly FlowFilter[] = filters.length === 0 ? [{}] : filters;
  return all.flatMap((filter) => {
    const { uuid = uuids } = filter;
    const both = uuid.filter((one) => uuids.includes(one));
    return both.length === 0 ? [] : [{ ...filter, uuid: both }];
  });
}

export function* findingLines(findings: readonly (DnsFinding | AuditFinding)[]): Iterable<string> {
  for (const one of findings) yield `${JSON.stringify(one)}\n`;
}

export function* gapLines(gaps: readonly BundledGap[], redactor: Redactor): Iterable<string> {
  for (const one of gaps)
    yield `${JSON.stringify({
      id: gapId(one.id, redactor),
      time: one.time,
      node: redactor.node(one.node),
      cause: one.cause,
      source: one.source,
      count: one.count,
      from: one.from,
      to: one.to,
      cpu: one.cpu,
      message: one.message === undefined ? undefined : redactor.text(one.message),
    })}\n`;
}

/** It is a hash of the node's name among others. */
function gapId(id: string, redactor: Redactor): string {
  const hex = redactor.id(id.replaceAll("-", ""));
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
