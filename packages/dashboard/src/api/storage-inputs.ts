import { EXPORT_FORMATS } from "@dropscope/store";
import { z } from "zod";
import { QueryInput } from "./inputs.js";

export const ExportInput = z.strictObject({
  ...QueryInput.shape,
  format: z.enum(EXPORT_FORMATS).default("csv").describe("csv, or parquet; csv when absent"),
});
