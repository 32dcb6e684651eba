import {
  file_grpc_health,
  file_grpc_reflection,
  file_observer_observer,
  Observer,
} from "@dropscope/hubble";
import {
  DropscopeError,
  EXIT,
  LOCAL_VIEWER,
  systemClock,
  type Clock,
  type Part,
} from "@dropscope/model";
import type { FlowBlocks, FlowReader, StoreFacts } from "@dropscope/store";
import { statusOf } from "./errors.js";
import { createGate } from "./flows/gate.js";
import { getFlows } from "./flows/stream.js";
import { createTail } from "./flows/tail.js";
import { createGrpcServer, type Handler } from "./grpc/server.js";
import { CODE, GrpcError } from "./grpc/status.js";
import type { ServerTls } from "./grpc/tls.js";
import { healthHandlers } from "./health.js";
import { isLoopback } from "./loopback.js";
import { reflectionHandlers } from "./reflection.js";
import { statusHandlers } from "./status.js";

export interface ObserverOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: ServerTls;
  /** Serve other machines without TLS. */
  readonly allowPlaintext?: boolean;
  readonly reader: FlowReader;
  readonly blocks: FlowBlocks;
  readonly facts: StoreFacts;
  /** Does the store answer? */
  readonly isServing: () => Promise<boolean>;
  /** Of dropscope. */
  readonly version: string;
  /** Of flows that do not name their cluster. */
  readonly cluster: string;
  readonly clock?: Clock;
  /** Hears of errors that are nobody's fault but ours. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: Partial<ObserverLimits>;
}

export interface ObserverLimits {
  /** GetFlows calls at once; one more is answered RESOURCE_EXHAUSTED. */
  streams: number;
  /** Of those, how many read history at once; the others wait. Each holds a query of the engine. */
  queries: number;
  connections: number;
  callsPerConnection: number;
  requestBytes: number;
  /** ms. */
  requestMs: number;
  /** ms for which a client may take nothing before it is cut off. */
  stallMs: number;
  /** ms between two looks at what has landed. */
  tailMs: number;
}

export const OBSERVER_LIMITS: ObserverLimits = {
  streams: 100,
  queries: 3,
  connections: 200,
  callsPerConnection: 100,
  requestBytes: 4 * 1024 * 1024,
  requestMs: 10_000,
  stallMs: 60_000,
  tailMs: 500,
};

/** What Hubble's tools take dropscope for. */
export const HUBBLE_VERSION = "1.19.4";

export interface ObserverServer extends Part {
  /** `host:port`; empty before the start. */
  address(): string;
}

/**
 * Hubble's Observer API over what is stored, for the real `hubble` and Hubble UI.
 * @throws DropscopeError `OBSERVER_PLAINTEXT` for an address of other machines without TLS
 */
export function createObserver(options: ObserverOptions): ObserverServer {
  const { listen, tls, reader, blocks } = options;
  if (tls === undefined && options.allowPlaintext !== true && !isLoopback(listen.host))
    throw new DropscopeError(
      "OBSERVER_PLAINTEXT",
      `The Observer API on ${listen.host} would give every stored flow to whoever can reach it.`,
      {
        next: "Give --observer-tls-cert-file and --observer-tls-key-file (with --observer-tls-client-ca-files to say who may come), listen on 127.0.0.1, or say --observer-allow-plaintext.",
        exitCode: EXIT.usage,
      },
    );
  const limits = { ...OBSERVER_LIMITS, ...options.limits };
  const clock = options.clock ?? systemClock;
  const tail = createTail(reader, clock, limits.tailMs);
  const service = {
    reader,
    blocks,
    tail,
    viewer: LOCAL_VIEWER,
    clock,
    streams: createGate(limits.streams, `there are ${limits.streams} GetFlows calls already`),
    queries: createGate(limits.queries, "too many queries"),
  };
  const handlers = new Map<string, Handler>([
    ["/observer.Observer/GetFlows", (call) => getFlows(call, service)],
    // Events of agents are not stored; relay does not have these either.
    ["/observer.Observer/GetAgentEvents", unimplemented("GetAgentEvents")],
    ["/observer.Observer/GetDebugEvents", unimplemented("GetDebugEvents")],
    ...statusHandlers({ ...options, reader, clock }),
    ...healthHandlers([Observer.typeName], options.isServing, clock),
    ...reflectionHandlers([file_observer_observer, file_grpc_health, file_grpc_reflection]),
  ]);
  const server = createGrpcServer({
    ...listen,
    ...(tls === undefined ? {} : { tls }),
    handlers,
    headers: { "hubble-relay-version": HUBBLE_VERSION },
    limits,
    statusOf: (error) => statusOf(error, options.onError),
  });
  return {
    address: () => server.address(),
    start: () => server.start(),
    async stop(deadlineMs) {
      tail.stop();
      await server.stop(deadlineMs);
    },
  };
}

function unimplemented(method: string): Handler {
  return () =>
    Promise.reject(new GrpcError(CODE.unimplemented, `method ${method} not implemented`));
}
