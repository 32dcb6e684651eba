import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Part } from "@dropscope/model";
import { Call, type CallLimits } from "./call.js";
import { listen } from "./listen.js";
import { CODE, GrpcError } from "./status.js";
import { tlsOptions, watchFiles, type ServerTls } from "./tls.js";

/** Answers one call: adds messages, or throws. What it returns to is OK. */
export type Handler = (call: Call) => Promise<void>;

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: ServerTls;
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: CallLimits & {
    /** Clients at once; one more is refused at the door. */
    readonly connections: number;
    /** Calls at once of one client. */
    readonly callsPerConnection: number;
  };
  /** The status for an error that is not a GrpcError. */
  readonly statusOf: (error: unknown) => GrpcError;
}

export interface GrpcServer extends Part {
  /** `host:port`; empty before the start. */
  address(): string;
}

/**
 * gRPC over HTTP/2 by its specification, as far as a server needs it: no compression, no
 * deadlines but the client's. It writes many messages at once, which grpc-js cannot: a stream of
 * flows is some times faster, and a message is bytes that somebody has made already.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const sessions = new Set<ServerHttp2Session>();
  const calls = new Set<Call>();
  let server: Http2Server | undefined;
  let bound = "";
  let unwatch = (): void => {};

  function serve(stream: ServerHttp2Stream, head: IncomingHttpHeaders): void {
    const refused = httpStatus(head);
    if (refused !== undefined) {
      stream.on("error", () => {});
      stream.respond({ ":status": refused }, { endStream: true });
      return;
    }
    const call = new Call(stream, head, options.limits, options.headers);
    calls.add(call);
    void answer(call).finally(() => calls.delete(call));
  }

  async function answer(call: Call): Promise<void> {
    try {
      const handler = options.handlers.get(call.path);
      if (handler === undefined) throw unknownMethod(call.path, options.handlers);
      await handler(call);
      call.end();
    } catch (error) {
      // An abort shows up as all kinds of errors; why it was aborted is what counts.
      const reason: unknown = call.signal.aborted ? call.signal.reason : error;
      const status = reason instanceof GrpcError ? reason : options.statusOf(reason);
      call.fail(status.code, status.message);
    }
  }

  return {
    address: () => bound,
    async start() {
      const settings = {
        maxConcurrentStreams: options.limits.callsPerConnection,
        enableConnectProtocol: false,
      };
      const secure =
        options.tls === undefined
          ? undefined
          : createSecureServer({ settings, handshakeTimeout: 10_000, ...tlsOptions(options.tls) });
      const made = secure ?? createServer({ settings });
      made.on("session", (session: ServerHttp2Session) => {
        sessions.add(session);
        session.on("close", () => sessions.delete(session));
        session.on("error", () => session.destroy());
      });
      made.on("connection", (socket: Socket) => socket.setKeepAlive(true, 60_000));
      // Whoever does not speak HTTP/2, or has no certificate: nobody to answer to.
      made.on("sessionError", () => {});
      made.on("tlsClientError", () => {});
      made.on("stream", serve);
      made.maxConnections = options.limits.connections;
      await listen(made, options.host, options.port);
      const { address, family, port } = made.address() as AddressInfo;
      bound = `${family === "IPv6" ? `[${address}]` : address}:${port}`;
      server = made;
      if (options.tls !== undefined && secure !== undefined)
        unwatch = watchFiles(options.tls, (fresh) => secure.setSecureContext(fresh));
    },
    async stop(deadlineMs) {
      const open = server;
      server = undefined;
      if (open === undefined) return;
      unwatch();
      const closed = new Promise<void>((resolve) => open.close(() => resolve()));
      for (const session of sessions) session.close();
      for (const call of calls) call.stop(CODE.unavailable, "the server is stopping");
      const cut = setTimeout(
        () => {
          for (const session of sessions) session.destroy();
        },
        Math.min(deadlineMs / 2, 2_000),
      );
      await closed;
      clearTimeout(cut);
    },
  };
}

/** What is not gRPC gets an answer in HTTP. */
function httpStatus(head: IncomingHttpHeaders): number | undefined {
  if (head[":method"] !== "POST") return constants.HTTP_STATUS_METHOD_NOT_ALLOWED;
  if (!/^application\/grpc(?:$|[+;])/.test(head["content-type"] ?? ""))
    return constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE;
  return undefined;
}

function unknownMethod(path: string, handlers: ReadonlyMap<string, Handler>): GrpcError {
  const [, service = "", method = ""] = path.split("/");
  const known = [...handlers.keys()].some((one) => one.startsWith(`/${service}/`));
  const text = known
    ? `unknown method ${method} for service ${service}`
    : `unknown service ${service}`;
  return new GrpcError(CODE.unimplemented, text);
}
