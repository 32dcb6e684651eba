import { EXPORT_FORMATS } from "@dropscope/store";
import { z } from "zod";
import { checkSpan } from "../query/range.js";
import { Download } from "./download.js";
import * as input from "./inputs.js";
import { type ApiRoute, route } from "./route.js";
import { ExportInput } from "./storage-inputs.js";
import { ExportSchema, StorageSchema } from "./storage-schemas.js";

const TYPES = {
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
} as const;

/** `2026-11-20T10-00-00Z`: no colons, for file systems that have none. */
const stamp = (ns: bigint): string =>
  `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;

/** What is stored, and the flows as a file. Before `/flows/:uuid`, whose pattern they would match. */
export const STORAGE_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/flows/export",
    name: "exportFlows",
    summary: "Flows as a file, oldest first: docs/export.md has its columns",
    input: ExportInput,
    answer: ExportSchema,
    types: EXPORT_FORMATS.map((format) => TYPES[format].split(";")[0] as string),
    asksStore: true,
    async answerTo(asked, { knowledge, viewer, signal, clock, limits }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      checkSpan(range, { viewer, selection }, limits);
      const { format } = asked;
      const file = await knowledge.exporter.export(format, { viewer, selection, ...range }, signal);
      const name = `flows-${stamp(range.since)}-${stamp(range.until)}.${format}`;
      return new Download(TYPES[format], name, file.bytes());
    },
  }),
  route({
    path: "/storage",
    name: "storage",
    summary: "What the tables hold, since when and for how long, and what was removed",
    input: input.NoInput,
    answer: StorageSchema,
    asksStore: true,
    answerTo: async (_asked, { knowledge, clock, signal }) =>
      z.parse(StorageSchema, await knowledge.space(clock.now(), signal)),
  }),
];
