import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageInit } from "../../../../test/kit/flow-arbitrary.js";
import { flowBytes, genericFlow } from "../../../../test/kit/generic-flow.js";
import { rowsOf } from "../../../../test/kit/native-reader.js";
import { byKey, rebuild } from "../../../../test/kit/rebuild-twin.js";
import { FlowSchema } from "@dropscope/hubble";
import { createDecoder } from "./decoder.js";

const STAMP = { id: 7n, storedOn: 20_000, nowMs: 1_700_000_000_000 };

/** The flow as it comes back, decoded alone. */
function stored(bytes: Uint8Array): unknown {
  const decoder = createDecoder();
  expect(decoder.decodeResponse(bytes)).toMatchObject({ kind: "flow" });
  decoder.commit();
  const { blocks } = decoder.finish(STAMP);
  const side = {
    identities: byKey(rowsOf(blocks, "identities")),
    policies: byKey(rowsOf(blocks, "policy_refs")),
  };
  return rebuild(rowsOf(blocks, "flows")[0]!, side);
}

describe("decode against the generic decoder", () => {
  const flow = messageInit(FlowSchema);

  it("any valid flow survives columns unchanged", () => {
    fc.assert(
      fc.property(flow, (init) => {
        const bytes = flowBytes(init);
        expect(stored(bytes)).toEqual(genericFlow(bytes));
      }),
      { numRuns: 60 },
    );
  });

  it("two flows in one message are merged as the standard asks", () => {
    fc.assert(
      fc.property(flow, flow, (first, second) => {
        const bytes = Buffer.concat([flowBytes(first), flowBytes(second)]);
        expect(stored(bytes)).toEqual(genericFlow(bytes));
      }),
      { numRuns: 40 },
    );
  });
});
