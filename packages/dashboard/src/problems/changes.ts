import type { ChangeMark, Problem, Viewer } from "@dropscope/model";
import type { ObjectVersionRow } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";
import { POLICY_KINDS } from "@dropscope/tuning";

// Services decide only where a policy names one, and change with every rollout.
const KINDS = [...POLICY_KINDS, "Namespace", "CiliumCIDRGroup"];
const MOST_MARKS = 200;

/**
 * Changes in the time of a chart that may have to do with a problem: of policies in the
 * namespaces of its ends, of those namespaces, and of what holds for the whole cluster.
 * @param since,until ms since 1970
 */
export async function changesAround(
  { objects }: Pick<Knowledge, "objects">,
  problem: Problem,
  viewer: Viewer,
  { since, until }: { readonly since: number; readonly until: number },
  signal: AbortSignal,
): Promise<ChangeMark[]> {
  const versions = await objects.versions({ viewer, since, until, kinds: KINDS }, signal);
  const near = new Set([problem.source.namespace, problem.destination.namespace, ""]);
  const marks = changesOf(versions).filter(
    ({ time, what, namespace, name }) =>
      isWithin(Date.parse(time), since, until) && near.has(what === "namespace" ? name : namespace),
  );
  const { change } = problem;
  if (change !== null && marks.every((mark) => !isSame(mark, change))) marks.push(change);
  return marks.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)).slice(-MOST_MARKS);
}

/** What happened between the versions of objects. */
export function changesOf(versions: readonly ObjectVersionRow[]): ChangeMark[] {
  const byObject = new Map<string, ObjectVersionRow[]>();
  for (const version of versions) {
    const key = `${version.kind}/${version.namespace}/${version.name}`;
    byObject.set(key, [...(byObject.get(key) ?? []), version]);
  }
  return [...byObject.values()].flatMap((some) => {
    const ordered = some.toSorted((a, b) => a.from - b.from);
    return ordered.flatMap((version, at) => {
      const before = ordered[at - 1];
      const after = ordered[at + 1];
      const follows = before !== undefined && before.to >= version.from;
      const begins = Number.isFinite(version.from)
        ? [markOf(version, version.from, follows ? "changed" : "added")]
        : [];
      const isGone =
        Number.isFinite(version.to) && (after === undefined || after.from > version.to);
      return isGone ? begins.concat(markOf(version, version.to, "removed")) : begins;
    });
  });
}

function markOf(
  { kind, namespace, name }: ObjectVersionRow,
  at: number,
  action: ChangeMark["action"],
): ChangeMark {
  return {
    time: new Date(at).toISOString(),
    what: WHAT[kind] ?? "policy",
    action,
    kind,
    namespace,
    name,
  };
}

const WHAT: Readonly<Record<string, ChangeMark["what"]>> = {
  Namespace: "namespace",
  CiliumCIDRGroup: "cidr-group",
  Pod: "pod",
};

function isWithin(at: number, since: number, until: number): boolean {
  return at >= since && at <= until;
}

/** The correlator's mark may have a finer time. */
function isSame(a: ChangeMark, b: ChangeMark): boolean {
  return (
    a.kind === b.kind &&
    a.namespace === b.namespace &&
    a.name === b.name &&
    a.action === b.action &&
    Math.abs(Date.parse(a.time) - Date.parse(b.time)) < 1000
  );
}
