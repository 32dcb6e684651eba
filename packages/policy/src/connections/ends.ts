import type { Endpoint } from "../endpoint.js";
import { addressEndpoint, podEndpoint } from "../world/ends.js";
import type { World } from "../world/world.js";
import type { WorldWorkload } from "../world/workloads.js";
import { type AddressRange, addressText, rangeText } from "./ranges.js";
import { compareText } from "./text.js";

export const NAME_LABEL = "kubernetes.io/metadata.name";

/** Stands for the pods of whatever serves Ingress and Route objects: nothing is known of them. */
export const INGRESS_CONTROLLER = "ingress-controller";

/** One end of a listed connection. */
export type End =
  | {
      readonly of: "workload";
      /** `ns/name[Kind]` */
      readonly text: string;
      readonly workload: WorldWorkload;
      readonly endpoint: Endpoint;
    }
  | {
      readonly of: "range";
      /** `0.0.0.0-9.255.255.255[External]` */
      readonly text: string;
      readonly range: AddressRange;
      readonly endpoint: Endpoint;
    }
  | { readonly of: "ingress-controller"; readonly text: string; readonly endpoint: Endpoint };

export type WorkloadEnd = Extract<End, { of: "workload" }>;

export interface Pair {
  readonly from: End;
  readonly to: End;
}

export function byEnds(a: Pair, b: Pair): number {
  return compareText(a.from.text, b.from.text) || compareText(a.to.text, b.to.text);
}

/**
 * The workloads of a world, sorted by their text.
 * @param asPods a pod of the host network is a pod like any other, instead of a part of its node
 */
export function workloadEnds(world: World, asPods: boolean): WorkloadEnd[] {
  return world.workloads
    .map((workload): WorkloadEnd => {
      const { namespace, name, kind, endpoint } = workload;
      return {
        of: "workload",
        text: `${namespace}/${name}[${kind}]`,
        workload,
        endpoint: asPods ? { ...endpoint, hostNetwork: false } : endpoint,
      };
    })
    .sort((a, b) => compareText(a.text, b.text));
}

/** All addresses of the range are judged as its first one: it is cut so that rules treat them alike. */
export function rangeEnd(range: AddressRange): End {
  const endpoint = addressEndpoint({ address: addressText(range.first) });
  return { of: "range", text: `${rangeText(range)}[External]`, range, endpoint };
}

/** A pod of the cluster of which nothing is known, in a namespace that nobody has declared. */
export function ingressControllerEnd(cluster: string): End {
  const namespace = `${INGRESS_CONTROLLER}-ns`;
  const endpoint = podEndpoint(
    { namespace, name: `${namespace}/${INGRESS_CONTROLLER}`, labels: {} },
    { [NAME_LABEL]: namespace },
    cluster,
  );
  return { of: "ingress-controller", text: `{${INGRESS_CONTROLLER}}`, endpoint };
}
