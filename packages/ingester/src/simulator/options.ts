import type { Clock } from "@dropscope/model";
import type { IncidentName } from "./incidents/types.js";
import type { PolicyEngine } from "./policies/engine.js";
import type { EditOutcome } from "./policies/scene.js";
import type { ServerTls } from "./server/credentials.js";
import type { SortBuffer } from "./server/relay.js";
import type { Routing } from "./traffic/context.js";

/** What `createSimulator` takes; everything has a default. */
export interface SimulatorOptions {
  /** Same seed and start time: same flows. Default "shop". */
  seed?: string;
  /** Average flows per second of the normal traffic; 0 for silence. Default 150. */
  rate?: number;
  clock?: Clock;
  /** Default 127.0.0.1:4245. Port 0 takes a free one. */
  listen?: { host?: string; port?: number };
  tls?: ServerTls;
  /** `relay` (default) merges all nodes; `agent` answers for the first alone. */
  mode?: "relay" | "agent";
  /** Cluster name. Default "shop"; in "default" nodes have bare names. */
  cluster?: string;
  /** Number of nodes, default 3. None: a relay that knows no peers. */
  nodes?: number;
  /** Slots of a node's ring, 2^n − 1. Default 4095. */
  ring?: number;
  /** As in Hubble, the newest event of a node stays invisible until the next one. Default false. */
  holdNewest?: boolean;
  /** Relay's sort buffer. Default 100 responses, drained after 1000 ms without input. */
  sort?: Partial<SortBuffer>;
  /** Default: all. An empty list: nothing goes wrong. */
  incidents?: readonly IncidentName[];
  /** Between nodes. Default "tunnel". */
  routing?: Routing;
  /** Seconds of traffic that are already in the rings at the start. Default 0. */
  historySeconds?: number;
  /** Folder into which the policies in force are written, and kept up to date. */
  policiesDir?: string;
  /**
   * Reads the policies of the folder, so that the traffic obeys whatever somebody writes there:
   * a file that is changed, added or removed holds within a tenth of a second, and incidents
   * leave it alone from then on. Needs `policiesDir`.
   */
  engine?: PolicyEngine;
  /** Incidents that a policy causes go on until somebody repairs them. Default false. */
  untilRepaired?: boolean;
  /** Told of every edit of the folder. */
  onEdit?: (edit: EditOutcome) => void;
}
