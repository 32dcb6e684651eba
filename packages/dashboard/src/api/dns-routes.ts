import { z } from "zod";
import type { DnsRatesAnswer } from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";
import * as input from "./inputs.js";
import { type ApiRoute, route } from "./route.js";
import { TimelineSchema } from "./schemas.js";
import { parseStep } from "../query/range.js";

const MINUTE_MS = 60_000;

const DnsRatesSchema: z.ZodType<DnsRatesAnswer> = z
  .strictObject({
    answers: TimelineSchema.describe("a series for each response code, its number as key"),
    asked: z.array(z.number().int().nonnegative()).readonly().describe("questions in each step"),
    coverage: CoverageSchema,
  })
  .meta({ id: "DnsRatesAnswer", description: "Name lookups that a DNS proxy saw" });

export const DNS_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/dns/rates",
    name: "dnsRates",
    summary: "Name lookups over time, by response code",
    input: input.RangeInput,
    answer: DnsRatesSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, reader, viewer, signal, clock, limits, coverage }) {
      const range = input.rangeOf(asked, clock.now(), limits);
      // Lookups are counted by the minute, and only so.
      const stepMs = Math.max(MINUTE_MS, parseStep(undefined, range));
      const [found, gaps] = await Promise.all([
        knowledge.views.lookups({ viewer, ...range, stepMs }, signal),
        reader.gaps(range, signal),
      ]);
      const series = [...found.answered]
        .toSorted(([a], [b]) => a - b)
        .map(([rcode, counts]) => ({ key: String(rcode), counts }));
      return {
        answers: { from: found.from, to: found.to, stepMs, series, gaps },
        asked: found.asked,
        coverage: coverage(),
      };
    },
  }),
];
