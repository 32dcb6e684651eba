import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, fromJson, toBinary, toJson, type JsonValue } from "@bufbuild/protobuf";
import type { Flow } from "@dropscope/model";
import { expect, test } from "vitest";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { encodeFlowResponse } from "./encode-flow.js";

const shared =
  process.env["DROPSCOPE_SHARED"] ?? join(import.meta.dirname, "../../../../../../shared");

/** Real flows of many Cilium versions, or none on a machine that does not have them. */
function realFlows(): Flow[] {
  const folder = join(shared, "flows", "golden");
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith(".jsonpb.jsonl"));
  } catch (error) {
    if (process.env["CI"] === "true") {
      throw new Error(`the published flows are not in ${folder}`, { cause: error });
    }
    return [];
  }
  return files.flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line.startsWith('{"flow"'))
      .map((line) => (JSON.parse(line) as { flow: Flow }).flow),
  );
}

const flows = realFlows();

test.skipIf(flows.length === 0)("every real flow is encoded as the general encoder does", () => {
  expect(flows.length).toBeGreaterThan(500);
  for (const flow of flows) {
    const response = {
      flow,
      ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
      ...(flow.time === undefined ? {} : { time: flow.time }),
    } as unknown as JsonValue;
    const wanted = fromJson(GetFlowsResponseSchema, response);
    const bytes = encodeFlowResponse(flow);
    expect(toJson(GetFlowsResponseSchema, fromBinary(GetFlowsResponseSchema, bytes))).toEqual(
      toJson(GetFlowsResponseSchema, wanted),
    );
    expect(bytes.length).toBe(toBinary(GetFlowsResponseSchema, wanted).length);
  }
});

test("what does not fit the proto is refused, not sent", () => {
  const encode = (flow: unknown) => () => encodeFlowResponse(flow as Flow);
  expect(encode({ colour: "red" })).toThrow(/no field colour/);
  expect(encode({ verdict: "MAYBE" })).toThrow(/verdict cannot be MAYBE/);
  expect(encode({ time: "yesterday" })).toThrow(/not a time/);
  expect(encode({ time: "2026-01-01T00:00:00+01:00" })).toThrow(/not a time/);
  // A number that has no name yet is a newer Hubble's.
  expect(encode({ verdict: 42 })).not.toThrow();
});
