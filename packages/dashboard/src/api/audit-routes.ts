import { openOf } from "../policies/open.js";
import { LIVE_LIST_MS } from "../problems/list.js";
import { momentOf } from "../query/time.js";
import * as input from "./audit-inputs.js";
import * as schema from "./audit-schemas.js";
import { rangeOf } from "./inputs.js";
import { hasRange } from "./problem-inputs.js";
import { type ApiRoute, route } from "./route.js";

const PAGE_ROWS = 100;

export const AUDIT_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/audit",
    name: "audit",
    summary: "What passed although policies deny it, newest first",
    input: input.AuditInput,
    answer: schema.AuditSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, viewer, signal, clock, limits, coverage }) {
      const now = clock.now();
      const range = hasRange(asked)
        ? rangeOf(asked, now, limits, LIVE_LIST_MS)
        : rangeOf({ since: String(now - LIVE_LIST_MS) }, now, limits);
      const { namespace, limit = PAGE_ROWS } = asked;
      const offset = Number(asked.cursor ?? 0);
      const query = { viewer, range, ...(namespace === undefined ? {} : { namespace }) };
      const [findings, counts] = await Promise.all([
        // One more than is shown: whether there is a next page.
        knowledge.audit.auditFindings({ ...query, limit: limit + 1, offset }, signal),
        knowledge.audit.auditCounts(query, signal),
      ]);
      return {
        at: now,
        findings: findings.slice(0, limit),
        counts,
        ...(findings.length > limit ? { next: String(offset + limit) } : {}),
        coverage: coverage(),
      };
    },
  }),
  route({
    path: "/audit/open",
    name: "openWorkloads",
    summary: "Workloads of a moment that no policy restricts, those that none selects first",
    input: input.OpenWorkloadsInput,
    answer: schema.OpenWorkloadsSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, worlds, viewer, signal, clock, coverage }) {
      const { namespace, limit = PAGE_ROWS } = asked;
      const at = momentOf(asked, clock.now());
      const world = await worlds.at(viewer, at, "all", signal);
      const found = openOf(world, viewer, knowledge.profile, namespace);
      const offset = Number(asked.cursor ?? 0);
      const { workloads, counts } = found;
      return {
        at,
        workloads: workloads.slice(offset, offset + limit),
        counts,
        ...(workloads.length > offset + limit ? { next: String(offset + limit) } : {}),
        coverage: coverage(),
      };
    },
  }),
];
