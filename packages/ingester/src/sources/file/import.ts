import type { Readable } from "node:stream";
import { DropscopeError } from "@dropscope/model";
import type { StoredIds } from "@dropscope/store";
import { createDecoder, type FlowDecoder } from "../../decode/index.js";
import type { Feed } from "../../feed.js";
import { createEncoder, WrongType, type Unknowns } from "@dropscope/hubble";
import { createIntake, type Intake } from "./intake.js";
import { openInput, type OpenInput } from "./open.js";
import { shapeOf, type Shape } from "./shape.js";
import { createSplitter, MAX_VALUE_BYTES, type Piece } from "./split.js";
import {
  addCounts,
  emptyCounts,
  isEmpty,
  isFromHubble,
  notFlows,
  type ImportedFile,
  type ImportRejectReason,
  type ImportSummary,
} from "./summary.js";

export interface ImportOptions {
  /** Paths; `-` is standard input. */
  inputs: readonly string[];
  feed: Pick<Feed, "push" | "room" | "flush">;
  /**
   * What the store holds already. Without it only repeats within this process are recognised.
   * @see createStoredIds of the store package.
   */
  known?: StoredIds;
  /** For the ids only, so it must hash as the feed's decoder does. Default: `createDecoder`. */
  decoder?: FlowDecoder;
  stdin?: Readable;
  /** Called after every piece that was read, at least once per file. */
  onProgress?: (progress: ImportProgress) => void;
  /** Stops reading; what was read until then is stored. */
  signal?: AbortSignal;
}

export interface ImportProgress {
  /** Index of the file in `inputs`, and its name. */
  index: number;
  name: string;
  bytesRead: number;
  /** Undefined when nobody knows (standard input, a pipe). */
  bytesTotal?: number;
  /** Flows found in this file so far. */
  read: number;
  /** True for the last call of this file. */
  done: boolean;
}

/** Rejections that a file lists with line and reason. */
const LISTED = 5;

/**
 * Reads files of flows and feeds them, one file after the other:
 *
 *     open (gunzip) ─▶ split ─▶ shape ─▶ encode to wire bytes ─▶ intake: id, known? ─▶ feed
 *
 * Streams: memory does not grow with the file. A file that cannot be read, or that holds
 * nothing from Hubble, gets an `error` in the summary, and the others are imported all the same.
 * @throws DropscopeError of the door (through the feed) and of the store (through `known`).
 */
export async function importFiles(options: ImportOptions): Promise<ImportSummary> {
  const unknowns: Unknowns = { fields: new Map(), enums: new Map() };
  const encode = createEncoder(unknowns);
  const decoder = options.decoder ?? createDecoder({ maxMessageBytes: MAX_VALUE_BYTES });
  const files: ImportedFile[] = [];
  const { signal } = options;

  for (const [index, input] of options.inputs.entries()) {
    if (signal?.aborted === true) break;
    files.push(await importFile(input, index));
  }
  await options.feed.flush();

  const total = emptyCounts();
  for (const file of files) addCounts(total, file);
  for (const file of files) {
    if (file.error !== undefined || isFromHubble(file)) continue;
    // An empty file among full ones is an exporter's fresh file, not a mistake.
    if (isEmpty(file) && file.damage === undefined && isFromHubble(total)) continue;
    if (signal?.aborted !== true) file.error = notFlows(file);
  }
  return { ...total, files, unknowns, interrupted: signal?.aborted === true };

  async function importFile(path: string, index: number): Promise<ImportedFile> {
    const name = path === "-" ? "standard input" : path;
    const file: ImportedFile = { ...emptyCounts(), name, bytes: 0, rejections: [] };
    let input: OpenInput | undefined;
    try {
      input = await openInput(path, options.stdin ?? process.stdin);
      const intake = createIntake({
        feed: options.feed,
        decoder,
        counts: file,
        known: options.known,
        reject,
      });
      const splitter = createSplitter(shapeOf);
      const report = (done: boolean): void =>
        options.onProgress?.({
          index,
          name,
          bytesRead: file.bytes,
          ...(input?.bytesTotal === undefined ? {} : { bytesTotal: input.bytesTotal }),
          read: file.read,
          done,
        });
      const handle = async (pieces: Piece<Shape>[]): Promise<void> => {
        for (const piece of pieces) take(piece, intake);
        if (intake.full()) await intake.settle();
      };
      for await (const chunk of input.chunks()) {
        // A packed chunk may unpack to many flows: the pieces of one are bounded by its size.
        await handle(splitter.push(chunk));
        file.bytes = input.bytesRead;
        report(false);
        if (signal?.aborted === true) break;
      }
      if (signal?.aborted !== true) await handle(splitter.end());
      await intake.settle();
      file.bytes = input.bytesRead;
      if (input.damaged) file.damage = input.damage;
      report(true);
    } catch (error) {
      if (!(error instanceof DropscopeError) || !error.code.startsWith("IMPORT_")) throw error;
      file.error = error;
    } finally {
      await input?.close();
    }
    return file;

    function reject(line: number, reason: ImportRejectReason, message: string): void {
      file.read += 1;
      file.rejected += 1;
      file.rejectedBy[reason] = (file.rejectedBy[reason] ?? 0) + 1;
      if (file.rejections.length < LISTED) file.rejections.push({ line, reason, message });
    }

    function take(piece: Piece<Shape>, intake: Intake): void {
      switch (piece.kind) {
        case "text":
          file.textLines += 1;
          return;
        case "foreign":
          file.foreign += 1;
          return;
        case "broken":
          reject(piece.line, piece.reason, BROKEN[piece.reason]);
          return;
        case "value":
          if (piece.value.kind === "other-event") file.otherEvents += 1;
          else if (piece.value.kind === "node-status") file.nodeStatus += 1;
          else {
            try {
              intake.add(encode(piece.value.response), piece.line);
            } catch (error) {
              if (!(error instanceof WrongType)) throw error;
              reject(piece.line, "wrong-type", error.message);
            }
          }
      }
    }
  }
}

const BROKEN = {
  "bad-json": "broken JSON",
  truncated: "the file ends inside a JSON value",
  "too-large": `a JSON value of more than ${MAX_VALUE_BYTES / 1024 / 1024} MiB`,
} as const;
