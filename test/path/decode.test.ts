import { type JsonValue, fromJson, toBinary } from "@bufbuild/protobuf";
import { createDecoder, dayOf } from "@dropscope/ingester";
import { FlowSchema, GetFlowsResponseSchema } from "@dropscope/hubble";
import { type TableBlock, newBatchId } from "@dropscope/store";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageInit } from "../kit/flow-arbitrary.js";
import { flowBytes, genericFlow } from "../kit/generic-flow.js";
import { rowsOf } from "../kit/native-reader.js";
import { readBack } from "../kit/read-blocks.js";
import { byKey, rebuild } from "../kit/rebuild-twin.js";
import { dumps, hasShared } from "../kit/shared.js";

const NOW = 1_700_000_000_000;
const stamp = () => ({ id: newBatchId(NOW), storedOn: dayOf(NOW), nowMs: NOW });

describe("flows to columns and back, through the real engine", () => {
  it("any valid flow reads back as the generic decoder sees it", async () => {
    const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    const inits = fc.sample(messageInit(FlowSchema), { numRuns: 500, seed });
    const decoder = createDecoder();
    const batches = [];
    const sent: Uint8Array[] = [];
    for (const init of inits) {
      const bytes = flowBytes(init);
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
      expect(rebuild(back.flows[i]!, side), `SEED=${seed}, flow ${i}`).toEqual(genericFlow(bytes));
  });
});

describe.skipIf(!hasShared())("real flows", () => {
  it.each(dumps().filter((dump) => dump.jsonpb !== undefined && dump.flows > 0))(
    "$name survives columns unchanged",
    ({ jsonpb }) => {
      const decoder = createDecoder();
      const expected: unknown[] = [];
      const blocks: TableBlock[] = [];
      for (const line of jsonpb!) {
        const response = JSON.parse(line) as { flow?: { node_name?: string } };
        if (!response.flow) continue;
        const bytes = toBinary(
          GetFlowsResponseSchema,
          fromJson(GetFlowsResponseSchema, response as JsonValue, { ignoreUnknownFields: true }),
        );
        expect(decoder.decodeResponse(bytes)).toMatchObject({
          kind: "flow",
          node: response.flow.node_name ?? "",
        });
        if (decoder.full()) blocks.push(...decoder.finish(stamp()).blocks);
        decoder.commit();
        expected.push(genericFlow(bytes));
      }
      blocks.push(...decoder.finish(stamp()).blocks);
      const side = {
        identities: byKey(rowsOf(blocks, "identities")),
        policies: byKey(rowsOf(blocks, "policy_refs")),
      };
      const rows = rowsOf(blocks, "flows");
      expect(rows.map((row) => rebuild(row, side))).toEqual(expected);
      // Ordinary text is never touched, so nothing needs `rest` for that.
      expect(rows.filter((row) => row["rest"] !== "")).toEqual([]);
    },
  );
});
