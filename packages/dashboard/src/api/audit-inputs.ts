import { z } from "zod";
import { RANGE, wholeNumber } from "./inputs.js";

const PAGE = {
  namespace: z.string().max(253).optional().describe("only what has to do with it"),
  limit: wholeNumber(500).optional().describe("rows of a page; 100 when absent"),
  cursor: z
    .string()
    .regex(/^\d{1,6}$/, "must be the `next` of a page")
    .optional()
    .describe("`next` of the page before"),
};

export const AuditInput = z.strictObject({
  ...RANGE,
  since: RANGE.since.describe("as for flows; without a range the last 24 hours"),
  ...PAGE,
});

export const OpenWorkloadsInput = z.strictObject({
  at: RANGE.at.describe("the moment that is described; now when absent"),
  until: RANGE.until.describe("other name of `at`"),
  to: RANGE.to,
  ...PAGE,
});
