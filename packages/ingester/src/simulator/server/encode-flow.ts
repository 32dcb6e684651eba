import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Flow } from "@dropscope/model";
import { FlowSchema } from "@dropscope/hubble";
import { encoderOf, writeTime } from "./jsonpb-encoder.js";

const RESPONSE_FLOW = 1;
const RESPONSE_NODE_NAME = 1000;
const RESPONSE_TIME = 1001;

const writeFlow = encoderOf(FlowSchema);

/** observer.GetFlowsResponse of a flow; the envelope's node and time are the flow's own. */
export function encodeFlowResponse(flow: Flow): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(RESPONSE_FLOW, WireType.LengthDelimited).fork();
  writeFlow(writer, flow);
  writer.join();
  if (flow.node_name !== undefined && flow.node_name !== "") {
    writer.tag(RESPONSE_NODE_NAME, WireType.LengthDelimited).string(flow.node_name);
  }
  if (flow.time !== undefined) writeTime(writer, RESPONSE_TIME, flow.time);
  return writer.finish();
}
