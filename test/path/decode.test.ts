import { type MessageInitShape, create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { createDecoder, dayOf } from "@dropscope/ingester";
import { FlowSchema, GetFlowsResponseSchema } from "@dropscope/ingester/proto";
import { newBatchId } from "@dropscope/store";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageInit } from "../kit/flow-arbitrary.js";
import { readBack } from "../kit/read-blocks.js";
import { byKey, rebuild } from "../kit/rebuild-twin.js";

const NOW = 1_700_000_000_000;
const stamp = () => ({ id: newBatchId(NOW), storedOn: dayOf(NOW), nowMs: NOW });

function wire(init: MessageInitShape<typeof FlowSchema>): Uint8Array {
  const flow = create(FlowSchema, init);
  return toBinary(
    GetFlowsResponseSchema,
    create(GetFlowsResponseSchema, {
      responseTypes: { case: "flow", value: flow },
      nodeName: flow.nodeName,
    }),
  );
}

/** What the generic decoder makes of the bytes, in the JSON that Hubble prints. */
function generic(bytes: Uint8Array): unknown {
  const response = fromBinary(GetFlowsResponseSchema, bytes);
  const flow = response.responseTypes.value as ReturnType<typeof create<typeof FlowSchema>>;
  const { extensions } = flow;
  delete flow.extensions;
  const json = toJson(FlowSchema, flow, { useProtoFieldName: true }) as Record<string, unknown>;
  if (extensions)
    json["extensions"] = {
      ...(extensions.typeUrl === "" ? {} : { "@type": extensions.typeUrl }),
      ...(extensions.value.length === 0
        ? {}
        : { value: Buffer.from(extensions.value).toString("base64") }),
    };
  return json;
}

describe("flows to columns and back, through the real engine", () => {
  it("any valid flow reads back as the generic decoder sees it", async () => {
    const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    const inits = fc.sample(messageInit(FlowSchema), { numRuns: 500, seed });
    const decoder = createDecoder();
    const batches = [];
    const sent: Uint8Array[] = [];
    for (const init of inits) {
      const bytes = wire(init as MessageInitShape<typeof FlowSchema>);
      expect(decoder.decodeResponse(bytes).kind, `SEED=${seed}`).toBe("flow");
      if (decoder.full()) batches.push(decoder.finish(stamp()));
      decoder.commit();
      sent.push(bytes);
    }
    batches.push(decoder.finish(stamp()));
    const back = await readBack(batches);
    const side = { identities: byKey(back.identities), policies: byKey(back.policy_refs) };
    expect(back.flows.length).toBe(sent.length);
    // Each key is written once in a process.
    expect(side.identities.size).toBe(back.identities.length);
    expect(side.policies.size).toBe(back.policy_refs.length);
    for (const [i, bytes] of sent.entries())
      expect(rebuild(back.flows[i]!, side), `SEED=${seed}, flow ${i}`).toEqual(generic(bytes));
  });
});
