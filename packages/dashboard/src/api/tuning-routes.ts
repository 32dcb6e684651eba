import { mayStartIn, type SuggestedMode } from "@dropscope/model";
import { POLICY_KINDS } from "@dropscope/tuning";
import type { z } from "zod";
import { Problem } from "../problem.js";
import type { TuningScope } from "../tuning/desk.js";
import { type AskedRange, tuningRange } from "../tuning/traffic-range.js";
import { type ApiContext, type ApiRoute, route } from "./route.js";
import * as input from "./tuning-inputs.js";
import { ReplaySchema, SuggestionSchema } from "./tuning-schemas.js";
import { ReadinessSchema, RulesSchema } from "./tuning-use-schemas.js";

const MINUTE_MS = 60_000;
/** A page that is looked at: what it shows is as old as this at most. */
const LOOKING_MS = MINUTE_MS;
/** An edit is held against the traffic that the edits before it were held against. */
const EDITING_MS = 15 * MINUTE_MS;
const EDITED_CLUSTER_MS = 20_000;

/** What is asked about traffic, by GET. */
export const TUNING_ROUTES: readonly ApiRoute[] = [
  route({
    path: "/tuning/suggestion",
    name: "tuningSuggestion",
    summary: "Policies that allow what the workloads of a namespace were seen to do, with evidence",
    input: input.SuggestionInput,
    answer: SuggestionSchema,
    asksStore: true,
    mayMiss: true,
    answerTo: async (asked, context) => {
      refuseHidden(asked.namespace, context);
      return context.tuning.ask(
        {
          of: "suggestion",
          namespace: asked.namespace,
          ...(asked.workload === undefined ? {} : { workload: asked.workload }),
          ...(asked.kind === undefined ? {} : { kind: asked.kind }),
          mode: modeOf(asked),
          include: wordsOf(asked.include),
        },
        scopeOf(asked, asked.namespace, LOOKING_MS, context),
      );
    },
  }),
  route({
    path: "/tuning/rules",
    name: "tuningRules",
    summary: "What used each rule of the policies in force, and rules that nothing uses",
    input: input.RulesInput,
    answer: RulesSchema,
    asksStore: true,
    answerTo: async (asked, context) =>
      context.tuning.ask(
        { of: "rules", ...useOf(asked.namespace, context) },
        scopeOf(asked, asked.namespace, LOOKING_MS, context),
      ),
  }),
  route({
    path: "/tuning/readiness",
    name: "tuningReadiness",
    summary:
      "How far each namespace is from a default deny that breaks nothing, and what to do next",
    input: input.ReadinessInput,
    answer: ReadinessSchema,
    asksStore: true,
    answerTo: async (asked, context) =>
      context.tuning.ask(
        { of: "readiness", ...useOf(asked.namespace, context) },
        scopeOf(asked, asked.namespace, LOOKING_MS, context),
      ),
  }),
];

/** What is too long for an address; it changes nothing, but makes the server work: for the dashboard's own page. */
export const TUNING_QUESTIONS: readonly ApiRoute[] = [
  route({
    change: "post",
    path: "/tuning/replay",
    name: "tuningReplay",
    summary: "The traffic of a range, judged by the policies in force and by changed ones",
    input: input.ReplayInput,
    answer: ReplaySchema,
    bodyLimit: "2mb",
    asksStore: true,
    answerTo: async (asked, context) =>
      context.tuning.ask(
        { of: "replay", yaml: asked.policies, remove: wordsOf(asked.remove).map(policyKey) },
        scopeOf(asked, asked.namespace, EDITING_MS, context),
      ),
  }),
];

function scopeOf(
  asked: AskedRange,
  namespace: string | undefined,
  staleMs: number,
  { viewer, clock, limits, signal }: ApiContext,
): TuningScope {
  const clusterStaleMs = staleMs === EDITING_MS ? EDITED_CLUSTER_MS : 0;
  const range = tuningRange(asked, clock.now(), limits);
  return { viewer, range, namespace, staleMs, clusterStaleMs, signal };
}

/** @throws Problem 400 `BAD_QUERY` */
function modeOf({ mode = "workload", workload }: Asked): SuggestedMode {
  if (mode !== "namespace" || workload === undefined) return mode;
  throw new Problem(
    400,
    "BAD_QUERY",
    "One workload, and a policy for the whole namespace, exclude one another.",
    "Leave out `workload`, or ask with `mode=workload`.",
  );
}

type Asked = Readonly<Pick<z.output<typeof input.SuggestionInput>, "mode" | "workload">>;

/** Of what is only seen in part it cannot be said that nothing uses it. */
function useOf(
  namespace: string | undefined,
  { viewer: { namespaces } }: ApiContext,
): { namespace?: string; visible?: readonly string[] } {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaces === "all" ? {} : { visible: namespaces }),
  };
}

/**
 * Policies for what is only seen in part would deny the rest of it.
 * @throws Problem 404 `TUNING_NO_NAMESPACE`
 */
function refuseHidden(namespace: string, { viewer }: ApiContext): void {
  if (mayStartIn(viewer, namespace)) return;
  throw new Problem(
    404,
    "TUNING_NO_NAMESPACE",
    `There is no namespace ${JSON.stringify(namespace)}, or it is not yours to see.`,
    "Name one of those that you see.",
  );
}

/** Separated by commas. */
function wordsOf(text: string | undefined): string[] {
  return (text ?? "").split(",").flatMap((word) => word.trim() || []);
}

/** @throws Problem 400 `BAD_QUERY` */
function policyKey(text: string): string {
  const [kind = "", ...rest] = text.split("/");
  if (rest.length === 2 && rest[1] !== "" && POLICY_KINDS.some((one) => one === kind)) return text;
  throw new Problem(
    400,
    "BAD_QUERY",
    `remove: ${JSON.stringify(text.slice(0, 80))} names no policy.`,
    "Write KIND/NAMESPACE/NAME, with nothing between the slashes for a clusterwide one.",
  );
}
