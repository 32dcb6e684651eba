import { type CompareChange, podOwner, type Viewer } from "@dropscope/model";
import type { Workload } from "@dropscope/policy";
import type { ObjectReader, StoredVersion } from "@dropscope/store";

type Labels = Readonly<Record<string, string>>;

/** Labels that controllers put on each pod or each rollout: they differ without anybody having changed them. */
const OF_ONE_POD =
  /^(pod-template-hash|rollouts-pod-template-hash|controller-revision-hash|pod-template-generation|controller-uid|job-name|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/.*)$/;

/** More namespaces than this are read at once rather than one by one. */
const FEW_NAMESPACES = 8;

/** Times are ms since 1970. */
export interface ChangeSpan {
  readonly since: number;
  readonly until: number;
}

/** Moments at which a workload's newest pod has other labels than the one before it. */
export async function workloadChanges(
  objects: ObjectReader,
  viewer: Viewer,
  span: ChangeSpan,
  signal: AbortSignal,
): Promise<CompareChange[]> {
  const query = { viewer, ...span, kinds: ["Pod"] };
  const began = (await objects.versions(query, signal)).filter(({ from }) => isWithin(from, span));
  const namespaces = [...new Set(began.map(({ namespace }) => namespace))];
  if (namespaces.length === 0) return [];
  const loads =
    namespaces.length > FEW_NAMESPACES
      ? [objects.loadVersions(query, signal)]
      : namespaces.map((namespace) => objects.loadVersions({ ...query, namespace }, signal));
  const byWorkload = new Map<string, StoredVersion[]>();
  for (const version of (await Promise.all(loads)).flat()) {
    const key = `${version.namespace}/${workloadOf(version)}`;
    byWorkload.set(key, [...(byWorkload.get(key) ?? []), version]);
  }
  return [...byWorkload.values()].flatMap((versions) => changesOfWorkload(versions, span));
}

function changesOfWorkload(versions: readonly StoredVersion[], span: ChangeSpan): CompareChange[] {
  let known: Labels | undefined;
  return versions
    .toSorted((a, b) => a.from - b.from)
    .flatMap((version): CompareChange[] => {
      const labels = labelsOf(version, OF_ONE_POD);
      const changed = known === undefined ? [] : labelChanges(known, labels);
      known = labels;
      if (changed.length === 0 || !isWithin(version.from, span)) return [];
      const { namespace } = version;
      return [
        {
          time: new Date(version.from).toISOString(),
          what: "workload",
          action: "changed",
          kind: "Workload",
          namespace,
          name: workloadOf(version),
          labels: changed,
        },
      ];
    });
}

/** `+key=value` for what came, `−key=value` for what went; by key. */
export function labelChanges(before: Labels, after: Labels): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    const came = is === undefined ? [] : [`+${key}=${is}`];
    return was === is ? [] : came.concat(was === undefined ? [] : [`−${key}=${was}`]);
  });
}

export function labelsOf({ spec }: StoredVersion, but?: RegExp): Labels {
  const { labels = {} } = (spec ?? {}) as { labels?: Labels };
  return but === undefined
    ? labels
    : Object.fromEntries(Object.entries(labels).filter(([key]) => !but.test(key)));
}

function workloadOf({ name, spec }: StoredVersion): string {
  const { owner, labels = {} } = (spec ?? {}) as Partial<Workload>;
  // A ReplicaSet is one rollout of its Deployment, and named so.
  const rollout = `-${labels["pod-template-hash"] ?? ""}`;
  const controller = owner?.name.endsWith(rollout)
    ? owner.name.slice(0, -rollout.length)
    : owner?.name;
  return podOwner(name) || controller || name;
}

export function isWithin(at: number, { since, until }: ChangeSpan): boolean {
  return at > since && at <= until;
}
