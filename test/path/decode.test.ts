import { createDecoder, dayOf } from "@dropscope/ingester";
import { FlowSchema } from "@dropscope/ingester/proto";
import { newBatchId } from "@dropscope/store";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageInit } from "../kit/flow-arbitrary.js";
import { flowBytes, genericFlow } from "../kit/generic-flow.js";
import { readBack } from "../kit/read-blocks.js";
import { byKey, rebuild } from "../kit/rebuild-twin.js";

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
