import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Surroundings } from "./sessions.js";

export interface Login {
  user: string;
  password: string;
}

/** One request, taken apart. */
export interface FrontRequest {
  id: string;
  /** The `query` parameter; empty when the statement is the body. */
  query: string;
  format: string | undefined;
  readonly: boolean;
  around: Surroundings;
}

/** Belong to the HTTP handler of a server, not to a query. */
const NOT_SETTINGS = new Set([
  "query",
  "query_id",
  "database",
  "default_format",
  "user",
  "password",
  "session_id",
  "session_timeout",
  "session_check",
  "session_timezone_check",
  "role",
  "quota_key",
  "compress",
  "decompress",
  "buffer_size",
  "wait_end_of_query",
  "stacktrace",
  "close_session",
  "client_protocol_version",
  "readonly",
  // Ours marks the query so that it can be killed.
  "log_comment",
  // Answers are never compressed: the wire is the loopback.
  "enable_http_compression",
]);

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

export function parseRequest(request: IncomingMessage, newId: () => string): FrontRequest {
  const url = new URL(request.url ?? "/", "http://localhost");
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (name.startsWith("param_")) parameters.set(name.slice("param_".length), value);
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value);
  }
  const readonly = url.searchParams.get("readonly");
  return {
    id: url.searchParams.get("query_id") ?? newId(),
    query: url.searchParams.get("query") ?? "",
    format: url.searchParams.get("default_format") ?? header(request, "x-clickhouse-format"),
    readonly: request.method === "GET" || (readonly !== null && readonly !== "0"),
    around: {
      database:
        url.searchParams.get("database") ?? header(request, "x-clickhouse-database") ?? "default",
      settings,
      parameters,
    },
  };
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Headers of ClickHouse, basic authentication, or the parameters `user` and `password`. */
export function isAuthorized(request: IncomingMessage, login: Login): boolean {
  let user = header(request, "x-clickhouse-user");
  let password = header(request, "x-clickhouse-key");
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, "base64").toString("utf8");
    const colon = text.indexOf(":");
    user = text.slice(0, Math.max(0, colon));
    password = text.slice(colon + 1);
  }
  if (user === undefined) {
    const search = new URL(request.url ?? "/", "http://localhost").searchParams;
    user = search.get("user") ?? "";
    password = search.get("password") ?? "";
  }
  const userMatches = same(user, login.user);
  return same(password ?? "", login.password) && userMatches;
}
