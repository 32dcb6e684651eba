import type { Flow } from "@dropscope/model";
import type { Node } from "../cluster/types.js";
import { createRing, type Ring, type RingEvent } from "./ring.js";

/** The Cilium agent of one node, as far as Hubble is concerned. */
export interface Agent {
  readonly node: Node;
  readonly ring: Ring;
  /** Can relay reach it? */
  reachable: boolean;
  /** Rises with every interruption: streams that hold an older number have lost their sub-stream. */
  epoch: number;
  /** Rises when sub-streams end without an error; nobody opens them again. */
  silence: number;
  /** Offset at which the agent started, ns. */
  startedAt: number;
  flows: number;
  /** Namespaces with the offset at which a flow last named them, ns. */
  readonly namespaces: Map<string, number>;
  write(event: RingEvent): void;
  /** The agent starts anew: its ring is empty. */
  restart(at: number): void;
}

export function createAgent(node: Node, capacity: number, holdNewest: boolean): Agent {
  const ring = createRing(capacity, holdNewest);
  const namespaces = new Map<string, number>();
  return {
    node,
    ring,
    namespaces,
    reachable: true,
    epoch: 0,
    silence: 0,
    startedAt: 0,
    flows: 0,
    write(event) {
      ring.write(event);
      if (event.flow === undefined) return;
      this.flows++;
      for (const name of namespacesOf(event.flow)) namespaces.set(name, event.at);
    },
    restart(at) {
      ring.clear();
      namespaces.clear();
      this.startedAt = at;
    },
  };
}

function namespacesOf(flow: Flow): string[] {
  return [flow.source?.namespace, flow.destination?.namespace].filter(
    (name): name is string => name !== undefined && name !== "",
  );
}
