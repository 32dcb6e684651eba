import * as grpc from "@grpc/grpc-js";
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  GetNamespacesRequestSchema,
  GetNamespacesResponseSchema,
  GetNodesRequestSchema,
  GetNodesResponseSchema,
  GetFlowsRequestSchema,
  ServerStatusRequestSchema,
  ServerStatusResponseSchema,
  type GetFlowsRequest,
  type GetNamespacesResponse,
  type GetNodesResponse,
  type ServerStatusResponse,
} from "@dropscope/hubble";
import { readCertificates } from "./certificates.js";
import type { HubbleTarget } from "./config.js";

/** A flow is 0.5 to 5 KiB; a bigger message than this ends the stream, which is then resumed. */
const MAX_MESSAGE_BYTES = 16 << 20;
/** Default 64 KiB windows cost half of the throughput. */
const WINDOW_BYTES = 4 << 20;
/** grpc-go's servers end a connection that pings more often than every 5 minutes. */
const KEEPALIVE_MS = 310_000;
const UNARY_DEADLINE_MS = 10_000;

/** One channel to a Hubble server. Made anew for each reconnect, so that names and certificates are fresh. */
export interface HubbleConnection {
  /** The stream of raw messages; no deadline. */
  getFlows(request: GetFlowsRequest): grpc.ClientReadableStream<Buffer>;
  serverStatus(): Promise<ServerStatusResponse>;
  getNodes(): Promise<GetNodesResponse>;
  getNamespaces(): Promise<GetNamespacesResponse>;
  /** Of the certificate files; undefined without TLS. */
  readonly fingerprint: string | undefined;
  close(): void;
}

/**
 * Reads the certificates and makes a channel; dialling happens with the first call.
 * @throws DropscopeError `HUBBLE_TLS_FILE`
 */
export async function connect(target: HubbleTarget): Promise<HubbleConnection> {
  const { credentials, fingerprint } = await credentialsOf(target);
  const client = new grpc.Client(target.address.dial, credentials, channelOptions(target));

  function unary<O extends DescMessage>(
    method: string,
    input: DescMessage,
    output: O,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/observer.Observer/${method}`,
        (bytes: Buffer) => bytes,
        (bytes) => fromBinary(output, bytes),
        Buffer.from(toBinary(input, create(input))),
        new grpc.Metadata(),
        { deadline: Date.now() + UNARY_DEADLINE_MS },
        (error, answer) => {
          if (error !== null || answer === undefined) reject(error ?? new Error("no answer"));
          else resolve(answer);
        },
      );
    });
  }

  return {
    fingerprint,
    getFlows: (request) =>
      client.makeServerStreamRequest(
        "/observer.Observer/GetFlows",
        (bytes: Buffer) => bytes,
        // Raw bytes: a deserialiser that throws would end the stream.
        (bytes) => bytes,
        Buffer.from(toBinary(GetFlowsRequestSchema, request)),
      ),
    serverStatus: () =>
      unary("ServerStatus", ServerStatusRequestSchema, ServerStatusResponseSchema),
    getNodes: () => unary("GetNodes", GetNodesRequestSchema, GetNodesResponseSchema),
    getNamespaces: () =>
      unary("GetNamespaces", GetNamespacesRequestSchema, GetNamespacesResponseSchema),
    close: () => client.close(),
  };
}

async function credentialsOf(
  target: HubbleTarget,
): Promise<{ credentials: grpc.ChannelCredentials; fingerprint: string | undefined }> {
  if (target.tls === undefined)
    return { credentials: grpc.credentials.createInsecure(), fingerprint: undefined };
  const { context, fingerprint } = await readCertificates(target.tls);
  const verify = target.tls.insecure ? { rejectUnauthorized: false } : {};
  return {
    credentials: grpc.credentials.createFromSecureContext(context, verify),
    fingerprint,
  };
}

function channelOptions(target: HubbleTarget): grpc.ClientOptions {
  return {
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc-node.flow_control_window": WINDOW_BYTES,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": 20_000,
    // We retry ourselves, with a new `since`; a channel of our own keeps no backoff of earlier ones.
    "grpc.enable_retries": 0,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
    ...(target.tls && {
      "grpc.ssl_target_name_override": target.tls.serverName,
      "grpc.default_authority": target.tls.serverName,
    }),
  };
}
