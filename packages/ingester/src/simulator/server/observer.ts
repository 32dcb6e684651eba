import {
  fromBinary,
  fromJson,
  toBinary,
  type DescMessage,
  type JsonValue,
} from "@bufbuild/protobuf";
import {
  Metadata,
  status as Code,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { formatTime } from "../traffic/generator.js";
import {
  GetFlowsRequestSchema,
  GetNamespacesResponseSchema,
  GetNodesResponseSchema,
  Observer,
  ServerStatusResponseSchema,
  type GetFlowsRequest,
} from "@dropscope/hubble";
import { createCursor } from "./cursor.js";
import type { ObserverOptions } from "./observer-options.js";
import { createRelayStream } from "./relay.js";
import { readRequest } from "./request.js";
import { namespaces, nodes, serverStatus, VERSION } from "./status.js";
import { startStream, type LiveStream } from "./stream.js";

export interface ObserverService {
  definition: ServiceDefinition;
  implementation: UntypedServiceImplementation;
  /** Every stream sends what has come since. */
  pumpAll(): void;
  /** Ends every open stream as a client sees it when the server dies. */
  breakAll(): void;
  /** Number of GetFlows calls that are open. */
  streams(): number;
}

const RELAY_NAME = "hubble-relay-5c7d9f6b84-x2vqk";

/** Hubble's Observer service over the rings of the simulated agents. */
export function createObserver(options: ObserverOptions): ObserverService {
  const { mode, agents, startMs, now } = options;
  const live = new Set<LiveStream>();
  const nowText = (): string => formatTime(startMs, Math.round(now()));
  const agentMode = mode === "agent";
  const headers = (): Metadata => {
    const metadata = new Metadata();
    metadata.set(agentMode ? "hubble-server-version" : "hubble-relay-version", VERSION);
    return metadata;
  };

  const getFlows: handleServerStreamingCall<GetFlowsRequest, Uint8Array> = (call) => {
    const query = readRequest(call.request, startMs);
    if ("code" in query) {
      call.emit("error", query);
      return;
    }
    call.sendMetadata(headers());
    const [agent] = agents;
    const cursor =
      agentMode && agent !== undefined
        ? createCursor({ ring: agent.ring, nodeName: agent.node.hubbleName, query, startMs, now })
        : createRelayStream({
            agents,
            query,
            startMs,
            relayName: RELAY_NAME,
            now,
            nowText,
            sort: options.sort,
          });
    const stream = startStream(call, cursor, () => live.delete(stream));
    live.add(stream);
    stream.pump();
  };

  const unary =
    (schema: DescMessage, answer: () => object): handleUnaryCall<unknown, Uint8Array> =>
    (call, callback) => {
      call.sendMetadata(headers());
      callback(null, toBinary(schema, fromJson(schema, answer() as JsonValue)));
    };
  const refuse =
    (method: string): handleUnaryCall<unknown, Uint8Array> =>
    (_call, callback) => {
      callback({ code: Code.UNIMPLEMENTED, details: `method ${method} not implemented` });
    };
  const refuseStream =
    (method: string): handleServerStreamingCall<unknown, Uint8Array> =>
    (call) => {
      call.emit("error", {
        code: Code.UNIMPLEMENTED,
        details: `method ${method} not implemented`,
      });
    };

  return {
    definition: definition(),
    implementation: {
      getFlows,
      // Only agents have these events, and the simulated ones have none.
      getAgentEvents: agentMode ? endAtOnce(headers) : refuseStream("GetAgentEvents"),
      getDebugEvents: agentMode ? endAtOnce(headers) : refuseStream("GetDebugEvents"),
      getNodes: agentMode
        ? refuse("GetNodes")
        : unary(GetNodesResponseSchema, () => nodes(options)),
      getNamespaces: unary(GetNamespacesResponseSchema, () => namespaces(options)),
      serverStatus: unary(ServerStatusResponseSchema, () => serverStatus(options)),
    },
    pumpAll() {
      for (const stream of live) stream.pump();
    },
    breakAll() {
      for (const stream of live) stream.fail(Code.UNAVAILABLE, "error reading from server: EOF");
    },
    streams: () => live.size,
  };
}

function endAtOnce(headers: () => Metadata): handleServerStreamingCall<unknown, Uint8Array> {
  return (call) => {
    call.sendMetadata(headers());
    call.end();
  };
}

/** Requests are decoded, responses are bytes already. */
function definition(): ServiceDefinition {
  const methods: Record<string, MethodDefinition<unknown, Uint8Array>> = {};
  for (const method of Observer.methods) {
    const decodes = method.input.typeName === GetFlowsRequestSchema.typeName;
    methods[method.localName] = {
      path: `/${Observer.typeName}/${method.name}`,
      requestStream: false,
      responseStream: method.methodKind === "server_streaming",
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: (bytes) =>
        // grpc-js takes a missing value for a missing message.
        decodes ? fromBinary(GetFlowsRequestSchema, bytes) : {},
      responseSerialize: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      responseDeserialize: (bytes) => bytes,
    };
  }
  return methods;
}
