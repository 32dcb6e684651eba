import type { Readable } from "node:stream";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { ObservedItem } from "@dropscope/model";
import { createEncoder, GetFlowsResponseSchema, WrongType } from "@dropscope/hubble";
import { openInput } from "./open.js";
import { shapeOf, type Shape } from "./shape.js";
import { createSplitter, MAX_VALUE_BYTES, type Piece } from "./split.js";
import { emptyCounts, type ImportedFile, isEmpty, isFromHubble, notFlows } from "./summary.js";

export interface ReadOptions {
  /** Path; `-` is standard input. */
  input: string;
  stdin?: Readable;
}

/** Rejections that are listed with line and reason. */
const LISTED = 5;

/**
 * Reads flows from a file in every form that `importFiles` takes, and gives each in the shape of
 * proto's JSON, in the order of the file; nothing is stored. Streams: memory does not grow with
 * the file. The generator returns what it met.
 * @throws DropscopeError `IMPORT_NO_FILE`, `IMPORT_IS_DIRECTORY`, `IMPORT_UNREADABLE`; `NOT_FLOWS`
 *   at the end of a file without anything from Hubble, an empty one too
 */
export async function* readFlowFile({
  input: path,
  stdin = process.stdin,
}: ReadOptions): AsyncGenerator<ObservedItem, ImportedFile> {
  const encode = createEncoder({ fields: new Map(), enums: new Map() });
  const name = path === "-" ? "standard input" : path;
  const file: ImportedFile = { ...emptyCounts(), name, bytes: 0, rejections: [] };
  const input = await openInput(path, stdin);
  try {
    const splitter = createSplitter(shapeOf);
    for await (const chunk of input.chunks())
      for (const piece of splitter.push(chunk)) yield* itemsOf(piece);
    for (const piece of splitter.end()) yield* itemsOf(piece);
    if (input.damaged) file.damage = input.damage;
    file.bytes = input.bytesRead;
  } finally {
    await input.close();
  }
  if (isEmpty(file) || !isFromHubble(file)) throw notFlows(file);
  return file;

  function* itemsOf(piece: Piece<Shape>): Generator<ObservedItem> {
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
        if (piece.value.kind === "node-status") file.nodeStatus += 1;
        else if (piece.value.kind === "other-event") file.otherEvents += 1;
        else yield* decoded(piece.value, piece.line);
    }
  }

  function* decoded(
    { kind, response }: Extract<Shape, { response: object }>,
    line: number,
  ): Generator<ObservedItem> {
    let item: ObservedItem;
    try {
      // By way of the wire bytes, as flows of every other source come: one reading of names and types.
      const message = fromBinary(GetFlowsResponseSchema, encode(response));
      item = toJson(GetFlowsResponseSchema, message, { useProtoFieldName: true }) as ObservedItem;
    } catch (error) {
      return reject(line, "wrong-type", error instanceof WrongType ? error.message : "unreadable");
    }
    if (kind === "flow") {
      file.read += 1;
      file.stored += 1;
    } else file.losses += 1;
    yield item;
  }

  function reject(line: number, reason: keyof typeof BROKEN | "wrong-type", message: string): void {
    file.read += 1;
    file.rejected += 1;
    file.rejectedBy[reason] = (file.rejectedBy[reason] ?? 0) + 1;
    if (file.rejections.length < LISTED) file.rejections.push({ line, reason, message });
  }
}

const BROKEN = {
  "bad-json": "broken JSON",
  truncated: "the file ends inside a JSON value",
  "too-large": `a JSON value of more than ${MAX_VALUE_BYTES / 1024 / 1024} MiB`,
} as const;
