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
import type { ChangeMark, DnsRule, Flow, Gap, GapCause, ObservedItem } from "@dropscope/model";
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

export function readCase(name: string): CaseFolder {
  const dir = join(CASES, name);
  const lines = readFileSync(join(dir, "flows.jsonl"), "utf8").trimEnd().split("\n");
  const items = lines.map((line) => JSON.parse(line) as ObservedItem);
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

/** What the cluster of a case was like, at every moment. */
export function catalogOf(folder: CaseFolder): Catalog {
  const { dir } = folder;
  const files = [
    ...readdirSync(join(dir, "policies")).map((file) => join("policies", file)),
    "world.yaml",
  ];
  const manifests = mergeManifests(files.sort().map((file) => readManifests(dir, file)));
  const catalog = catalogOfManifests(manifests, profileOf(folder));
  if (folder.hasHistory)
    for (const step of parse(readFileSync(join(dir, "history.yaml"), "utf8")) as Step[])
      apply(catalog, dir, step);
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
  return dnsFindings(folder.flows, policies, { gaps: folder.gaps }).map((finding) => ({
    rule: finding.rule,
    client: `${finding.client.namespace}/${finding.client.name}`,
    server: [finding.server.namespace, finding.server.name].filter((part) => part !== "").join("/"),
    query: finding.query,
    detail: finding.detail,
    count: finding.count,
    policies: finding.policies.map(({ namespace, name }) => `${namespace}/${name}`),
    stall: finding.stall === null ? null : [finding.stall.from, finding.stall.to],
  }));
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

function apply(catalog: Catalog, dir: string, { at, set, remove }: Step): void {
  const time = Date.parse(at);
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
