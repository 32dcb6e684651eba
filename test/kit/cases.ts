import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  catalogOfManifests,
  createDropPairs,
  createExplainer,
  dnsFindings,
  explanationLine,
  type ExplanationLine,
  isExplained,
} from "@dropscope/correlator";
import type {
  ChangeMark,
  DnsFinding,
  DnsRule,
  Flow,
  Gap,
  GapCause,
  ObservedItem,
  PolicyName,
} from "@dropscope/model";
import {
  type Catalog,
  type CatalogObject,
  mergeManifests,
  type ObjectId,
  parseManifests,
  type Profile,
  type ProfileName,
  PROFILES,
} from "@dropscope/policy";
import { expect } from "vitest";
import { parse } from "yaml";

/** Case folders: `flows.jsonl`, `policies/`, `world.yaml`, `expected.json`, and for some `history.yaml`. */
export const CASES = join(import.meta.dirname, "../cases");

export interface CaseFolder {
  readonly name: string;
  readonly dir: string;
  readonly flows: readonly Flow[];
  /** Losses that the file tells of between its flows. */
  readonly gaps: readonly Gap[];
  readonly expected: Expected;
  /** Whether the policies changed while the flows came: then a folder of manifests alone cannot tell it. */
  readonly hasHistory: boolean;
}

export interface Expected {
  /** What the case shows; one sentence. */
  readonly what: string;
  readonly profile?: ProfileName;
  /** What each dropped or audited flow must be told as, in the order of the flows. */
  readonly explained?: readonly ExpectedLine[];
  /** Every DNS finding that must be made, by rule and client: no other may be. */
  readonly dns?: readonly ExpectedFinding[];
  /** Rules that the case looks like, and that must find nothing in it. */
  readonly misleads?: readonly DnsRule[];
}

export type ExpectedLine = Omit<ExplanationLine, "time" | "sentence"> & {
  /** Words that the sentence must hold. */
  readonly mentions?: readonly string[];
  /** The change that must be told; fields that are left out may be anything. */
  readonly change?: Partial<ChangeMark>;
};

export interface ExpectedFinding {
  readonly rule: DnsRule;
  /** `namespace/workload`. */
  readonly client: string;
  readonly server?: string;
  readonly query?: string;
  readonly detail?: string;
  readonly count?: number;
  /** `namespace/name`. */
  readonly policies?: readonly string[];
  /** Seconds, from and to. */
  readonly stall?: readonly [number, number] | null;
}

/** One step of `history.yaml`: from `at` on the objects of a file of `history/` hold, or one is gone. */
interface Step {
  readonly at: string;
  readonly set?: string;
  readonly remove?: { readonly kind: string; readonly namespace: string; readonly name: string };
}

export function caseNames(): string[] {
  return readdirSync(CASES)
    .filter((name) => existsSync(join(CASES, name, "flows.jsonl")))
    .sort();
}

/** What the file of flows holds, line by line. */
export function linesOf({ dir }: Pick<CaseFolder, "dir">): ObservedItem[] {
  const lines = readFileSync(join(dir, "flows.jsonl"), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as ObservedItem);
}

export function readCase(name: string): CaseFolder {
  const dir = join(CASES, name);
  const items = linesOf({ dir });
  return {
    name,
    dir,
    flows: items.flatMap(({ flow }) => flow ?? []),
    gaps: items.flatMap(gapOf),
    expected: JSON.parse(readFileSync(join(dir, "expected.json"), "utf8")) as Expected,
    hasHistory: existsSync(join(dir, "history.yaml")),
  };
}

export function profileOf({ expected }: CaseFolder): Profile {
  return PROFILES[expected.profile ?? "cilium"];
}

/**
 * What the cluster of a case was like, at every moment.
 * @param shiftMs how much later than in the folder everything happens
 */
export function catalogOf(folder: CaseFolder, shiftMs = 0): Catalog {
  const { dir } = folder;
  const files = [
    ...readdirSync(join(dir, "policies")).map((file) => join("policies", file)),
    "world.yaml",
  ];
  const manifests = mergeManifests(files.sort().map((file) => readManifests(dir, file)));
  const catalog = catalogOfManifests(manifests, profileOf(folder));
  if (folder.hasHistory)
    for (const step of parse(readFileSync(join(dir, "history.yaml"), "utf8")) as Step[])
      apply(catalog, dir, step, shiftMs);
  return catalog;
}

/** As `dropscope explain -o json` tells them, in its order, with the changes that it leaves out. */
export function explainCase(
  folder: CaseFolder,
): (ExplanationLine & { change: ChangeMark | null })[] {
  const profile = profileOf(folder);
  const explainer = createExplainer({ history: catalogOf(folder), profile });
  const pairs = createDropPairs();
  const dropped = folder.flows.filter(isExplained);
  return [...dropped.flatMap((flow) => pairs.push(flow)), ...pairs.flush()].map(({ told }) => {
    const explanation = explainer.explain(told);
    return Object.assign(explanationLine(explanation), { change: explanation.change });
  });
}

/** What the DNS rules find in a case, as `expected.json` writes it. */
export function dnsOfCase(folder: CaseFolder): ExpectedFinding[] {
  const policies = { history: catalogOf(folder), profile: profileOf(folder) };
  return dnsFindings(folder.flows, policies, { gaps: folder.gaps }).map(findingText);
}

export function findingText(finding: DnsFinding): ExpectedFinding {
  const { rule, client, server, query, detail, count, policies, stall } = finding;
  return {
    rule,
    client: `${client.namespace}/${client.name}`,
    server: [server.namespace, server.name].filter((part) => part !== "").join("/"),
    query,
    detail,
    count,
    policies: policies.map(({ namespace, name }) => `${namespace}/${name}`),
    stall: stall === null ? null : [stall.from, stall.to],
  };
}

export function expectDns({ expected }: CaseFolder, found: readonly ExpectedFinding[]): void {
  const { dns, misleads = [] } = expected;
  if (dns === undefined) return;
  const sorted = found.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  expect(sorted).toMatchObject(dns);
  expect(found.filter(({ rule }) => misleads.includes(rule))).toEqual([]);
  expect(found).toHaveLength(dns.length);
}

const orderOf = ({ rule, client }: ExpectedFinding): string => `${rule.padEnd(4)} ${client}`;

type Line = Omit<ExplanationLine, "time" | "sentence">;

export function expectExplained(
  { expected }: CaseFolder,
  lines: readonly (ExplanationLine & { change?: ChangeMark | null })[],
): void {
  if (expected.explained === undefined) return;
  expect(lines.map(plain)).toMatchObject(expected.explained.map(plain));
  for (const [i, { mentions = [], change }] of expected.explained.entries()) {
    const line = lines[i];
    for (const words of mentions) expect(line?.sentence).toContain(words);
    if (change !== undefined && line !== undefined && "change" in line)
      expect(line.change).toMatchObject(change);
  }
}

/** Without the time and the sentence, of which only some words are written down; the order of policies says nothing. */
function plain(line: Line): Line {
  const { uuid, direction, outcome, selecting, denying, nearest, agreement } = line;
  const text = ({ kind, namespace, name }: PolicyName): string => `${namespace}/${name}/${kind}`;
  const sorted = selecting.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
  return { uuid, direction, outcome, selecting: sorted, denying, nearest, agreement };
}

const CAUSES: Readonly<Record<string, GapCause>> = {
  PERF_EVENT_RING_BUFFER: "perf-ring",
  HUBBLE_RING_BUFFER: "hubble-ring",
};

function gapOf({ lost_events: lost, node_name: node = "", time = "" }: ObservedItem): Gap[] {
  if (lost === undefined) return [];
  const cause = CAUSES[String(lost.source)] ?? "lost-other";
  return [{ time, node, cause, count: Number(lost.num_events_lost ?? 0) }];
}

function readManifests(dir: string, file: string): ReturnType<typeof parseManifests> {
  return parseManifests(readFileSync(join(dir, file), "utf8"), file);
}

function apply(catalog: Catalog, dir: string, { at, set, remove }: Step, shiftMs: number): void {
  const time = Date.parse(at) + shiftMs;
  if (remove !== undefined)
    catalog.apply({ type: "delete", at: time, id: remove as unknown as ObjectId });
  if (set === undefined) return;
  const { policies, workloads, namespaces } = readManifests(dir, join("history", set));
  const put = (object: CatalogObject): void => catalog.apply({ type: "set", at: time, object });
  const [policy] = policies;
  if (policy !== undefined) {
    const { kind, namespace, name } = policy;
    put({ kind, namespace, name, value: policies });
  }
  for (const value of workloads)
    put({ kind: "Pod", namespace: value.namespace, name: value.name, value });
  for (const value of namespaces)
    if (value.place !== undefined)
      put({ kind: "Namespace", namespace: "", name: value.name, value });
}
