import type { RequestHandler } from "express";
import type { z } from "zod";
import type { Viewer } from "@dropscope/model";
import type { RateLimit } from "../http/rate.js";
import { abortOnClose } from "../http/request.js";
import type { Metrics } from "../metrics.js";
import { Problem } from "../problem.js";
import { Download, sendDownload } from "./download.js";
import { type ApiContext, type ApiRoute, takesBody } from "./route.js";

export interface ApiDeps extends Omit<ApiContext, "viewer" | "signal"> {
  viewerOf: (request: Parameters<RequestHandler>[0]) => Viewer;
  queries: RateLimit;
  metrics: Metrics;
}

/** Limit, parse, ask, answer. What goes wrong goes to the error handler. */
export function apiHandler(route: ApiRoute, deps: ApiDeps): RequestHandler {
  return async (request, response) => {
    const viewer = deps.viewerOf(request);
    if (route.asksStore) limit(deps, request.socket.remoteAddress ?? "");
    const body = takesBody(route) ? (request.body as Record<string, unknown> | undefined) : {};
    const input = parseInput(route, { ...request.query, ...body, ...request.params });
    const context: ApiContext = { ...deps, viewer, signal: abortOnClose(response) };
    const answer = await route.answerTo(input as never, context);
    if (answer instanceof Download) await sendDownload(answer, response);
    else response.json(answer);
  };
}

function limit({ queries, metrics }: ApiDeps, address: string): void {
  const wait = queries.take(address);
  if (wait === 0) return;
  metrics.limited.inc();
  throw new Problem(
    429,
    "TOO_MANY_REQUESTS",
    "This address asks too often.",
    `Ask again in ${wait} s.`,
    { retryAfter: wait },
  );
}

function parseInput(route: ApiRoute, given: Record<string, unknown>): unknown {
  const parsed = route.input.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const known = Object.keys(route.input.shape);
  throw new Problem(
    400,
    "BAD_QUERY",
    sayIssue(issue, given),
    known.length === 0 ? "This address takes no parameters." : `It takes ${known.join(", ")}.`,
  );
}

function sayIssue(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  if (issue.code === "unrecognized_keys") {
    return `Unknown parameter ${JSON.stringify(issue.keys[0]?.slice(0, 40))}.`;
  }
  const name = issue.path.join(".");
  if (given[name] === undefined) return `${name} is missing.`;
  if (typeof given[name] !== "string") return `${name} must be given once.`;
  if (issue.code === "invalid_value") return `${name} must be one of ${issue.values.join(", ")}.`;
  return `${name}: ${issue.message}.`;
}
