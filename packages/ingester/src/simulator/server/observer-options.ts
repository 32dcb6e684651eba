import type { Agent } from "./agent.js";
import type { SortBuffer } from "./relay.js";

export interface ObserverOptions {
  mode: "relay" | "agent";
  /** In agent mode the first one answers. */
  agents: readonly Agent[];
  cluster: string;
  startMs: number;
  sort: SortBuffer;
  tls: boolean;
  /** Offset of the present, ns since the start of the simulation. */
  now: () => number;
}
