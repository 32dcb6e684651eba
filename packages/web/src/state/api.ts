/** Requests to the dashboard, with failures as `ApiError`. */
import type { ApiError } from "@dropscope/model";
import { basePath } from "./nav.js";

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly error: ApiError;
  readonly status: number;

  constructor(error: ApiError, status: number) {
    super(error.message);
    this.error = error;
    this.status = status;
  }
}

const NO_ANSWER: ApiError = {
  code: "PAGE_NO_ANSWER",
  message: "The dashboard does not answer.",
  next: "Check that `dropscope up` or `dropscope serve` is running, then try again.",
};

/** Changes something at `api/v1/<path>`, and gives what it is then. Throws `ApiFailure`. */
export async function change<Answer>(
  method: "PUT" | "DELETE",
  path: string,
  body?: Record<string, string>,
): Promise<Answer> {
  return answerOf<Answer>(path, {
    method,
    headers: { accept: "application/json", "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Asks `api/v1/<path>` what is too long for an address. Throws `ApiFailure`; an abort throws the abort. */
export async function ask<Answer>(
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<Answer> {
  return answerOf<Answer>(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

type Query = Record<string, string | number | undefined>;

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(key, String(value));
  }
  return search.size > 0 ? `${path}?${search.toString()}` : path;
}

/** Address of an answer, for a link. */
export function addressOf(path: string, query: Query): string {
  return `${basePath}api/v1/${withQuery(path, query)}`;
}

/** The JSON at `api/v1/<path>`. Throws `ApiFailure`; an abort throws the abort. */
export async function get<Answer>(
  path: string,
  query: Query,
  signal?: AbortSignal,
): Promise<Answer> {
  return answerOf<Answer>(withQuery(path, query), {
    headers: { accept: "application/json" },
    ...(signal && { signal }),
  });
}

async function answerOf<Answer>(path: string, request: RequestInit): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`${basePath}api/v1/${path}`, request);
  } catch (failure) {
    if (request.signal?.aborted) throw failure;
    throw new ApiFailure(NO_ANSWER, 0);
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok || body === undefined)
    throw new ApiFailure(errorOf(body, response.status), response.status);
  return body as Answer;
}

function errorOf(body: unknown, status: number): ApiError {
  const inner = typeof body === "object" && body !== null && "error" in body ? body.error : body;
  if (typeof inner === "object" && inner !== null && "code" in inner && "message" in inner) {
    const { next, at } = inner as Partial<ApiError>;
    return {
      code: String(inner.code),
      message: String(inner.message),
      next: typeof next === "string" ? next : "",
      ...(Array.isArray(at) && { at }),
    };
  }
  return {
    code: "PAGE_BAD_ANSWER",
    message: `The dashboard answered with status ${status} and nothing this page can read.`,
    next: "If a proxy stands in between, look at its log; else look at the log of the dashboard.",
  };
}

/** Any failure as something that can be shown. */
export function toApiError(failure: unknown): ApiError {
  if (failure instanceof ApiFailure) return failure.error;
  return {
    code: "PAGE_FAILED",
    message: failure instanceof Error ? failure.message : "Something in this page failed.",
    next: "Reload the page; if it happens again, report it with the text above.",
  };
}
