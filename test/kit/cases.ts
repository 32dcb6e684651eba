import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  catalogOfManifests,
  createDropPairs,
  createExplainer,
  explanationLine,
  type ExplanationLine,
  isExplained,
} from "@dropscope/correlator";
import type { ChangeMark, DnsRule, Flow } from "@dropscope/model";
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
  readonly expected: Expected;
  /** Whether the policies changed while the flows came: then a folder of manifests alone cannot tell it. */
  readonly hasHistory: boolean;
}

export interface Expected {
  /** What the case shows; one sentence. */
  readonly what: string;
  readonly profile?: ProfileName;
  /** What each dropped or audited flow must be told as, in the order of the flows. */
  readonly explained: readonly ExpectedLine[];
  /** Every DNS finding that must be made: no other may be. */
  readonly dns?: readonly ExpectedFinding[];
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
  readonly detail?: string;
  readonly count?: number;
  readonly policies?: readonly string[];
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
  return {
    name,
    dir,
    flows: lines.flatMap((line) => (JSON.parse(line) as { flow?: Flow }).flow ?? []),
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
    return { ...explanationLine(explanation), change: explanation.change };
  });
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
