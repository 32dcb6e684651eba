import type { Gap } from "@dropscope/model";
import type { Batch } from "@dropscope/store";
import type { Books } from "./books.js";
import type { RedactOptions } from "./decode/index.js";
import type { HubbleTarget } from "./sources/hubble/config.js";
import type { SavedState } from "./sources/hubble/saved-state.js";
import type { HubbleTuning } from "./sources/hubble/tuning.js";
import type { IngesterStatus } from "./status.js";

/** What the worker is started with: everything that the structured clone can carry. */
export interface WorkerInput {
  target: HubbleTarget;
  tuning: Partial<HubbleTuning>;
  redact: RedactOptions | false;
  stateFile: string | undefined;
  saved: SavedState | undefined;
  seed: Seed | undefined;
  batchRows: number;
  batchAgeMs: number;
  maxUnacked: number;
  recentIdsBytes: number;
}

/** Ids that are sealed or stored already: a restart must not store them again. */
export interface Seed {
  /** Flow uuids and gap ids, 16 bytes each, one after the other. */
  ids: Uint8Array;
  /** `ids` is complete for flows of this time and later, ms since 1970; 0 when it is complete. */
  completeSinceMs: number;
}

export interface PlainError {
  code: string;
  message: string;
  next: string;
  exitCode: number;
}

/** Worker to main. */
export type FromWorker =
  | { kind: "seal"; ticket: number; batch: Batch }
  /** Try a batch again that main has kept: its buffers were handed over the first time. */
  | { kind: "seal-again"; ticket: number }
  | { kind: "space"; ticket: number }
  | { kind: "report"; status: IngesterStatus; books: Books }
  | { kind: "gap"; gap: Gap }
  | { kind: "notice"; error: PlainError }
  | { kind: "fatal"; error: PlainError }
  | { kind: "stopped" };

/** Main to worker. */
export type ToWorker =
  | { kind: "sealed"; ticket: number }
  | { kind: "refused"; ticket: number; error: PlainError }
  | { kind: "space"; ticket: number }
  | { kind: "stop"; deadlineMs: number };
