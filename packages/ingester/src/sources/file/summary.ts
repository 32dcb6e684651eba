import { DropscopeError, EXIT } from "@dropscope/model";
import { REJECT_REASONS, type RejectReason } from "../../decode/index.js";
import type { BrokenReason } from "./split.js";
import type { Unknowns } from "@dropscope/hubble";

/** Why a value of a file was not stored. */
export type ImportRejectReason =
  | BrokenReason
  /** JSON whose types do not fit the fields of a flow. */
  | "wrong-type"
  /** The decoder refused the message; the same reasons as for a stream. */
  | RejectReason;

export const IMPORT_REJECT_REASONS: readonly ImportRejectReason[] = [
  ...new Set<ImportRejectReason>(["bad-json", "wrong-type", ...REJECT_REASONS]),
];

export interface ImportCounts {
  /** Flows found, unreadable ones included: read = stored + repeated + rejected. */
  read: number;
  /** Acknowledged by the spool when the import ends. */
  stored: number;
  /** Known already: from this file, from another one, or from the store. */
  repeated: number;
  rejected: number;
  rejectedBy: Partial<Record<ImportRejectReason, number>>;
  /** `lost_events` messages that are new, those known already, and the events that the new ones count. */
  losses: number;
  lossesRepeated: number;
  lostEvents: number;
  /** Lines that are no JSON. */
  textLines: number;
  /** JSON objects that Hubble does not write. */
  foreign: number;
  /** Relay's node status messages, and agent and debug events of the exporter: not stored. */
  nodeStatus: number;
  otherEvents: number;
}

export interface ImportedFile extends ImportCounts {
  /** As it was named; `standard input` for `-`. */
  name: string;
  /** Bytes taken from disk or pipe. */
  bytes: number;
  /** The first five rejections, for the operator. `line` counts from 1. */
  rejections: { line: number; reason: ImportRejectReason; message: string }[];
  /** The file ended early or its compression is broken; what came before is stored. */
  damage?: string;
  error?: DropscopeError;
}

export interface ImportSummary extends ImportCounts {
  files: ImportedFile[];
  /** Fields and enum names of a newer Hubble that this build has no place for. */
  unknowns: Unknowns;
  /** The import was stopped before its end; what was read is stored. */
  interrupted: boolean;
}

export function emptyCounts(): ImportCounts {
  return {
    read: 0,
    stored: 0,
    repeated: 0,
    rejected: 0,
    rejectedBy: {},
    losses: 0,
    lossesRepeated: 0,
    lostEvents: 0,
    textLines: 0,
    foreign: 0,
    nodeStatus: 0,
    otherEvents: 0,
  };
}

export function addCounts(total: ImportCounts, part: ImportCounts): void {
  total.read += part.read;
  total.stored += part.stored;
  total.repeated += part.repeated;
  total.rejected += part.rejected;
  for (const reason of IMPORT_REJECT_REASONS) {
    const count = part.rejectedBy[reason];
    if (count !== undefined) total.rejectedBy[reason] = (total.rejectedBy[reason] ?? 0) + count;
  }
  total.losses += part.losses;
  total.lossesRepeated += part.lossesRepeated;
  total.lostEvents += part.lostEvents;
  total.textLines += part.textLines;
  total.foreign += part.foreign;
  total.nodeStatus += part.nodeStatus;
  total.otherEvents += part.otherEvents;
}

/** True when something in it came from Hubble, even if there is no flow among it. */
export function isFromHubble(counts: ImportCounts): boolean {
  const { stored, repeated, losses, lossesRepeated, nodeStatus, otherEvents } = counts;
  return stored + repeated + losses + lossesRepeated + nodeStatus + otherEvents > 0;
}

export function isEmpty(counts: ImportCounts): boolean {
  return !isFromHubble(counts) && counts.rejected + counts.textLines + counts.foreign === 0;
}

const FORMATS =
  "Give the output of `hubble observe -o jsonpb` (or -o json), a file of Hubble's exporter, or a JSON array of flows; any of them may be gzipped.";

/** The error for a file without anything from Hubble. */
export function notFlows(file: ImportedFile): DropscopeError {
  const found: string[] = [];
  const note = (count: number, one: string, many: string): void => {
    if (count > 0) found.push(`${count} ${count === 1 ? one : many}`);
  };
  note(file.textLines, "line of text", "lines of text");
  note(file.foreign, "JSON object of another kind", "JSON objects of another kind");
  note(file.rejected, "value that could not be read", "values that could not be read");
  const first = file.rejections[0];
  const detail = first === undefined ? "" : ` (line ${first.line}: ${first.message})`;
  const what = found.length === 0 ? "it is empty" : `found ${found.join(", ")}${detail}`;
  const damage = file.damage === undefined ? "" : `; ${file.damage}`;
  return new DropscopeError("NOT_FLOWS", `${file.name} holds no Hubble flows: ${what}${damage}.`, {
    next: FORMATS,
    exitCode: EXIT.badInput,
  });
}
