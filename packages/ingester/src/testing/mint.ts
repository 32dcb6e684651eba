import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { TimestampSchema, type Timestamp } from "@bufbuild/protobuf/wkt";
import {
  FlowSchema,
  FlowType,
  GetFlowsResponseSchema,
  LostEventSchema,
  NodeStatusEventSchema,
  Verdict,
  type LostEventSource,
  type NodeState,
} from "@dropscope/hubble";

export interface FlowMint {
  node: string;
  /** ns since 1970. */
  timeNs: bigint;
  /** Absent: as agents before 1.14. */
  uuid?: string;
  /** Anything else of the flow. */
  flow?: Omit<MessageInitShape<typeof FlowSchema>, "$typeName">;
}

/** The uuid of the nth flow of a test: readable, and in order. */
export function uuidOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

export function flowBytes(mint: FlowMint): Uint8Array {
  const time = stamp(mint.timeNs);
  const flow = create(FlowSchema, {
    verdict: Verdict.FORWARDED,
    Type: FlowType.L3_L4,
    source: { namespace: "shop", podName: "cart-0", identity: 1234, labels: ["k8s:app=cart"] },
    destination: { namespace: "shop", podName: "db-0", identity: 1235 },
    ...mint.flow,
  });
  flow.time = time;
  flow.nodeName = mint.node;
  if (mint.uuid !== undefined) flow.uuid = mint.uuid;
  return response({
    nodeName: mint.node,
    time,
    responseTypes: { case: "flow", value: flow },
  });
}

function response(init: MessageInitShape<typeof GetFlowsResponseSchema>): Uint8Array {
  return toBinary(GetFlowsResponseSchema, create(GetFlowsResponseSchema, init));
}

export interface LostMint {
  node: string;
  timeNs: bigint;
  source: LostEventSource;
  count: number;
  firstNs?: bigint;
  lastNs?: bigint;
  cpu?: number;
}

export function lostBytes(mint: LostMint): Uint8Array {
  const lost = create(LostEventSchema, {
    source: mint.source,
    numEventsLost: BigInt(mint.count),
    ...(mint.cpu !== undefined && { cpu: mint.cpu }),
    ...(mint.firstNs !== undefined && { first: stamp(mint.firstNs) }),
    ...(mint.lastNs !== undefined && { last: stamp(mint.lastNs) }),
  });
  return response({
    nodeName: mint.node,
    time: stamp(mint.timeNs),
    responseTypes: { case: "lostEvents", value: lost },
  });
}

export function nodeStatusBytes(
  stateChange: NodeState,
  nodeNames: string[],
  message = "",
): Uint8Array {
  const value = create(NodeStatusEventSchema, { stateChange, nodeNames, message });
  return response({ responseTypes: { case: "nodeStatus", value } });
}

export function stamp(ns: bigint): Timestamp {
  return create(TimestampSchema, {
    seconds: ns / 1_000_000_000n,
    nanos: Number(ns % 1_000_000_000n),
  });
}
