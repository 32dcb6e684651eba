import { fromBinary, fromJson, toBinary, toJson, type JsonValue } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GetFlowsResponseSchema } from "../messages.js";
import { createEncoder, WrongType, type Unknowns } from "./encode.js";

function make() {
  const unknowns: Unknowns = { fields: new Map(), enums: new Map() };
  return { unknowns, encode: createEncoder(unknowns) };
}

function roundTrip(json: JsonValue): JsonValue {
  const bytes = make().encode(json as object);
  return toJson(GetFlowsResponseSchema, fromBinary(GetFlowsResponseSchema, bytes), {
    useProtoFieldName: true,
  });
}

const FLOW = {
  time: "2026-11-22T16:06:20.839000001Z",
  uuid: "0b5f1a52-0000-4000-8000-000000000001",
  verdict: "DROPPED",
  drop_reason: 133,
  ethernet: { source: "0a:00:00:00:00:01", destination: "0a:00:00:00:00:02" },
  IP: { source: "10.0.0.1", destination: "fd00::1", ipVersion: "IPv6", encrypted: true },
  l4: { TCP: { source_port: 59930, destination_port: 443, flags: { SYN: true } } },
  source: {
    ID: 1,
    identity: 16777217,
    namespace: "größe",
    labels: ["k8s:app=a", "k8s:x=ü".repeat(40)],
    pod_name: "p".repeat(127),
    workloads: [{ name: "w", kind: "Deployment" }, {}],
  },
  destination: { identity: 2, labels: ["reserved:world"], pod_name: "q".repeat(128) },
  Type: "L3_L4",
  node_name: "c/n",
  destination_names: ["github.com", ""],
  l7: {
    type: "REQUEST",
    latency_ns: "18446744073709551615",
    dns: { query: "x.", ttl: 4294967295 },
  },
  event_type: { type: 129, sub_type: -5 },
  is_reply: false,
  interface: { index: 3, name: "eth0" },
  socket_cookie: "9007199254740993",
  Summary: "TCP Flags: SYN 😀",
  egress_denied_by: [{ name: "p", labels: ["a", "b"], revision: "12" }],
  aggregate: { egress_flow_count: 7 },
};
const RESPONSE = { flow: FLOW, node_name: "c/n", time: FLOW.time };

describe("JSON to wire bytes", () => {
  it("comes back the same", () => {
    expect(roundTrip(RESPONSE)).toEqual(RESPONSE);
  });

  it("equals what @bufbuild/protobuf makes of it, read back", () => {
    const theirs = toBinary(GetFlowsResponseSchema, fromJson(GetFlowsResponseSchema, RESPONSE));
    expect(fromBinary(GetFlowsResponseSchema, make().encode(RESPONSE))).toEqual(
      fromBinary(GetFlowsResponseSchema, theirs),
    );
  });

  it("takes lowerCamel names, enum numbers, numbers as text and the other way round", () => {
    expect(
      roundTrip({
        flow: {
          eventType: { type: "4", subType: 3 },
          nodeName: "n",
          verdict: 2,
          dropReasonDesc: 133,
          l4: { UDP: { sourcePort: "53" } },
          cgroupId: 12,
          isReply: true,
        },
        nodeName: "n",
      }),
    ).toEqual({
      flow: {
        event_type: { type: 4, sub_type: 3 },
        node_name: "n",
        verdict: "DROPPED",
        drop_reason_desc: "POLICY_DENIED",
        l4: { UDP: { source_port: 53 } },
        cgroup_id: "12",
        is_reply: true,
      },
      node_name: "n",
    });
  });

  it("gives the same bytes however the keys stand", () => {
    const turned = (value: unknown): unknown => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      const entries = Object.entries(value).reverse();
      return Object.fromEntries(entries.map(([key, inner]) => [key, turned(inner)]));
    };
    expect(make().encode(turned(RESPONSE) as object)).toEqual(make().encode(RESPONSE));
  });

  it("keeps empty messages and absent ones apart, and null is absent", () => {
    expect(roundTrip({ flow: { source: {}, l7: null, verdict: "VERDICT_UNKNOWN" } })).toEqual({
      flow: { source: {} },
    });
  });

  it("an enum number that this build does not know is kept", () => {
    expect(roundTrip({ flow: { verdict: 99 } })).toEqual({ flow: { verdict: 99 } });
  });

  it("unknown fields, enum names and extensions are counted, the rest is kept", () => {
    const { encode, unknowns } = make();
    const json = {
      flow: {
        node_name: "n",
        verdict: "TELEPORTED",
        new_thing: { a: 1 },
        source: { zone: "a" },
        extensions: { "@type": "type.googleapis.com/x.Y", z: 1 },
        __proto__: { polluted: true },
      },
    };
    const bytes = encode(json);
    encode(json);
    expect(toJson(GetFlowsResponseSchema, fromBinary(GetFlowsResponseSchema, bytes))).toEqual({
      flow: { nodeName: "n", source: {} },
    });
    expect([...unknowns.fields]).toEqual([
      ["flow.new_thing", 2],
      ["flow.source.zone", 2],
      ["flow.extensions", 2],
    ]);
    expect([...unknowns.enums]).toEqual([["Verdict.TELEPORTED", 2]]);
  });

  it("a hostile file cannot fill the memory with names", () => {
    const { encode, unknowns } = make();
    for (let index = 0; index < 5000; index += 1) encode({ flow: { [`x${index}`]: 1 } });
    expect(unknowns.fields.size).toBe(200);
  });

  it.each([
    [{ flow: 7 }, "flow: expected an object, got 7"],
    [{ flow: { source: [] } }, "flow.source: expected an object, got []"],
    [
      { flow: { l4: { TCP: { source_port: "http" } } } },
      'flow.l4.TCP.source_port: expected a uint32, got "http"',
    ],
    [{ flow: { drop_reason: -1 } }, "flow.drop_reason: expected a uint32, got -1"],
    [{ flow: { drop_reason: 1.5 } }, "flow.drop_reason: expected a uint32, got 1.5"],
    [{ flow: { is_reply: "yes" } }, 'flow.is_reply: expected true or false, got "yes"'],
    [{ flow: { time: "yesterday" } }, 'flow.time: expected an RFC 3339 time, got "yesterday"'],
    [{ flow: { time: 12 } }, "flow.time: expected an RFC 3339 time, got 12"],
    [{ flow: { node_name: {} } }, "flow.node_name: expected a string, got {}"],
    [{ flow: { cgroup_id: "-1" } }, 'flow.cgroup_id: expected a uint64, got "-1"'],
    [{ flow: { source_names: "a" } }, 'flow.source_names: expected a list, got "a"'],
    [
      { flow: { source_names: [null] } },
      "flow.source_names: expected no null in a list, got [null]",
    ],
    [{ flow: { verdict: {} } }, "flow.verdict: expected a Verdict, got {}"],
  ])("%j is refused", (json, message) => {
    const { encode } = make();
    expect(() => encode(json)).toThrow(new WrongType(message));
    // The next value is not affected.
    expect(encode({ node_name: "n" })).toEqual(make().encode({ node_name: "n" }));
  });

  it("whatever the JSON is, it is encoded so that it can be read, or refused", () => {
    const keys = ["flow", "time", "source", "l4", "TCP", "labels", "l7", "dns", "verdict", "x"];
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, "", "a", "1", 0, -1, 1e300, "2026-01-01T00:00:00Z"),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie("json"), { maxKeys: 4 }),
      ),
    }));
    const { encode } = make();
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), json), (value) => {
        try {
          fromBinary(GetFlowsResponseSchema, encode(value));
        } catch (error) {
          expect(error).toBeInstanceOf(WrongType);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
