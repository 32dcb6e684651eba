import type { ObservedEdge, Peer, TrafficPattern } from "@dropscope/model";
import type { Connection, Direction } from "@dropscope/policy";
import type { PodClass } from "./directory.js";

/** One end as a rule may name it. */
export type Party =
  | { readonly of: "pods"; readonly pods: PodClass }
  /** Every pod of a namespace. */
  | { readonly of: "namespace"; readonly namespace: string }
  /** Every pod of the cluster. */
  | { readonly of: "cluster" }
  /** Cilium's word for what is neither pod nor address: `host`, `kube-apiserver`, `world`. */
  | { readonly of: "entity"; readonly entity: string }
  | { readonly of: "name"; readonly name: string }
  | { readonly of: "block"; readonly cidr: string };

/** What one side of a connection asks its policies for. */
export interface Ask {
  readonly direction: Direction;
  readonly subject: PodClass;
  readonly peer: Party;
  readonly protocol: Connection["protocol"];
  /** Inclusive; one port mostly. Types for ICMP. */
  readonly first: number;
  readonly last: number;
  /** It asks for names: where rules go by name, the proxy must see it. */
  readonly dns?: boolean;
  /** What was observed of it; undefined for what nobody asked for. */
  readonly seen?: Seen;
}

/** An edge that policies can speak of, and what was found out about it. */
export interface Seen {
  /** As `include` takes it. */
  readonly id: string;
  readonly edge: ObservedEdge;
  readonly connection: Connection;
  readonly client: Peer;
  readonly server: Peer;
  /** As the directory knows the workloads of both ends; their names where they are none. */
  readonly clientWorkload: string;
  readonly serverWorkload: string;
  readonly pattern: TrafficPattern;
}
