import type { PartState } from "@dropscope/model";

/** How the source is, for `/readyz`, the coverage bar and `dropscope status`. Plain data: it crosses a thread. */
export interface IngesterStatus {
  /** `down` when nothing arrives, `degraded` when something is missing, `starting` until the first answer. */
  state: PartState;
  /** Code of docs/errors.md when the state is not `ok`. */
  code?: string;
  /** One sentence; empty when the state is `ok`. */
  message: string;
  /** What the reader can do. */
  next?: string;
  address: string;
  /** No further try will be made. */
  ended: boolean;
  nodes: { connected: number; total: number; unavailable: string[] };
  /** Flows and messages read, a second, over the last five. */
  flowsPerSecond: number;
  /** How long we may be away before the rings of the agents wrap, s. */
  ringSeconds?: number;
  /** Version of the relay or agent. */
  version?: string;
  /** Reading is held back because batches wait for the disk. */
  paused: boolean;
  /** Streams that were opened since the start. */
  connects: number;
}

export function startingStatus(address: string): IngesterStatus {
  return {
    state: "starting",
    code: "HUBBLE_CONNECTING",
    message: `Connecting to ${address}.`,
    address,
    ended: false,
    nodes: { connected: 0, total: 0, unavailable: [] },
    flowsPerSecond: 0,
    paused: false,
    connects: 0,
  };
}
