import { z } from "zod";
import type { Coverage } from "@dropscope/model";

const count = z.number().int().nonnegative();
const state = z.enum(["ok", "starting", "degraded", "down"]);

/** May the view be trusted? */
export const CoverageSchema: z.ZodType<Coverage> = z
  .strictObject({
    now: z.number().describe("server clock, ms since 1970"),
    source: z.strictObject({
      kind: z.string(),
      address: z.string(),
      state,
      message: z.string(),
    }),
    nodes: z.strictObject({
      connected: count,
      total: count,
      unavailable: z.array(z.string()),
    }),
    lost: z.strictObject({
      recent: count.describe("events lost upstream in the last 15 minutes"),
      total: count,
    }),
    lagMs: z.number().describe("between the newest stored flow and now; -1 when nothing is stored"),
    flowsPerSecond: z.number().nonnegative(),
    store: z.strictObject({
      state,
      message: z.string(),
      waiting: count.describe("flows safe on disk that wait for the store"),
      quarantined: count,
    }),
  })
  .meta({ id: "Coverage", description: "May this view be trusted?" });
