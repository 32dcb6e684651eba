/**
 * A spool file is one sealed batch: a line with the version, the length of a JSON header
 * (4 bytes, little endian), the header, and then the insert bodies of the tables as they go
 * to ClickHouse, one after the other.
 *
 *     DROPSCOPE SPOOL 1\n | length | {"batch":…,"sections":[{"table","rows","bytes"}…]} | bodies…
 *
 * Its name holds the batch id, the number of flows and the SHA-256 of the content, so that
 * what a damaged file held can still be told.
 */
import { createHash } from "node:crypto";
import type { Batch } from "../batch.js";
import { SPOOLED_TABLES, type SpooledTable } from "../schema/side-tables.js";

const MAGIC = "DROPSCOPE SPOOL ";
export const SPOOL_VERSION = 1;

export interface Section {
  table: SpooledTable;
  rows: number;
  body: Uint8Array;
}

export interface SpoolContent {
  batch: bigint;
  flows: number;
  minTimeNs: bigint;
  maxTimeNs: bigint;
  sections: Section[];
}

interface Header {
  batch: string;
  flows: number;
  minTimeNs: string;
  maxTimeNs: string;
  sections: { table: string; rows: number; bytes: number }[];
}

/** Why a file is not delivered. */
export type Damage = "foreign" | "checksum" | "version" | "header" | "missing";

export interface SpoolName {
  batch: bigint;
  flows: number;
  sha256: string;
}

const NAME = /^([0-9a-f]{16})-(\d{1,10})-([0-9a-f]{64})\.batch$/;

export function formatName(name: SpoolName): string {
  return `${name.batch.toString(16).padStart(16, "0")}-${name.flows}-${name.sha256}.batch`;
}

/** Undefined when the name is not one that this program gave. */
export function parseName(text: string): SpoolName | undefined {
  const found = NAME.exec(text);
  if (!found) return undefined;
  return {
    batch: BigInt(`0x${found[1]}`),
    flows: Number(found[2]),
    sha256: found[3] as string,
  };
}

/** The pieces of the file in order, and its name. Same batch, same bytes, same name. */
export function encode(batch: Batch): { chunks: Uint8Array[]; name: string; bytes: number } {
  // What flows point at comes first, so that it is there when the flows appear.
  const order = (table: SpooledTable): number => SPOOLED_TABLES.indexOf(table);
  const blocks = batch.blocks
    .filter((block) => block.rows > 0)
    .sort((a, b) => order(a.table) - order(b.table));
  const header: Header = {
    batch: batch.id.toString(),
    flows: batch.flows,
    minTimeNs: batch.minTimeNs.toString(),
    maxTimeNs: batch.maxTimeNs.toString(),
    sections: blocks.map(({ table, rows, chunks }) => ({
      table,
      rows,
      bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    })),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const chunks: Uint8Array[] = [
    Buffer.from(`${MAGIC}${SPOOL_VERSION}\n`),
    length,
    json,
    ...blocks.flatMap((block) => block.chunks),
  ];
  const hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const name = formatName({ batch: batch.id, flows: batch.flows, sha256: hash.digest("hex") });
  return { chunks, name, bytes };
}

export function decode(name: SpoolName, file: Buffer): SpoolContent | { damage: Damage } {
  const line = file.subarray(0, 64).toString("latin1").split("\n")[0] ?? "";
  const sound = createHash("sha256").update(file).digest("hex") === name.sha256;
  if (!sound) return { damage: "checksum" };
  if (!line.startsWith(MAGIC)) return { damage: "foreign" };
  if (line !== `${MAGIC}${SPOOL_VERSION}`) return { damage: "version" };
  try {
    return parse(file, line.length + 1);
  } catch {
    return { damage: "header" };
  }
}

function parse(file: Buffer, start: number): SpoolContent {
  const bodies = start + 4 + file.readUInt32LE(start);
  const header = JSON.parse(file.toString("utf8", start + 4, bodies)) as Header;
  let at = bodies;
  const sections = header.sections.map(({ table, rows, bytes }) => {
    if (!(SPOOLED_TABLES as readonly string[]).includes(table)) throw new Error("unknown table");
    const body = file.subarray(at, at + bytes);
    if (body.length !== bytes) throw new Error("too short");
    at += bytes;
    return { table: table as SpooledTable, rows, body };
  });
  return {
    batch: BigInt(header.batch),
    flows: header.flows,
    minTimeNs: BigInt(header.minTimeNs),
    maxTimeNs: BigInt(header.maxTimeNs),
    sections,
  };
}
