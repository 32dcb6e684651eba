import { z } from "zod";
import { PROBLEM_STATES, type ProblemState } from "@dropscope/model";
import { POLICY_KINDS } from "@dropscope/tuning";
import { MAX_FILTER, RANGE, wholeNumber } from "./inputs.js";

const WORDS = {
  filter: z
    .string()
    .max(MAX_FILTER)
    .optional()
    .describe("words that must all occur, and flags as for flows: `checkout --to-port 53`"),
};

const states = z
  .string()
  .max(100)
  .regex(
    new RegExp(`^(${PROBLEM_STATES.join("|")})(,(${PROBLEM_STATES.join("|")}))*$`),
    `must be some of ${PROBLEM_STATES.join(", ")}, with commas between them`,
  );

export const ProblemsInput = z.strictObject({
  ...RANGE,
  since: RANGE.since.describe("as for flows; without a range the last 24 hours, as the live list"),
  ...WORDS,
  state: states.optional().describe("`new,back,ongoing`; all when absent"),
  limit: wholeNumber(500).optional().describe("problems of a page; 100 when absent"),
  cursor: z
    .string()
    .regex(/^\d{1,6}$/, "must be the `next` of a page")
    .optional()
    .describe("`next` of the page before"),
});

export const ProblemInput = z.strictObject({
  ...RANGE,
  since: RANGE.since.describe("as for flows; without a range the time of the problem itself"),
  id: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "must be the id of a problem")
    .describe("id of the problem"),
});

export const DnsInput = z.strictObject({
  ...RANGE,
  since: RANGE.since.describe("as for flows; without a range the last 24 hours"),
  namespace: z.string().max(253).optional().describe("of the client or the resolver"),
});

export const PoliciesInput = z.strictObject({
  at: RANGE.at.describe("the moment that is described; now when absent"),
  until: RANGE.until.describe("other name of `at`"),
  to: RANGE.to,
});

export const PolicyInput = z.strictObject({
  kind: z.enum(POLICY_KINDS as [string]).describe("kind of the policy"),
  namespace: z.string().min(1).max(253).describe("its namespace; `-` for clusterwide kinds"),
  name: z.string().min(1).max(253).describe("its name"),
  at: RANGE.at.describe("as of which it is described; now when absent"),
});

export function statesOf(text: string | undefined): { states?: ProblemState[] } {
  return text === undefined ? {} : { states: text.split(",") as ProblemState[] };
}

/** Whether a range was asked for at all. */
export function hasRange(asked: Partial<Record<keyof typeof RANGE, string | undefined>>): boolean {
  return [asked.since, asked.until, asked.from, asked.to, asked.at].some(
    (one) => one !== undefined,
  );
}
