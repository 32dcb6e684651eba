import type { ChangeMark, CompareChange, Viewer } from "@dropscope/model";
import type { ObjectReader, StoredVersion } from "@dropscope/store";
import { changesOf } from "../problems/changes.js";
import { POLICY_KINDS } from "@dropscope/tuning";
import {
  type ChangeSpan,
  isWithin,
  labelChanges,
  labelsOf,
  workloadChanges,
} from "./label-changes.js";

const MOST_CHANGES = 300;
/** Where there are too many, what decides directly is kept. */
const WEIGHT: Readonly<Partial<Record<CompareChange["what"], number>>> = {
  workload: 2,
  namespace: 1,
};

/** Every change of policies, of namespaces and their labels and of workloads' labels in a span, oldest first. */
export async function changesWithin(
  objects: ObjectReader,
  viewer: Viewer,
  span: ChangeSpan,
  signal: AbortSignal,
): Promise<{ changes: CompareChange[]; more: boolean }> {
  const policyKinds = [...POLICY_KINDS, "CiliumCIDRGroup"];
  const [policies, namespaces, workloads] = await Promise.all([
    objects.versions({ viewer, ...span, kinds: policyKinds }, signal),
    objects.loadVersions({ viewer, ...span, kinds: ["Namespace"] }, signal),
    workloadChanges(objects, viewer, span, signal),
  ]);
  const all = [
    ...changesOf(policies).map((change) => withLabels(change, [])),
    ...namespaceChanges(namespaces),
    ...workloads,
  ].filter(({ time }) => isWithin(Date.parse(time), span));
  const kept = all
    .toSorted((a, b) => (WEIGHT[a.what] ?? 0) - (WEIGHT[b.what] ?? 0) || compare(b.time, a.time))
    .slice(0, MOST_CHANGES)
    .toSorted((a, b) => compare(a.time, b.time) || compare(keyOf(a), keyOf(b)));
  return { changes: kept, more: all.length > kept.length };
}

function namespaceChanges(versions: readonly StoredVersion[]): CompareChange[] {
  return changesOf(versions).flatMap((change): CompareChange[] => {
    const at = Date.parse(change.time);
    const own = versions.filter(({ name }) => name === change.name);
    // Times of versions are finer than the ms of a mark.
    const after = own.find(({ from }) => Math.abs(from - at) < 1);
    const before = own.find(({ to }) => Math.abs(to - at) < 1);
    const labels =
      change.action === "changed" && before !== undefined && after !== undefined
        ? labelChanges(labelsOf(before), labelsOf(after))
        : [];
    return change.action === "changed" && labels.length === 0 ? [] : [withLabels(change, labels)];
  });
}

function withLabels(
  { time, what, action, kind, namespace, name }: ChangeMark,
  labels: readonly string[],
): CompareChange {
  return { time, what, action, kind, namespace, name, labels };
}

const keyOf = ({ kind, namespace, name }: CompareChange): string => `${kind}/${namespace}/${name}`;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
