import { z } from "zod";
import { Download } from "./download.js";

/** A file: its bytes are no JSON, so there is nothing of it to describe here. */
export const ExportSchema = z.instanceof(Download);

const count = z.number().int().nonnegative();
const bytes = z.number().nonnegative().describe("bytes");
const moment = z.number().describe("ms since 1970");

/** SpaceReport of the model. */
export const StorageSchema = z.object({
  tables: z.array(
    z.object({
      table: z.string(),
      class: z.string().optional(),
      rows: count,
      bytes,
      rawBytes: bytes,
      oldest: moment.optional(),
      newest: moment.optional(),
      days: count.optional(),
    }),
  ),
  classes: z.array(
    z.object({
      class: z.string(),
      days: count,
      rows: count,
      bytes,
      perDay: z.object({ bytes, days: count }).optional(),
    }),
  ),
  bytes,
  flows: count,
  bytesPerFlow: z.number().optional(),
  disks: z.array(z.object({ name: z.string(), free: bytes, total: bytes })),
  removals: z.array(
    z.object({
      class: z.string(),
      table: z.string(),
      day: z.string(),
      rows: count,
      bytes,
      bound: bytes,
      at: moment,
    }),
  ),
});
