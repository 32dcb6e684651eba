import { Problem } from "../problem.js";
import { serviceMap } from "../map/map.js";
import { policyDetail } from "../policies/detail.js";
import { listPolicies } from "../policies/list.js";
import { policiesKnownSince } from "../past/known.js";
import { checkSpan } from "../query/range.js";
import { momentOf } from "../query/time.js";
import * as flowInput from "./inputs.js";
import * as schema from "./policy-schemas.js";
import * as input from "./problem-inputs.js";
import { type ApiRoute, route } from "./route.js";

export const POLICY_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/policies",
    name: "policies",
    summary: "Policies of a moment: what each selects, what is wrong with it, what it drops",
    input: input.PoliciesInput,
    answer: schema.PoliciesSchema,
    asksStore: true,
    async answerTo(asked, context) {
      const { clock, coverage } = context;
      const [found, knownSince] = await Promise.all([
        listPolicies(context, momentOf(asked, clock.now())),
        policiesKnownSince(context.knowledge.objects, context.signal),
      ]);
      return { ...found, knownSince, coverage: coverage() };
    },
  }),
  route({
    path: "/policies/:kind/:namespace/:name",
    name: "policy",
    summary: "One policy: its versions and their differences, findings, pods and problems",
    input: input.PolicyInput,
    answer: schema.PolicyAnswerSchema,
    asksStore: true,
    async answerTo({ kind, namespace, name, at }, context) {
      const { clock, coverage } = context;
      const policy = { kind, namespace: namespace === "-" ? "" : namespace, name };
      const now = clock.now();
      const then = at === undefined ? undefined : momentOf({ at }, now);
      const found = await policyDetail(context, policy, now, then);
      if (found !== undefined) return { ...found, coverage: coverage() };
      throw new Problem(
        404,
        "POLICY_NOT_FOUND",
        "This policy is not known, or not yours to see.",
        "GET /api/v1/policies lists what is known. Policies come from a folder or an API server.",
      );
    },
  }),
  route({
    path: "/map",
    name: "map",
    summary: "Who talks to whom: flows per second, denied edges and their problems",
    input: flowInput.QueryInput,
    answer: schema.MapSchema,
    asksStore: true,
    async answerTo(asked, { knowledge, viewer, signal, clock, limits, coverage }) {
      const { range, selection } = flowInput.questionOf(asked, clock.now(), limits);
      checkSpan(range, { viewer, selection }, limits);
      const found = await serviceMap(knowledge, { viewer, selection, range }, signal);
      return { ...found, coverage: coverage() };
    },
  }),
];
