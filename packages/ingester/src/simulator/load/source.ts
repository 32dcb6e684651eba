import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { GetFlowsRequestSchema } from "@dropscope/hubble";
import { encodeNodeStatus } from "../server/encode.js";
import { createFrames } from "./frames.js";
import { createPump, type Pump } from "./pump.js";
import { serverStatusBytes } from "./status.js";

export interface LoadOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** 0 takes a free port. */
  port: number;
  /** Default: as fast as the receiver takes them. */
  flowsPerSecond?: number;
  /** Flows over all streams, then the stream ends (or stays open, if it follows). Default: no end. */
  total?: number;
  seed?: string;
  /** Distinct flows that are repeated with fresh ids and times. Default 20,000. */
  distinct?: number;
}

export interface LoadSource {
  /** `host:port`. */
  address: string;
  /** Flows handed to the network so far. */
  sent(): number;
  stop(): Promise<void>;
}

/**
 * A GetFlows server for benchmarks. It speaks HTTP/2 itself and writes many frames at
 * once: a grpc-js server ends near 50,000 messages a second and would measure itself.
 * The uuid of flow n ends in n, in hex.
 */
export async function startLoadSource(options: LoadOptions): Promise<LoadSource> {
  const frames = createFrames(options.seed ?? "load", options.distinct ?? 20_000);
  const host = options.host ?? "127.0.0.1";
  const shared = { sent: 0, total: options.total ?? Infinity };
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings: { maxConcurrentStreams: 100 } });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const method = String(headers[":path"]);
    readRequest(stream, (request) => {
      if (method.endsWith("/GetFlows")) answerFlows(stream, request);
      else if (method.endsWith("/ServerStatus")) answerStatus(stream);
      else refuse(stream);
    });
  });

  function answerFlows(stream: ServerHttp2Stream, request: Uint8Array): void {
    const { follow } = fromBinary(GetFlowsRequestSchema, request);
    respond(stream);
    const time = new Date().toISOString();
    stream.write(frame(encodeNodeStatus("load", time, "NODE_CONNECTED", NODES).bytes));
    const pump: Pump = createPump(stream, frames, {
      shared,
      flowsPerSecond: options.flowsPerSecond,
      onDone: () => {
        if (!follow) stream.end();
      },
    });
    stream.on("close", () => pump.stop());
    pump.start();
  }

  function answerStatus(stream: ServerHttp2Stream): void {
    respond(stream);
    stream.end(frame(serverStatusBytes(shared.sent)));
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `${host}:${port}`,
    sent: () => shared.sent,
    async stop() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const NODES = ["shop/node-1", "shop/node-2", "shop/node-3"];
const UNIMPLEMENTED = "12";

/** A unary request is one frame; its message is handed on when the client has sent all. */
function readRequest(stream: ServerHttp2Stream, done: (message: Uint8Array) => void): void {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  stream.on("end", () => done(Buffer.concat(parts).subarray(5)));
}

function respond(stream: ServerHttp2Stream): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto", "hubble-relay-version": "1.19.4" },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto", "grpc-status": UNIMPLEMENTED },
    { endStream: true },
  );
}

function frame(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(5 + message.length);
  out[0] = 0;
  out.writeUInt32BE(message.length, 1);
  out.set(message, 5);
  return out;
}
