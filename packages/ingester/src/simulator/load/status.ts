import { create, toBinary } from "@bufbuild/protobuf";
import { ServerStatusResponseSchema } from "@dropscope/hubble";

/** The least a client wants to know before it asks for flows. */
export function serverStatusBytes(sent: number): Uint8Array {
  const status = create(ServerStatusResponseSchema, {
    numFlows: BigInt(sent),
    seenFlows: BigInt(sent),
    maxFlows: 4095n * 3n,
    numConnectedNodes: 3,
    numUnavailableNodes: 0,
    version: "hubble-relay",
  });
  return toBinary(ServerStatusResponseSchema, status);
}
