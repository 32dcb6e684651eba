import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, status as Code, type ServiceError } from "@grpc/grpc-js";
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  FlowFilterSchema,
  GetNamespacesResponseSchema,
  GetNodesResponseSchema,
  health,
  NodeState,
  reflection,
  ServerStatusResponseSchema,
} from "@dropscope/hubble";
import { createDecoder, createFeed, createRecentIds, importFiles } from "@dropscope/ingester";
import { systemClock } from "@dropscope/model";
import {
  createObserver,
  type ObserverLimits,
  type ObserverServer,
  type ServerTls,
} from "@dropscope/observer";
import {
  createFlowBlocks,
  createReader,
  createStoreFacts,
  openStore,
  type Store,
} from "@dropscope/store";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import { observerClient, type ObserverClient } from "../kit/observer-client.js";
import { createAuthority, writeIssued } from "../kit/x509.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-observer-"));
const COUNT = 5_000;
const startMs = Date.UTC(2026, 9, 1);
let store: Store;
const open: { stop(ms: number): Promise<void> }[] = [];
const clients: { close(): void }[] = [];

beforeAll(async () => {
  store = openStore({ dataDir: join(folder, "data"), requireStore: true });
  await store.start();
  await bring(flowLines(COUNT, { startMs }));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of open.splice(0)) await server.stop(2_000);
});
afterAll(async () => {
  await store.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
});

async function bring(lines: string): Promise<void> {
  const file = join(folder, `${Math.random()}.jsonl`);
  writeFileSync(file, lines);
  const feed = createFeed({
    door: store.door,
    decoder: createDecoder(),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    clock: systemClock,
  });
  await importFiles({ inputs: [file], feed });
  await feed.stop(10_000);
  await store.drained();
}

async function serve(
  more: { tls?: ServerTls; limits?: Partial<ObserverLimits>; windowRows?: number } = {},
): Promise<ObserverServer> {
  const server = createObserver({
    listen: { host: "127.0.0.1", port: 0 },
    reader: createReader(store.client),
    blocks: createFlowBlocks(store.client, {
      windowRows: more.windowRows ?? 2_000,
      blockRows: 500,
    }),
    facts: createStoreFacts(store.client),
    isServing: () => store.client.ping(),
    version: "9.9.9",
    cluster: "default",
    ...more,
    limits: { tailMs: 50, ...more.limits },
  });
  await server.start();
  open.push(server);
  return server;
}

async function clientOf(more: Parameters<typeof serve>[0] = {}): Promise<ObserverClient> {
  const client = observerClient((await serve(more)).address());
  clients.push(client);
  return client;
}

const refusal = async (client: ObserverClient, request: Parameters<ObserverClient["flows"]>[0]) => {
  const error = (await client.flows(request).ended) as ServiceError;
  return { code: error.code, details: error.details };
};

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error("it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Queries of this engine that read whole flows; those that plan them come and go. */
async function running(): Promise<number> {
  const rows = await store.client.query<{ n: string }>(
    "SELECT count() AS n FROM system.processes WHERE query LIKE '%summary%FROM flows%' AND query NOT LIKE '%system.processes%'",
  );
  return Number(rows[0]?.n);
}

test("status, nodes and namespaces say what is stored", async () => {
  const client = await clientOf();
  const status = await client.unary("ServerStatus", ServerStatusResponseSchema);
  expect(status).toMatchObject({
    numFlows: BigInt(COUNT),
    maxFlows: BigInt(COUNT),
    seenFlows: BigInt(COUNT),
    numConnectedNodes: 1,
    numUnavailableNodes: 0,
    version: "dropscope 9.9.9",
  });
  const { nodes } = await client.unary("GetNodes", GetNodesResponseSchema);
  expect(nodes).toMatchObject([
    { name: "test/node-1", state: NodeState.NODE_CONNECTED, numFlows: BigInt(COUNT) },
  ]);
  const { namespaces } = await client.unary("GetNamespaces", GetNamespacesResponseSchema);
  expect(namespaces.map(({ cluster, namespace }) => `${cluster}/${namespace}`)).toEqual([
    "default/payments",
    "default/web",
  ]);
  for (const method of ["GetAgentEvents", "Nonsense"])
    await expect(client.unary(method, GetNodesResponseSchema)).rejects.toMatchObject({
      code: Code.UNIMPLEMENTED,
    });
});

test("bounds are inclusive, since wins over the direction, masks empty the envelope", async () => {
  const client = await clientOf();
  const at = (second: number) => ({ seconds: BigInt(startMs / 1000 + second), nanos: 0 });
  const seconds = async (request: Parameters<ObserverClient["flows"]>[0]): Promise<number[]> => {
    const stream = client.flows(request);
    expect(await stream.ended).toBeUndefined();
    return stream.flows().map((flow) => Number(flow.time?.seconds) - startMs / 1000);
  };
  expect(await seconds({ since: at(10), until: at(13) })).toEqual([10, 11, 12, 13]);
  expect(await seconds({ since: at(10), number: 2n })).toEqual([10, 11]);
  expect(await seconds({ until: at(13), number: 2n })).toEqual([12, 13]);
  expect(await seconds({ first: true, number: 2n })).toEqual([0, 1]);
  expect(await seconds({ number: 2n })).toEqual([COUNT - 2, COUNT - 1]);
  expect(await seconds({ since: at(13), until: at(10) })).toEqual([]);
  expect(await seconds({ since: at(COUNT * 10) })).toEqual([]);
  expect(await seconds({ number: 2n ** 64n - 1n })).toHaveLength(COUNT);

  const masked = client.flows({ number: 1n, fieldMask: { paths: ["source.pod_name", "verdict"] } });
  await masked.ended;
  expect(masked.responses[0]).toMatchObject({ nodeName: "" });
  expect(masked.responses[0]?.time).toBeUndefined();
  expect(masked.flows()[0]).toMatchObject({ source: { podName: "frontend", identity: 0 } });
  expect(masked.flows()[0]?.destination).toBeUndefined();
  expect((await masked.headers).get("hubble-relay-version")).toEqual(["1.19.4"]);
});

test("what cannot be answered is refused by its name, never answered with more", async () => {
  const client = await clientOf();
  const ofNewerHubble = create(FlowFilterSchema);
  ofNewerHubble.$unknown = [{ no: 41, wireType: 0, data: Uint8Array.of(1) }];
  const cases: [Parameters<ObserverClient["flows"]>[0], RegExp][] = [
    [{ first: true, follow: true }, /first cannot be specified with follow/],
    [{ fieldMask: { paths: ["time", "source.pod"] } }, /invalid fieldmask.*"source\.pod"/],
    [{ whitelist: [{ sourcePort: ["http"] }] }, /whitelist\[0\]\.source_port/],
    [{ blacklist: [{}, { sourceIp: ["10.0.0.0/99"] }] }, /blacklist\[1\]\.source_ip/],
    [{ whitelist: [{ dnsQuery: ["(a"] }] }, /whitelist\[0\]\.dns_query/],
    [{ whitelist: [{ httpPath: ["(?=x)"] }] }, /whitelist\[0\]\.http_path/],
    [{ whitelist: [{ experimental: { celExpression: ["true"] } }] }, /cel_expression/],
    [{ whitelist: [ofNewerHubble] }, /whitelist\[0\]: field 41/],
    [
      { whitelist: Array.from({ length: 10_000 }, () => ({ sourcePod: ["a/b"] })) },
      /20000 filters and values; at most 2000/,
    ],
    [{ whitelist: [{ sourcePod: [`a/${"x".repeat(200_000)}`] }] }, /bytes of values/],
    [
      { whitelist: [{ dnsQuery: Array.from({ length: 101 }, (_, i) => `a{${i}}`) }] },
      /regular expressions/,
    ],
  ];
  for (const [request, details] of cases)
    expect(await refusal(client, request)).toEqual({
      code: Code.INVALID_ARGUMENT,
      details: expect.stringMatching(details),
    });
  // Linear time: this one takes a backtracking engine longer than the test may last.
  const slow = client.flows({ whitelist: [{ httpUrl: ["(a|aa)+$"] }], number: 1n });
  expect(await slow.ended).toBeUndefined();
  // The most that is answered is answered.
  const many = client.flows({
    whitelist: [{ sourcePod: Array.from({ length: 1_900 }, (_, i) => `ns-${i}/pod-${i}-`) }],
  });
  expect(await many.ended).toBeUndefined();
});

test("follow: what is there and what lands, each flow once and in its order, for several who follow", async () => {
  const client = await clientOf();
  const streams = [
    client.flows({ follow: true, number: 2n }),
    client.flows({ follow: true }),
    client.flows({
      follow: true,
      whitelist: [{ sourcePod: ["web/late"] }],
      since: { seconds: 0n, nanos: 0 },
    }),
  ];
  await until(() => (streams[0]?.flows().length ?? 0) === 2);
  for (let round = 0; round < 3; round++)
    await bring(flowLines(40, { startMs: startMs + 10_000_000 + round * 100_000, pod: "late" }));
  await until(() => streams.every((stream) => stream.flows().length >= 120));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const counts = streams.map((stream) => new Set(stream.flows().map((flow) => flow.uuid)).size);
  expect(counts).toEqual([122, 120, 120]);
  expect(streams.map((stream) => stream.flows().length)).toEqual(counts);
  const times = streams[1]?.flows().map((flow) => Number(flow.time?.seconds)) ?? [];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const stream of streams) stream.cancel();
});

test("who leaves ends his query in the engine; who stays, and who stalls, holds one until the limit", async () => {
  // More than all buffers between here and there: the query waits for its reader.
  const lines = flowLines(10_000, { startMs: startMs + 50_000_000, pod: "wordy" });
  await bring(lines.replaceAll('"TCP Flags: SYN"', JSON.stringify("x".repeat(3_000))));
  const patient = await clientOf({ windowRows: 20_000 });
  const strict = await clientOf({ limits: { stallMs: 3_000 }, windowRows: 20_000 });
  const asked = (client: ObserverClient) => {
    const stream = client.flows({ whitelist: [{ sourcePod: ["web/wordy"] }] });
    stream.pause();
    return stream;
  };
  const left = asked(patient);
  const stays = asked(patient);
  await until(async () => (await running()) === 2);
  left.cancel();
  await until(async () => (await running()) < 2);
  const stalled = asked(strict);
  await until(async () => (await running()) === 2);
  await until(async () => (await running()) < 2);
  stalled.resume();
  expect((await stalled.ended)?.code).toBe(Code.CANCELLED);
  // The negative control: who has longer takes as little, and still has his query.
  expect(await running()).toBe(1);
  stays.cancel();
  await until(async () => (await running()) === 0);
  const next = strict.flows({ number: 1n });
  expect(await next.ended).toBeUndefined();
});

test("streams and bytes are bounded, and others go on", async () => {
  const client = await clientOf({ limits: { streams: 2, requestBytes: 1_000 } });
  const two = [client.flows({ follow: true }), client.flows({ follow: true })];
  await Promise.all(two.map((stream) => stream.headers));
  expect(await refusal(client, {})).toMatchObject({ code: Code.RESOURCE_EXHAUSTED });
  two[0]?.cancel();
  await until(async () => (await client.flows({ number: 1n }).ended) === undefined);
  expect(await refusal(client, { fieldMask: { paths: ["x".repeat(2_000)] } })).toMatchObject({
    code: Code.RESOURCE_EXHAUSTED,
  });
  expect(two[1]?.responses).toEqual([]);
  two[1]?.cancel();
});

test("what is not gRPC does no harm", async () => {
  const server = await serve();
  const port = Number(server.address().split(":").at(-1));
  for (const words of [
    "GET / HTTP/1.1\r\n\r\n",
    "\0\0\0",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage garbage garbage",
  ])
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.end(words));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
  const client = observerClient(server.address());
  clients.push(client);
  expect(await client.flows({ number: 1n }).ended).toBeUndefined();
});

function raw(address: string) {
  const client = new Client(address, credentials.createInsecure());
  clients.push(client);
  return {
    unary: <I extends DescMessage, O extends DescMessage>(
      path: string,
      input: I,
      value: MessageInitShape<I>,
      output: O,
    ) =>
      new Promise<MessageShape<O>>((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          () => Buffer.from(toBinary(input, create(input, value))),
          (bytes) => fromBinary(output, bytes),
          {},
          (error, answer) =>
            answer === undefined ? reject(error ?? new Error("none")) : resolve(answer),
        );
      }),
    client,
  };
}

test("health and reflection, as load balancers and grpcurl ask", async () => {
  const { unary, client } = raw((await serve()).address());
  const { HealthCheckRequestSchema: Ask, HealthCheckResponseSchema: Told } = health;
  for (const service of ["", "observer.Observer"])
    expect(await unary("/grpc.health.v1.Health/Check", Ask, { service }, Told)).toMatchObject({
      status: health.HealthCheckResponse_ServingStatus.SERVING,
    });
  await expect(
    unary("/grpc.health.v1.Health/Check", Ask, { service: "other" }, Told),
  ).rejects.toMatchObject({ code: Code.NOT_FOUND });

  const { ServerReflectionRequestSchema: Request, ServerReflectionResponseSchema: Response } =
    reflection;
  for (const version of ["v1", "v1alpha"]) {
    const call = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (message: MessageShape<typeof Request>) => Buffer.from(toBinary(Request, message)),
      (bytes) => fromBinary(Response, bytes),
    );
    const answers: MessageShape<typeof Response>[] = [];
    call.on("data", (answer: MessageShape<typeof Response>) => answers.push(answer));
    call.write(create(Request, { messageRequest: { case: "listServices", value: "" } }));
    call.write(
      create(Request, { messageRequest: { case: "fileContainingSymbol", value: "flow.Flow" } }),
    );
    call.write(create(Request, { messageRequest: { case: "fileByFilename", value: "nonsense" } }));
    call.end();
    await new Promise((resolve) => call.on("end", resolve));
    expect(answers.map(({ messageResponse }) => messageResponse)).toMatchObject([
      {
        case: "listServicesResponse",
        value: {
          service: [
            { name: "grpc.health.v1.Health" },
            { name: "grpc.reflection.v1.ServerReflection" },
            { name: "observer.Observer" },
          ],
        },
      },
      { case: "fileDescriptorResponse" },
      { case: "errorResponse", value: { errorCode: Code.NOT_FOUND } },
    ]);
  }
});

test("TLS and client certificates; other machines are not served without", async () => {
  const authority = createAuthority();
  const stranger = createAuthority("another authority");
  const tls = writeIssued(folder, "observer", authority.issue({ names: ["localhost"] }));
  writeFileSync(join(folder, "ca.crt"), authority.certificate);
  const ca = Buffer.from(authority.certificate);
  const as = (issuer: typeof authority) => {
    const mine = issuer.issue({ names: ["somebody"] });
    return credentials.createSsl(ca, Buffer.from(mine.key), Buffer.from(mine.certificate));
  };
  const ask = async (address: string, channel: ReturnType<typeof credentials.createSsl>) => {
    const client = observerClient(address, channel, {
      "grpc.ssl_target_name_override": "localhost",
    });
    clients.push(client);
    const stream = client.flows({ number: 1n });
    const error = await stream.ended;
    return { error: error?.code, flows: stream.flows().length };
  };
  const served = { error: undefined, flows: 1 };
  const refused = { error: Code.UNAVAILABLE, flows: 0 };
  const oneWay = (await serve({ tls })).address();
  expect(await ask(oneWay, credentials.createSsl(ca))).toEqual(served);
  expect(await ask(oneWay, credentials.createInsecure())).toEqual(refused);
  const mutual = (
    await serve({ tls: { ...tls, clientCaFiles: [join(folder, "ca.crt")] } })
  ).address();
  expect(await ask(mutual, as(authority))).toEqual(served);
  expect(await ask(mutual, as(stranger))).toEqual(refused);
  expect(await ask(mutual, credentials.createSsl(ca))).toEqual(refused);

  await expect(
    serve({ tls: { certFile: join(folder, "ca.crt"), keyFile: tls.keyFile } }),
  ).rejects.toMatchObject({ code: "TLS_FILE" });
  const everywhere = { listen: { host: "0.0.0.0", port: 0 } };
  const parts = {
    reader: createReader(store.client),
    blocks: createFlowBlocks(store.client),
    facts: createStoreFacts(store.client),
    isServing: () => Promise.resolve(true),
    version: "",
    cluster: "",
  };
  expect(() => createObserver({ ...parts, ...everywhere })).toThrow(
    expect.objectContaining({ code: "OBSERVER_PLAINTEXT" }),
  );
  expect(() => createObserver({ ...parts, ...everywhere, tls })).not.toThrow();
  expect(() => createObserver({ ...parts, ...everywhere, allowPlaintext: true })).not.toThrow();
});
