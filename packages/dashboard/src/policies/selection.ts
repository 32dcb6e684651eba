import { type Peer, podOwner, type PolicySelection } from "@dropscope/model";
import { isPolicyOf, type PolicyOf } from "./policies-of.js";
import type { World } from "@dropscope/tuning";
import { type Endpoint, selectsEndpoint } from "@dropscope/policy";

const MOST_PODS = 200;

interface Pod {
  readonly name: string;
  readonly workload: Peer;
}

/** Pods that look alike to policies. */
interface Group {
  readonly endpoint: Endpoint;
  readonly pods: Pod[];
}

/** Which pods policies are about. Equal pods are looked at once. */
export interface Selections {
  of(policy: PolicyOf): PolicySelection;
}

export function createSelections({ view, objects }: World): Selections {
  const groups = new Map<string, Group>();
  for (const object of objects) {
    if (object.kind !== "Pod") continue;
    const { namespace, name, value } = object;
    const endpoint = view.endpoint(`${namespace}/${name}`);
    if (endpoint === undefined || endpoint.kind !== "pod") continue;
    const owner = value.owner?.name ?? (value.kind === "Pod" ? "" : value.name);
    const workload = podOwner(name) || owner;
    const peer: Peer =
      workload === ""
        ? { kind: "pod", namespace, name }
        : { kind: "workload", namespace, name: workload };
    const key = `${namespace}|${endpoint.hostNetwork}|${endpoint.labels.texts.join(",")}`;
    const group = groups.get(key) ?? { endpoint, pods: [] };
    group.pods.push({ name: `${namespace}/${name}`, workload: peer });
    groups.set(key, group);
  }
  const context = view.context();
  return {
    of(policy) {
      const pods = [...groups.values()]
        .filter(({ endpoint }) =>
          policy.specs.some((spec) => isPolicyOf(spec) && selectsEndpoint(spec, endpoint, context)),
        )
        .flatMap((group) => group.pods);
      const workloads = new Map(
        pods.map(({ workload }) => [`${workload.namespace}/${workload.name}`, workload]),
      );
      return {
        podCount: pods.length,
        pods: pods
          .map(({ name }) => name)
          .sort()
          .slice(0, MOST_PODS),
        workloads: [...workloads].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, peer]) => peer),
      };
    },
  };
}
