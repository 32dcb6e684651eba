import type { RedactOptions } from "./decode/index.js";
import type { HubbleTarget } from "./sources/hubble/config.js";
import type { HubbleTuning } from "./sources/hubble/tuning.js";
import { RECENT_IDS_BYTES } from "./recent-ids.js";

/** What a live ingester is told. Everything but the target has a default. */
export interface IngesterConfig {
  target: HubbleTarget;
  tuning?: Partial<HubbleTuning>;
  /** What must not reach the disk. Default: URL secrets and all headers; false keeps everything. */
  redact?: RedactOptions | false;
  /** Small JSON file in the data directory: how far each node was read. Absent: every start is a first start. */
  stateFile?: string;
  /** A batch is sealed at so many flows, or this long after its first (a busy one: twice, a nearly empty one: half as long again). Default 20,000 and 500 ms: larger ones cost memory, smaller ones merges. */
  batchRows?: number;
  batchAgeMs?: number;
  /** Reading pauses while so many batches wait for the disk. Default 3. */
  maxUnacked?: number;
  /** Memory for the ids that tell repeats. Default 36 MiB. */
  recentIdsBytes?: number;
}

export const INGESTER_DEFAULTS = {
  redact: {} as RedactOptions,
  batchRows: 20_000,
  batchAgeMs: 500,
  maxUnacked: 3,
  recentIdsBytes: RECENT_IDS_BYTES,
};
