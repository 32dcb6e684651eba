import type { ErrorRequestHandler, RequestHandler } from "express";
import type { Coverage, ErrorAnswer } from "@dropscope/model";
import type { Logger } from "pino";
import { Problem } from "../problem.js";
import { failureOf } from "./failures.js";
import { idOf } from "./request.js";

export const notFound: RequestHandler = (_request, _response, next) => {
  next(
    new Problem(
      404,
      "NOT_FOUND",
      "There is nothing at this address.",
      "GET /api/v1/openapi.json lists what is answered.",
    ),
  );
};

/** The last step: every error leaves as `{ error: ApiError }`. */
export function errorHandler(coverage: () => Coverage, logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    // The asker is gone: nobody reads the answer, and an aborted query is no fault.
    if (response.destroyed || response.headersSent) return void response.destroy();
    const failure = failureOf(fromExpress(error), coverage);
    const request = idOf(response);
    if (failure.unexpected) logger.error({ err: error, request }, "request failed");
    if (failure.retryAfter !== undefined) {
      response.setHeader("retry-after", String(failure.retryAfter));
    }
    response.setHeader("cache-control", "no-store");
    response
      .status(failure.status)
      .json({ error: { ...failure.error, request } } satisfies ErrorAnswer);
  };
}

/** Express reports a path that does not decode (`/%ff`) as an error of its own with a status. */
function fromExpress(error: unknown): unknown {
  const status = (error as { status?: unknown } | null)?.status;
  if (error instanceof Problem || typeof status !== "number" || status < 400 || status > 499) {
    return error;
  }
  return new Problem(status, "BAD_REQUEST", "The request cannot be read.", "Correct its address.");
}
