import type { OpenWorkload } from "@dropscope/model";
import { type Catalog, type Profile, podEndpoint, type Workload } from "@dropscope/policy";
import { momentAt } from "../explain/moment.js";

/** Workloads that are told, at most. */
const MAX_WORKLOADS = 10_000;

/**
 * Workloads that no policy restricts in one direction or in both, as the cluster was at a moment;
 * those that no policy selects at all come first, then by namespace and name. Pods of the host
 * network are left out: no policy can select them.
 *
 * @param time ms since 1970
 */
export function openWorkloads(catalog: Catalog, time: number, profile: Profile): OpenWorkload[] {
  const moment = momentAt(catalog, time, profile);
  const found = new Map<string, OpenWorkload & { pods: number }>();
  for (const pod of podsAt(catalog, time)) {
    if (pod.hostNetwork) continue;
    const { kind, name } = pod.owner ?? { kind: "Pod", name: pod.name };
    const key = JSON.stringify([pod.namespace, kind, name]);
    const known = found.get(key);
    // Replicas have equal labels but for what no selector should name.
    if (known !== undefined) {
      known.pods++;
      continue;
    }
    if (found.size >= MAX_WORKLOADS) continue;
    const full = `${pod.namespace}/${pod.name}`;
    const labels = moment.view.namespaceLabels(pod.namespace);
    const endpoint = podEndpoint({ ...pod, name: full }, labels, profile.cluster);
    const selecting = DIRECTIONS.map((direction) => moment.selecting(endpoint, direction));
    const open = DIRECTIONS.filter(
      (direction, i) => selecting[i]?.every(({ isolates }) => !isolates[direction]) ?? true,
    );
    const selected = selecting.some((policies) => policies.length > 0);
    found.set(key, { namespace: pod.namespace, name, kind, pods: 1, open, selected });
  }
  return [...found.values()].filter(({ open }) => open.length > 0).sort(compare);
}

const DIRECTIONS = ["ingress", "egress"] as const;

function* podsAt(catalog: Catalog, time: number): Generator<Workload> {
  for (const record of catalog.records()) {
    if (record.record !== "version" || record.object.kind !== "Pod") continue;
    const { from, to } = record;
    if ((from ?? Number.NEGATIVE_INFINITY) <= time && time < (to ?? Number.POSITIVE_INFINITY))
      yield record.object.value;
  }
}

function compare(a: OpenWorkload, b: OpenWorkload): number {
  if (a.selected !== b.selected) return a.selected ? 1 : -1;
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
