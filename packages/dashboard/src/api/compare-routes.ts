import { z } from "zod";
import { compareRanges } from "../compare/compare.js";
import { parseRanges } from "../compare/ranges.js";
import { addressAt } from "../past/address.js";
import { knownSince } from "../past/known.js";
import { parseFilter } from "../query/filter.js";
import { momentOf } from "../query/time.js";
import * as schema from "./compare-schemas.js";
import * as input from "./inputs.js";
import { type ApiRoute, route } from "./route.js";

const EDGES = 200;

const time = z.string().min(1).max(64);

const CompareInput = z.strictObject({
  since: time
    .optional()
    .describe("RFC 3339 time, ms since 1970, or an age; 15 minutes when both ends are absent"),
  until: time.optional().describe("end of the range; needed where it has a beginning"),
  withSince: time
    .optional()
    .describe("the range that it is compared with; as much time right before it when absent"),
  withUntil: time.optional().describe("its end; needed where it has a beginning"),
  filter: input.QueryInput.shape.filter,
  limit: input
    .wholeNumber(1_000)
    .optional()
    .describe("edges of each kind of change; 200 when absent"),
});

const AddressInput = z.strictObject({
  address: z.string().min(2).max(64).describe("IPv4 or IPv6 address"),
  at: input.RANGE.at.describe("the moment that is described; now when absent"),
});

export const COMPARE_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/compare",
    name: "compare",
    summary: "Two ranges side by side: edges, verdicts and drops that differ, and what changed",
    input: CompareInput,
    answer: schema.CompareSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, reader, viewer, signal, clock, limits, coverage }) {
      const question = {
        viewer,
        selection: parseFilter(asked.filter ?? ""),
        ...parseRanges(asked, clock.now(), limits),
        limit: asked.limit ?? EDGES,
      };
      const found = await compareRanges(question, { knowledge, reader, limits, signal });
      return { ...found, coverage: coverage() };
    },
  }),
  route({
    path: "/addresses/:address",
    name: "address",
    summary: "Who had an address at a moment, under which names, and which policies selected it",
    input: AddressInput,
    answer: schema.AddressSchema,
    asksStore: true,
    answerTo: ({ address, at }, context) =>
      addressAt(address, momentOf({ at }, context.clock.now()), context),
  }),
  route({
    path: "/known",
    name: "known",
    summary: "Since when flows, policies and pods are known",
    input: input.NoInput,
    answer: schema.KnownSchema,
    asksStore: true,
    answerTo: async (_asked, { knowledge, signal }) => knownSince(knowledge, signal),
  }),
];
