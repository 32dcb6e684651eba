import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";
import type { Clock } from "@dropscope/model";
import type { Logger } from "pino";
import type { Metrics } from "../metrics.js";

/** Gives each request an id, which its errors and its log line carry. */
export const requestId: RequestHandler = (_request, response, next) => {
  const id = randomUUID();
  response.locals.id = id;
  response.setHeader("x-request-id", id);
  next();
};

export function idOf(response: Response): string {
  return String(response.locals.id ?? "");
}

/** Counts and times requests by route pattern: a path as it came would be an open set of labels. */
export function watchRequests(clock: Clock, metrics: Metrics, logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = clock.now();
    response.once("close", () => {
      const route = String(response.locals.route ?? "other");
      const status = response.writableFinished ? response.statusCode : 499;
      const ms = clock.now() - start;
      metrics.requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
      metrics.requestSeconds.observe({ route }, ms / 1_000);
      logger.debug(
        { request: idOf(response), method: request.method, route, status, ms },
        "request",
      );
    });
    next();
  };
}

/** Names the route for the metrics. */
export function named(route: string): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route;
    next();
  };
}

/** Aborts when the asker goes away before the answer is out. */
export function abortOnClose(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
