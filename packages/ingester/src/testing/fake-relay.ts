import * as grpc from "@grpc/grpc-js";
import { create, fromBinary, toBinary, type DescMessage } from "@bufbuild/protobuf";
import {
  GetFlowsRequestSchema,
  GetNamespacesResponseSchema,
  GetNodesResponseSchema,
  LostEventSource,
  NodeState,
  ServerStatusResponseSchema,
  type GetFlowsRequest,
} from "@dropscope/hubble";
import { lostBytes, nodeStatusBytes } from "./mint.js";
import { createNodeRing, type NodeRing } from "./node-ring.js";

/** What the fake does wrong on purpose. All off at first. */
export interface Misbehaviour {
  /** Every message is written so many times more. */
  duplicate: number;
  /** Messages of one write round are shuffled within windows of this size, as relay's merge does. */
  reorder: number;
  /** After so many messages one of random bytes. */
  garbageEvery: number;
  /** Calls are accepted, and nothing is written. */
  stalled: boolean;
  /** Every new stream ends at once without an error, as a relay does that knows no nodes. */
  noNodes: boolean;
  /** Every new stream is refused. */
  refuse?: { code: grpc.status; details: string } | undefined;
  /** Reader losses as before 1.19: one message for each slot, without first and last. */
  oldLostEvents: boolean;
}

export interface FakeRelayOptions {
  /** Ring of each node. Default 4095. */
  capacity?: number;
  nodes?: readonly string[];
  tls?: { cert: string; key: string; clientCa?: string };
  seed?: number;
}

interface Reader {
  call: grpc.ServerWritableStream<GetFlowsRequest, Uint8Array>;
  sinceNs: bigint;
  /** Next number to read of each node that is subscribed. */
  at: Map<string, number>;
  blocked: boolean;
  pumping: boolean;
}

/**
 * Hubble Relay over real gRPC: rings that wrap, since and follow, losses of slow readers, node status.
 * It keeps the traps of the real one: a node that comes back replays from the `since` of the stream, and one whose
 * stream ended cleanly is never read again.
 */
export class FakeRelay {
  readonly wrong: Misbehaviour = {
    duplicate: 0,
    reorder: 0,
    garbageEvery: 0,
    stalled: false,
    noNodes: false,
    oldLostEvents: false,
  };
  /** `since` of every stream that was opened, ns. */
  readonly sinces: bigint[] = [];
  /** Requests as they came. */
  readonly requests: GetFlowsRequest[] = [];
  /** Events that readers were told to have lost. */
  told = 0;
  readonly rings = new Map<string, NodeRing>();
  port = 0;
  #away = new Set<string>();
  #readers = new Set<Reader>();
  #server: grpc.Server | undefined;
  #written = 0;
  #random: () => number;
  readonly #options: FakeRelayOptions;

  constructor(options: FakeRelayOptions = {}) {
    this.#options = options;
    this.#random = lcg(options.seed ?? 1);
    for (const node of options.nodes ?? ["n1"])
      this.rings.set(node, createNodeRing(options.capacity));
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get streams(): number {
    return this.#readers.size;
  }

  async start(tls = this.#options.tls): Promise<this> {
    const server = new grpc.Server();
    server.addService(SERVICE, this.#handlers());
    const credentials = tls
      ? grpc.ServerCredentials.createSsl(
          tls.clientCa === undefined ? null : Buffer.from(tls.clientCa),
          [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }],
          tls.clientCa !== undefined,
        )
      : grpc.ServerCredentials.createInsecure();
    this.port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${this.port}`, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      ),
    );
    this.#server = server;
    return this;
  }

  /** Killed: every connection breaks. The rings, which are the agents', stay. `start` brings it back on its port. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
    this.#readers.clear();
  }

  /** An event happens on a node. */
  emit(node: string, timeNs: bigint, bytes: Uint8Array): void {
    this.rings.get(node)!.add({ timeNs, bytes });
    for (const reader of this.#readers) this.#pump(reader);
  }

  /** Writes to every stream, past the rings. */
  say(bytes: Uint8Array): void {
    for (const reader of this.#readers) reader.call.write(bytes);
  }

  /** Ends every stream: without an error, or with one. */
  end(error?: { code: grpc.status; details: string }): void {
    for (const reader of this.#readers) {
      if (error === undefined) reader.call.end();
      else reader.call.emit("error", error);
    }
    this.#readers.clear();
  }

  /** The node's stream ended cleanly: relay says nothing and never reads it again in these streams. */
  mute(node: string): void {
    for (const reader of this.#readers) reader.at.delete(node);
  }

  /** The node's stream failed. It is told, and no flows come until `nodeBack`. */
  nodeError(node: string, message: string): void {
    this.#away.add(node);
    this.mute(node);
    this.say(nodeStatusBytes(NodeState.NODE_ERROR, [node], message));
  }

  /** Relay cannot reach the node; new streams are told at their start. */
  nodeUnavailable(node: string): void {
    this.#away.add(node);
    this.mute(node);
    this.say(nodeStatusBytes(NodeState.NODE_UNAVAILABLE, [node]));
  }

  /** Relay subscribes again with the request of the stream: everything since then comes again. Nothing is said. */
  nodeBack(node: string): void {
    this.#away.delete(node);
    for (const reader of this.#readers) {
      reader.at.set(node, this.rings.get(node)!.from(reader.sinceNs));
      this.#pump(reader);
    }
  }

  #handlers(): grpc.UntypedServiceImplementation {
    return {
      GetFlows: (call: grpc.ServerWritableStream<GetFlowsRequest, Uint8Array>) =>
        this.#getFlows(call),
      ServerStatus: (_call: unknown, answer: grpc.sendUnaryData<Uint8Array>) =>
        answer(null, this.#serverStatus()),
      GetNodes: (_call: unknown, answer: grpc.sendUnaryData<Uint8Array>) =>
        answer(null, this.#nodes()),
      GetNamespaces: (_call: unknown, answer: grpc.sendUnaryData<Uint8Array>) =>
        answer(
          null,
          toBinary(
            GetNamespacesResponseSchema,
            create(GetNamespacesResponseSchema, { namespaces: [{ namespace: "shop" }] }),
          ),
        ),
    };
  }

  #getFlows(call: grpc.ServerWritableStream<GetFlowsRequest, Uint8Array>): void {
    const { request } = call;
    this.requests.push(request);
    const { refuse, noNodes, stalled } = this.wrong;
    if (refuse !== undefined) {
      call.emit("error", refuse);
      return;
    }
    const since = request.since;
    const sinceNs = since === undefined ? 0n : since.seconds * 1_000_000_000n + BigInt(since.nanos);
    this.sinces.push(sinceNs);
    if (noNodes) {
      call.end();
      return;
    }
    const headers = new grpc.Metadata();
    headers.set("hubble-relay-version", "1.19.4-fake");
    if (!stalled) call.sendMetadata(headers);
    const here = [...this.rings.keys()].filter((node) => !this.#away.has(node));
    if (!stalled) {
      call.write(nodeStatusBytes(NodeState.NODE_CONNECTED, here));
      if (this.#away.size > 0)
        call.write(nodeStatusBytes(NodeState.NODE_UNAVAILABLE, [...this.#away]));
    }
    const at = new Map(here.map((node) => [node, this.rings.get(node)!.from(sinceNs)]));
    const reader: Reader = { call, sinceNs, at, blocked: false, pumping: false };
    this.#readers.add(reader);
    const gone = () => void this.#readers.delete(reader);
    call.on("cancelled", gone).on("close", gone).on("error", gone);
    call.on("drain", () => {
      reader.blocked = false;
      this.#pump(reader);
    });
    this.#pump(reader);
  }

  #pump(reader: Reader): void {
    if (reader.pumping || this.wrong.stalled) return;
    reader.pumping = true;
    while (!reader.blocked) {
      const round = this.#round(reader);
      if (round.length === 0) break;
      for (const bytes of round) reader.blocked = !this.#write(reader, bytes) || reader.blocked;
    }
    reader.pumping = false;
  }

  /** The next events of all nodes, merged by time. */
  #round(reader: Reader): Uint8Array[] {
    const events: { timeNs: bigint; bytes: Uint8Array }[] = [];
    for (const [node, next] of reader.at) {
      const ring = this.rings.get(node)!;
      let n = next;
      if (n < ring.oldest) {
        events.push(...this.#lost(node, ring.oldest - n, ring.at(ring.oldest).timeNs));
        n = ring.oldest;
      }
      const end = Math.min(ring.next, n + 100);
      for (; n < end; n++) events.push(ring.at(n));
      reader.at.set(node, n);
    }
    events.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
    const size = this.wrong.reorder;
    if (size > 1)
      for (let i = 0; i < events.length; i += size)
        events.splice(i, size, ...shuffle(events.slice(i, i + size), this.#random));
    return events.map((event) => event.bytes);
  }

  #lost(node: string, count: number, timeNs: bigint): { timeNs: bigint; bytes: Uint8Array }[] {
    this.told += count;
    const source = LostEventSource.HUBBLE_RING_BUFFER;
    if (!this.wrong.oldLostEvents) {
      const mint = { node, timeNs, source, count, firstNs: timeNs - 1_000_000n, lastNs: timeNs };
      return [{ timeNs, bytes: lostBytes(mint) }];
    }
    return Array.from({ length: count }, (_, i) => ({
      timeNs,
      bytes: lostBytes({ node, timeNs: timeNs + BigInt(i), source, count: 1 }),
    }));
  }

  #write(reader: Reader, bytes: Uint8Array): boolean {
    let more = reader.call.write(bytes);
    for (let i = 0; i < this.wrong.duplicate; i++) more = reader.call.write(bytes);
    const { garbageEvery } = this.wrong;
    if (garbageEvery > 0 && ++this.#written % garbageEvery === 0)
      more = reader.call.write(
        Uint8Array.from({ length: 40 }, () => 0x80 | Math.floor(this.#random() * 128)),
      );
    return more;
  }

  #serverStatus(): Uint8Array {
    const rings = [...this.rings.values()];
    return toBinary(
      ServerStatusResponseSchema,
      create(ServerStatusResponseSchema, {
        version: "1.19.4-fake",
        numFlows: BigInt(rings.reduce((sum, ring) => sum + ring.next - ring.oldest, 0)),
        maxFlows: BigInt(rings.reduce((sum, ring) => sum + ring.capacity, 0)),
        seenFlows: BigInt(rings.reduce((sum, ring) => sum + ring.next, 0)),
        flowsRate: 100,
        numConnectedNodes: this.rings.size - this.#away.size,
        numUnavailableNodes: this.#away.size,
        unavailableNodes: [...this.#away],
      }),
    );
  }

  #nodes(): Uint8Array {
    const nodes = [...this.rings.keys()].map((name) => ({
      name,
      state: this.#away.has(name) ? NodeState.NODE_UNAVAILABLE : NodeState.NODE_CONNECTED,
    }));
    return toBinary(GetNodesResponseSchema, create(GetNodesResponseSchema, { nodes }));
  }
}

function method(name: string, responseStream: boolean, input?: DescMessage) {
  return {
    path: `/observer.Observer/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    requestDeserialize: (bytes: Buffer) => (input === undefined ? bytes : fromBinary(input, bytes)),
    responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}

const SERVICE: grpc.ServiceDefinition = {
  GetFlows: method("GetFlows", true, GetFlowsRequestSchema),
  ServerStatus: method("ServerStatus", false),
  GetNodes: method("GetNodes", false),
  GetNamespaces: method("GetNamespaces", false),
};

function shuffle<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

/** Same seed, same mischief. */
function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}
