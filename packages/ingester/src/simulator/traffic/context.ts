import type { Flow } from "@dropscope/model";
import type { Node } from "../cluster/types.js";
import type { World } from "../cluster/world.js";
import type { Scene } from "../policies/scene.js";
import type { Random } from "../random.js";
import type { Timeline } from "./timeline.js";

/** Between nodes: VXLAN (`TO_OVERLAY`) or plain routing (`TO_NETWORK`). */
export type Routing = "tunnel" | "native";

/** What every piece of traffic needs. */
export interface Traffic {
  world: World;
  scene: Scene;
  random: Random;
  timeline: Timeline;
  routing: Routing;
  /**
   * The agent of `node` reports `flow` at `at` (ns since the start).
   * `seenAt` is the flow's own time where it differs: the proxy logs earlier than the agent reports.
   */
  report(node: Node, at: number, flow: Flow, seenAt?: number): void;
}
