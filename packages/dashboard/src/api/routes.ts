import { Problem } from "../problem.js";
import { alignRange, checkSpan, parseStep } from "../query/range.js";
import * as input from "./inputs.js";
import { AUDIT_ROUTES } from "./audit-routes.js";
import { COMPARE_ROUTES } from "./compare-routes.js";
import { DNS_ROUTES } from "./dns-routes.js";
import { FILTER_ROUTES } from "./filter-routes.js";
import { POLICY_ROUTES } from "./policy-routes.js";
import { PROBLEM_ROUTES } from "./problem-routes.js";
import { openApi } from "./openapi.js";
import { type ApiRoute, route } from "./route.js";
import { STORAGE_ROUTES } from "./storage-routes.js";
import * as schema from "./schemas.js";
import { TUNING_QUESTIONS, TUNING_ROUTES } from "./tuning-routes.js";
import { VIEW_CHANGES } from "./view-changes.js";

const PAGE_ROWS = 200;
const EDGE_ROWS = 100;

/** Every route below /api/v1 that only reads. A test fails when the server answers one that is not here. */
export const API_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/overview",
    name: "overview",
    summary: "Drops over time, verdicts, denied edges and coverage of a range",
    input: input.TimelineInput,
    answer: schema.OverviewSchema,
    asksStore: true,
    async answerTo(asked, { reader, viewer, signal, clock, limits, coverage }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      const stepMs = parseStep(asked.step, range);
      checkSpan(range, { viewer, selection }, limits, stepMs);
      // One range for all three, so that their sums agree.
      const query = { viewer, selection, ...alignRange(range, stepMs) };
      const [drops, verdicts, edges] = await Promise.all([
        reader.drops({ ...query, stepMs }, signal),
        reader.verdicts(query, signal),
        reader.edges({ ...query, limit: EDGE_ROWS }, signal),
      ]);
      return { drops, verdicts, edges, coverage: coverage() };
    },
  }),
  route({
    path: "/flows",
    name: "flows",
    summary: "Flows, newest first, page by page",
    input: input.FlowsInput,
    answer: schema.FlowsSchema,
    asksStore: true,
    async answerTo(asked, { reader, viewer, signal, clock, limits }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      checkSpan(range, { viewer, selection }, limits);
      const cursor = asked.cursor === undefined ? {} : { cursor: asked.cursor };
      const page = await reader.page(
        { viewer, selection, ...range, limit: asked.limit ?? PAGE_ROWS, ...cursor },
        signal,
      );
      return { flows: page.rows, ...(page.next === undefined ? {} : { next: page.next }) };
    },
  }),
  ...STORAGE_ROUTES,
  route({
    path: "/flows/:uuid",
    name: "flow",
    summary: "Everything about one flow",
    input: input.FlowInput,
    answer: schema.FlowDetailSchema,
    asksStore: true,
    async answerTo({ uuid }, { reader, viewer, signal }) {
      const detail = await reader.detail(uuid, viewer, signal);
      if (detail !== undefined) return detail;
      throw new Problem(
        404,
        "FLOW_NOT_FOUND",
        "This flow is not stored, or not yours to see.",
        "Retention may have removed it: forwarded flows stay 7 days, drops 30.",
      );
    },
  }),
  ...PROBLEM_ROUTES,
  ...POLICY_ROUTES,
  ...COMPARE_ROUTES,
  ...DNS_ROUTES,
  ...AUDIT_ROUTES,
  ...TUNING_ROUTES,
  route({
    path: "/drops",
    name: "drops",
    summary: "Dropped flows over time, by reason",
    input: input.TimelineInput,
    answer: schema.TimelineSchema,
    asksStore: true,
    async answerTo(asked, { reader, viewer, signal, clock, limits }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      const stepMs = parseStep(asked.step, range);
      checkSpan(range, { viewer, selection }, limits, stepMs);
      return reader.drops({ viewer, selection, ...alignRange(range, stepMs), stepMs }, signal);
    },
  }),
  route({
    path: "/verdicts",
    name: "verdicts",
    summary: "Flows of a range by verdict",
    input: input.QueryInput,
    answer: schema.VerdictsSchema,
    asksStore: true,
    async answerTo(asked, { reader, viewer, signal, clock, limits }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      checkSpan(range, { viewer, selection }, limits);
      return { verdicts: await reader.verdicts({ viewer, selection, ...range }, signal) };
    },
  }),
  route({
    path: "/edges",
    name: "edges",
    summary: "Who was denied to whom, most frequent first",
    input: input.EdgesInput,
    answer: schema.EdgesSchema,
    asksStore: true,
    async answerTo(asked, { reader, viewer, signal, clock, limits }) {
      const { range, selection } = input.questionOf(asked, clock.now(), limits);
      checkSpan(range, { viewer, selection }, limits);
      const limit = asked.limit ?? EDGE_ROWS;
      return { edges: await reader.edges({ viewer, selection, ...range, limit }, signal) };
    },
  }),
  route({
    path: "/gaps",
    name: "gaps",
    summary: "Known losses: events that never arrived",
    input: input.RangeInput,
    answer: schema.GapsSchema,
    asksStore: true,
    async answerTo(asked, { reader, signal, clock, limits }) {
      return { gaps: await reader.gaps(input.rangeOf(asked, clock.now(), limits), signal) };
    },
  }),
  ...FILTER_ROUTES,
  route({
    path: "/status",
    name: "status",
    summary: "Coverage, and the ingester's books where it runs in this process",
    input: input.NoInput,
    answer: schema.StatusSchema,
    asksStore: false,
    answerTo: async (_asked, { coverage, books, version }) => ({
      version,
      coverage: coverage(),
      ...(books === undefined ? {} : { books: books() }),
    }),
  }),
  route({
    path: "/openapi.json",
    name: "openapi",
    summary: "This document",
    input: input.NoInput,
    answer: schema.DocumentSchema,
    asksStore: false,
    answerTo: async (_asked, { version }) => openApi([...API_ROUTES, ...CHANGE_ROUTES], version),
  }),
];

/** Every route that changes something or takes a body: for the dashboard's own page alone. */
export const CHANGE_ROUTES: readonly ApiRoute[] = [...VIEW_CHANGES, ...TUNING_QUESTIONS];
