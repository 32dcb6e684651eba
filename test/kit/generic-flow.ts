import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { type Flow, FlowSchema, GetFlowsResponseSchema } from "@dropscope/hubble";

/** The bytes of a response with this flow, as Hubble sends it. */
export function flowBytes(init: unknown): Uint8Array {
  const flow = create(FlowSchema, init as object);
  return toBinary(
    GetFlowsResponseSchema,
    create(GetFlowsResponseSchema, {
      responseTypes: { case: "flow", value: flow },
      nodeName: flow.nodeName,
      ...(flow.time ? { time: flow.time } : {}),
    }),
  );
}

/** What the generic decoder makes of the bytes, in the JSON that Hubble prints. */
export function genericFlow(bytes: Uint8Array): unknown {
  const flow = fromBinary(GetFlowsResponseSchema, bytes).responseTypes.value as Flow;
  // Without the descriptor of what is inside, an Any has no JSON.
  const any = flow.extensions;
  delete flow.extensions;
  const json = toJson(FlowSchema, flow, { useProtoFieldName: true }) as Record<string, unknown>;
  if (any)
    json["extensions"] = {
      ...(any.typeUrl === "" ? {} : { "@type": any.typeUrl }),
      ...(any.value.length === 0 ? {} : { value: Buffer.from(any.value).toString("base64") }),
    };
  return json;
}
