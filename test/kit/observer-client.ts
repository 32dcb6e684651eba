import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  Client,
  credentials,
  type ChannelCredentials,
  type ClientReadableStream,
  type Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  GetFlowsRequestSchema,
  GetFlowsResponseSchema,
  type Flow,
  type GetFlowsResponse,
  type LostEvent,
} from "@dropscope/hubble";

/** A plain client of the Observer service: what any Hubble tool would be. */
export interface ObserverClient {
  flows(request: MessageInitShape<typeof GetFlowsRequestSchema>): FlowStream;
  unary<O extends DescMessage>(method: string, output: O): Promise<MessageShape<O>>;
  close(): void;
}

export interface FlowStream {
  responses: GetFlowsResponse[];
  flows(): Flow[];
  lost(): LostEvent[];
  /** Names of the node_status messages so far: `NODE_CONNECTED shop/node-1 …`. */
  headers: Promise<Metadata>;
  /** Resolves when the stream is over: undefined for OK. */
  ended: Promise<ServiceError | undefined>;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export function observerClient(
  address: string,
  channel: ChannelCredentials = credentials.createInsecure(),
  options: Record<string, string | number> = {},
): ObserverClient {
  const client = new Client(address, channel, options);
  return {
    flows(request) {
      const call = client.makeServerStreamRequest(
        "/observer.Observer/GetFlows",
        (message: MessageShape<typeof GetFlowsRequestSchema>) =>
          Buffer.from(toBinary(GetFlowsRequestSchema, message)),
        (bytes) => fromBinary(GetFlowsResponseSchema, bytes),
        create(GetFlowsRequestSchema, request),
      );
      return collect(call);
    },
    unary: async (method, output) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          `/observer.Observer/${method}`,
          () => Buffer.alloc(0),
          (bytes) => fromBinary(output, bytes),
          {},
          (error, value) => {
            if (error !== null || value === undefined) reject(error ?? new Error("no answer"));
            else resolve(value);
          },
        );
      }),
    close: () => client.close(),
  };
}

function collect(call: ClientReadableStream<GetFlowsResponse>): FlowStream {
  const responses: GetFlowsResponse[] = [];
  call.on("data", (response: GetFlowsResponse) => responses.push(response));
  return {
    responses,
    flows: () =>
      responses.flatMap(({ responseTypes }) =>
        responseTypes.case === "flow" ? [responseTypes.value] : [],
      ),
    lost: () =>
      responses.flatMap(({ responseTypes }) =>
        responseTypes.case === "lostEvents" ? [responseTypes.value] : [],
      ),
    headers: new Promise((resolve) => call.once("metadata", resolve)),
    ended: new Promise((resolve) => {
      call.once("error", (error: ServiceError) => resolve(error));
      call.once("end", () => resolve(undefined));
    }),
    pause: () => call.pause(),
    resume: () => call.resume(),
    cancel: () => call.cancel(),
  };
}
