import type { DropExplanation, Flow } from "@dropscope/model";
import type { Folding } from "./book.js";

const START = 1_700_000_000_000;

export const minutes = (count: number): number => START + count * 60_000;

export const uuidOf = (number: number): string =>
  `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

export function explanationOf(part: Partial<DropExplanation> = {}): DropExplanation {
  return {
    uuid: "",
    time: "",
    direction: "egress",
    outcome: "default-deny",
    selecting: [{ kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" }],
    denying: [],
    nearest: null,
    agreement: "cilium-silent",
    sentence: "It was dropped.",
    next: "",
    reason: "POLICY_DENIED",
    audited: false,
    change: null,
    places: [],
    ...part,
  };
}

/** A pod of web/checkout asks kube-system/coredns; `flow` says what is different. */
export function flowOf(flow: Partial<Flow> = {}): Flow {
  return {
    node_name: "node-1",
    verdict: "DROPPED",
    IP: { source: "10.0.1.5", destination: "10.0.2.9" },
    l4: { UDP: { source_port: 40_000, destination_port: 53 } },
    source: { namespace: "web", pod_name: "checkout-0", workloads: [{ name: "checkout" }] },
    destination: {
      namespace: "kube-system",
      pod_name: "coredns-0",
      workloads: [{ name: "coredns" }],
    },
    ...flow,
  };
}

export interface FoldingPart {
  readonly number?: number;
  readonly flow?: Partial<Flow>;
  readonly explanation?: Partial<DropExplanation>;
  /** ms since 1970 of the flow and of its landing. */
  readonly at?: number;
  readonly landedAt?: number;
  readonly partner?: string;
  readonly problem?: string;
}

export function foldingOf({
  number = 1,
  flow,
  explanation,
  at = minutes(0),
  landedAt = at,
  ...rest
}: FoldingPart = {}): Folding {
  return {
    flow: flowOf(flow),
    uuid: uuidOf(number),
    timeNs: BigInt(at) * 1_000_000n,
    landedAt,
    explanation: explanationOf(explanation),
    ...rest,
  };
}

/** A far end outside the cluster. */
export function toAddress(address: string, port = 443): Partial<Flow> {
  return {
    IP: { source: "10.0.1.5", destination: address },
    l4: { TCP: { source_port: 40_000, destination_port: port } },
    destination: { identity: 2, labels: ["reserved:world"] },
  };
}

/** A far end inside the cluster. */
export function toWorkload(name: string, port = 80, namespace = "shop"): Partial<Flow> {
  return {
    l4: { TCP: { source_port: 40_000, destination_port: port } },
    destination: { namespace, pod_name: `${name}-0`, workloads: [{ name }] },
  };
}
