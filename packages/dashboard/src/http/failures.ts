import { type ApiError, type Coverage, DropscopeError, FilterError } from "@dropscope/model";
import { Problem, sentence } from "../problem.js";

/** What an asker is told, and with which status. */
export interface Failure {
  status: number;
  error: ApiError;
  retryAfter?: number;
  /** Ours to repair: goes to the log with its stack. */
  unexpected: boolean;
}

/** Errors of the store that an asker can act on; every other one is an internal error. */
const STORE_CODES: Readonly<Record<string, number>> = {
  QUERY_TOO_BROAD: 422,
  CURSOR_INVALID: 400,
  FILTER_INVALID: 400,
  FILTER_UNSUPPORTED: 400,
  VIEWS_FULL: 409,
  VIEWS_NOT_KEPT: 403,
};

/** Errors that mean: the store cannot be asked now. Ours, and those of a socket to it. */
const STORE_DOWN = new Set([
  "STORE_DOWN",
  "STORE_UNREACHABLE",
  "STORE_TIMEOUT",
  "STORE_NOT_STARTED",
  "ENGINE_FAILED",
  "ENGINE_DOWN",
  "CLICKHOUSE_UNREACHABLE",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENOTFOUND",
]);

/**
 * An error → what to say. Only texts that were written for people leave this process:
 * no stack, no SQL, nothing of the engine's own words.
 */
export function failureOf(error: unknown, coverage: () => Coverage): Failure {
  if (error instanceof Problem) {
    return {
      status: error.status,
      error: apiError(error, error.at),
      ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
      unexpected: false,
    };
  }
  if (error instanceof DropscopeError) {
    const status = STORE_CODES[error.code];
    const at = error instanceof FilterError ? error.at : undefined;
    if (status !== undefined) {
      const told = { ...apiError(error, at), message: sentence(error.message) };
      return { status, error: told, unexpected: false };
    }
  }
  const store = coverage().store;
  if (isStoreDown(error) || store.state === "down" || store.state === "starting") {
    return { status: 503, error: storeDown(store), retryAfter: 5, unexpected: false };
  }
  return { status: 500, error: INTERNAL, unexpected: true };
}

function isStoreDown(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && STORE_DOWN.has(code);
}

const INTERNAL: ApiError = {
  code: "INTERNAL",
  message: "Something went wrong in the server.",
  next: "Try again; if it stays, report it with the request id, which the server's log has too.",
};

function storeDown(store: Coverage["store"]): ApiError {
  const waiting = store.waiting.toLocaleString("en-US");
  return {
    code: "STORE_DOWN",
    message: `The store cannot be reached. ${waiting} flows wait safely on disk.`,
    next: "Nothing is lost: they are stored when it is back. `dropscope doctor` says what is wrong.",
  };
}

function apiError(error: DropscopeError, at?: [number, number]): ApiError {
  const { code, message, next } = error;
  return at === undefined ? { code, message, next } : { code, message, next, at };
}
