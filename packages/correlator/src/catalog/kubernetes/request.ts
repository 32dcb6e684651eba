import http, { type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import https from "node:https";
import type { Clock } from "@dropscope/model";
import type { ApiServer } from "./connect.js";

/** An answer that is none: what to do about it is decided by the status alone. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Time that the server asks to wait, ms; 0 when it does not. */
  readonly retryAfterMs: number;

  constructor(status: number, message: string, retryAfterMs = 0) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Asked {
  readonly server: ApiServer;
  /** With its query. */
  readonly path: string;
  readonly clock: Clock;
  /** Longest silence, ms. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** A page of a list holds at most some hundred objects of at most 1.5 MiB. */
const MAX_BODY = 512 * 1024 * 1024;
const USER_AGENT = "dropscope";

/**
 * Opens a response and yields its pieces as they come. Ends the connection whenever the reader
 * leaves, and when nothing was heard for `silenceMs`: a peer that is gone says nothing at all.
 * @throws ApiError
 */
export async function* stream(asked: Asked): AsyncGenerator<Buffer> {
  const { clock, silenceMs, signal } = asked;
  signal.throwIfAborted();
  const silence = new AbortController();
  let cancel = (): void => undefined;
  const heard = (): void => {
    cancel();
    cancel = clock.after(silenceMs, () => silence.abort());
  };
  heard();
  try {
    const response = await open(asked, AbortSignal.any([signal, silence.signal]));
    heard();
    // An answer without a body is an answer too.
    yield Buffer.alloc(0);
    for await (const piece of response as AsyncIterable<Buffer>) {
      heard();
      yield piece;
    }
    if (!response.complete) throw new ApiError(0, "the connection was cut");
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted)
      throw new ApiError(0, `nothing was heard for ${Math.round(silenceMs / 1000)} s`);
    throw error instanceof ApiError ? error : new ApiError(0, reasonOf(error));
  } finally {
    cancel();
    silence.abort();
  }
}

/** @throws ApiError for every status but 200 */
export async function getJson(asked: Asked): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of stream(asked)) {
    pieces.push(piece);
    size += piece.length;
    if (size > MAX_BODY) throw new ApiError(0, "the answer is too large");
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8")) as unknown;
  } catch {
    throw new ApiError(0, "the answer is not JSON");
  }
}

async function open(asked: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  const { server, path } = asked;
  const options = await server.options();
  const { request } = server.base.protocol === "http:" ? http : https;
  const url = new URL(server.base.pathname.replace(/\/$/, "") + path, server.base);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, {
      ...options,
      method: "GET",
      headers: {
        ...(options.headers as OutgoingHttpHeaders),
        accept: "application/json",
        "user-agent": USER_AGENT,
      },
      signal,
    });
    sent.once("response", resolve);
    sent.on("error", reject);
    sent.end();
  });
  if (response.statusCode === 200) return response;
  response.resume();
  const after = Number(response.headers["retry-after"]);
  throw new ApiError(
    response.statusCode ?? 0,
    `the API server answers ${response.statusCode}`,
    Number.isFinite(after) ? Math.min(300_000, after * 1000) : 0,
  );
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === "string" ? code : String(message).slice(0, 200);
}
