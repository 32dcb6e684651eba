import type { Flow, ObservedItem } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { createPrinter, type PrinterOptions } from "./printer.js";

const FLOW: Flow = {
  time: "1970-01-01T00:20:34.567800Z",
  verdict: "DROPPED",
  node_name: "k8s1",
  IP: { source: "1.1.1.1", destination: "2.2.2.2" },
  l4: { TCP: { source_port: 31793, destination_port: 8080 } },
  source: { identity: 4 },
  destination: { identity: 12345 },
  event_type: { type: 1, sub_type: 133 },
  is_reply: false,
  Summary: "TCP Flags: SYN",
};

const LOSS: ObservedItem = {
  lost_events: {
    source: "HUBBLE_RING_BUFFER",
    num_events_lost: "1",
    cpu: 5,
    first: "1970-01-01T00:20:30.567800Z",
    last: "1970-01-01T00:20:38.567800Z",
  },
  node_name: "k8s1",
  time: "1970-01-01T00:20:34.567800Z",
};

function print(items: ObservedItem[], options: Partial<PrinterOptions> = {}): string {
  let text = "";
  const printer = createPrinter({
    output: "compact",
    ...options,
    write: (piece) => (text += piece),
  });
  for (const item of items) printer.item(item);
  printer.close();
  return text;
}

const one = (flow: Flow, options: Partial<PrinterOptions> = {}): string =>
  print([{ flow }], options);
const at = "Jan  1 00:20:34.567";

describe("compact", () => {
  it("a drop", () => {
    expect(one(FLOW)).toBe(
      `${at}: 1.1.1.1:31793 (health) -> 2.2.2.2:8080 (ID:12345) Policy denied DROPPED (TCP Flags: SYN)\n`,
    );
  });

  it("a reply is turned round, and an unknown direction has both arrows", () => {
    expect(one({ ...FLOW, is_reply: true })).toContain(
      "2.2.2.2:8080 (ID:12345) <- 1.1.1.1:31793 (health)",
    );
    const { is_reply: _, ...unknown } = FLOW;
    expect(one(unknown)).toContain("1.1.1.1:31793 (health) <> 2.2.2.2:8080 (ID:12345)");
  });

  it("with the node", () => {
    expect(one(FLOW, { nodeName: true })).toContain(`${at} [k8s1]: 1.1.1.1`);
    expect(print([LOSS], { nodeName: true })).toContain(`${at} EVENTS LOST`);
  });

  it("a loss, with and without a span", () => {
    expect(print([LOSS])).toBe(
      `${at} EVENTS LOST: HUBBLE_RING_BUFFER CPU(5) 1 (first: Jan  1 00:20:30.567, last: Jan  1 00:20:38.567)\n`,
    );
    expect(print([{ lost_events: {}, time: FLOW.time ?? "" }])).toBe(
      `${at} EVENTS LOST: UNKNOWN_LOST_EVENT_SOURCE CPU(0) 0\n`,
    );
  });

  it.each<[string, Flow, string]>([
    ["pods", { source: { namespace: "a", pod_name: "p" } }, "a/p:31793 (unknown)"],
    ["a pod without namespace", { source: { pod_name: "p" } }, "p:31793 (unknown)"],
    ["a service", { source_service: { namespace: "a", name: "s" } }, "a/s:31793 (health)"],
    ["IPv6", { IP: { source: "fd00::1" } }, "[fd00::1]:31793 (health)"],
    ["port 0", { l4: { UDP: {} } }, "1.1.1.1 (health)"],
    ["reserved identities", { source: { identity: 6 } }, "1.1.1.1:31793 (remote-node)"],
    [
      "the identity of overlay traffic",
      { source: { identity: 11 } },
      "1.1.1.1:31793 (overlay-to-encrypt)",
    ],
    ["a local identity", { source: { identity: 16777217 } }, "1.1.1.1:31793 (ID:16777217)"],
  ])("names the source: %s", (_name, change, expected) => {
    expect(one({ ...FLOW, ...change })).toContain(`${at}: ${expected} -> `);
  });

  it("addresses only", () => {
    const flow: Flow = { ...FLOW, source: { namespace: "a", pod_name: "p" } };
    for (const options of [{ numeric: true }, { ipTranslation: false }]) {
      expect(one(flow, options)).toContain(": 1.1.1.1:31793 (unknown) ->");
    }
  });

  it("without IP, the ends of the ethernet frame, or nothing", () => {
    const { IP: _, ...flow } = FLOW;
    expect(one({ ...flow, ethernet: { source: "0a:01", destination: "0a:02" } })).toContain(
      ": 0a:01 (health) -> 0a:02 (ID:12345)",
    );
    expect(one(flow)).toContain(":  (health) ->  (ID:12345)");
  });

  it("no time is N/A", () => {
    const { time: _, ...flow } = FLOW;
    expect(one(flow)).toMatch(/^N\/A: /);
  });

  it.each([
    ["FORWARDED", "ALLOWED"],
    ["REDIRECTED", "ALLOWED"],
    ["DROPPED", "DENIED"],
    ["ERROR", "DENIED"],
    ["AUDIT", "AUDITED"],
    ["TRACED", "TRACED"],
    [42, "42"],
  ])("a policy verdict of %s is %s", (verdict, word) => {
    const flow: Flow = { ...FLOW, verdict, event_type: { type: 5 }, traffic_direction: "EGRESS" };
    expect(one(flow)).toContain(` policy-verdict:none TRAFFIC_DIRECTION_UNKNOWN ${word} (`);
    expect(one(flow, { useDefaultMasks: false })).toContain(
      ` policy-verdict:none EGRESS ${word} (`,
    );
  });

  it("names the policies when asked", () => {
    const flow: Flow = {
      ...FLOW,
      event_type: { type: 5 },
      traffic_direction: "EGRESS",
      egress_denied_by: [
        { name: "my-policy", kind: "CiliumNetworkPolicy" },
        { name: "nameless kind" },
      ],
    };
    expect(one(flow, { policyNames: true })).toContain(
      "policy-verdict:none EGRESS DENIED BY my-policy (CiliumNetworkPolicy) (",
    );
  });

  it("what the mask hides stands there without it", () => {
    const flow: Flow = {
      ...FLOW,
      source_names: ["a.example", "b.example"],
      auth_type: "SPIRE",
      ip_trace_id: { trace_id: "7" },
    };
    expect(one(flow)).toBe(one(FLOW));
    const full = one(flow, { useDefaultMasks: false });
    expect(full).toContain(": a.example,b.example:31793 (health)");
    expect(full).toContain("(IP Trace ID: 7; TCP Flags: SYN; Auth: SPIRE)");
  });
});

describe("dict and table", () => {
  it("dict", () => {
    expect(print([{ flow: FLOW }, LOSS], { output: "dict", nodeName: true })).toBe(
      [
        "  TIMESTAMP: Jan  1 00:20:34.567",
        "       NODE: k8s1",
        "     SOURCE: 1.1.1.1:31793",
        "DESTINATION: 2.2.2.2:8080",
        "       TYPE: Policy denied",
        "    VERDICT: DROPPED",
        "    SUMMARY: TCP Flags: SYN",
        "------------",
        "  TIMESTAMP: Jan  1 00:20:34.567",
        "       NODE: k8s1",
        "     SOURCE: HUBBLE_RING_BUFFER",
        "       TYPE: EVENTS LOST",
        "    VERDICT: -",
        "    SUMMARY: CPU(5) - 1 (first: Jan  1 00:20:30.567, last: Jan  1 00:20:38.567)",
        "",
      ].join("\n"),
    );
  });

  it("table", () => {
    const { first: _, last: __, ...lost } = LOSS.lost_events ?? {};
    expect(
      print([{ flow: FLOW }, { ...LOSS, lost_events: lost }], { output: "table", color: true }),
    ).toBe(
      [
        "TIMESTAMP             SOURCE               DESTINATION    TYPE            VERDICT   SUMMARY",
        "Jan  1 00:20:34.567   1.1.1.1:31793        2.2.2.2:8080   Policy denied   DROPPED   TCP Flags: SYN",
        "Jan  1 00:20:34.567   HUBBLE_RING_BUFFER   -              EVENTS LOST     -         CPU(5) - 1",
        "",
      ].join("\n"),
    );
  });

  it("a table counts characters, and its node column may be empty", () => {
    const flow: Flow = { ...FLOW, node_name: "", source: { pod_name: "größe-😀" } };
    const [head, row] = print([{ flow }], { output: "table", nodeName: true }).split("\n");
    expect(head?.indexOf("SOURCE")).toBe(row?.indexOf("größe"));
    expect(head).toMatch(/^TIMESTAMP {13}NODE {3}SOURCE {10}/);
  });

  it("nothing observed, nothing printed", () => {
    expect(print([], { output: "table" })).toBe("");
    expect(print([{}], { output: "dict" })).toBe("");
  });
});

describe("colour", () => {
  it("is where the hubble CLI has it", () => {
    expect(one(FLOW, { color: true })).toBe(
      `${at}: \u001b[36m1.1.1.1:\u001b[33m31793\u001b[0m\u001b[0m \u001b[35m(health)\u001b[0m -> ` +
        "\u001b[36m2.2.2.2:\u001b[33m8080\u001b[0m\u001b[0m \u001b[35m(ID:12345)\u001b[0m " +
        "Policy denied \u001b[31mDROPPED\u001b[0m (TCP Flags: SYN)\n",
    );
  });
});

const COLOURS = ["31", "33", "35", "36", "0"].map((code) => `\u001b[${code}m`);

describe("S8: hostile text", () => {
  const evil = "a\u001b[31m\r\n\u009b2J\u0007\u202eb\t";
  const flow: Flow = {
    ...FLOW,
    source: { namespace: evil, pod_name: evil },
    Summary: evil,
    node_name: evil,
    l7: { type: "REQUEST", dns: { observation_source: evil } },
    verdict: evil,
  };

  it.each(["compact", "dict", "table"] as const)("cannot steer the terminal: %s", (output) => {
    for (const color of [false, true]) {
      const text = one(flow, { output, color, nodeName: true });
      const plain = COLOURS.reduce((left, code) => left.replaceAll(code, ""), text);
      expect(plain.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(plain).toContain(String.raw`a^[[31m\r\u000a\u009b2J\u0007\u202eb\u0009`);
      expect(text.split("\n")).toHaveLength({ compact: 2, dict: 8, table: 3 }[output]);
    }
  });

  it("JSON escapes what Go escapes", () => {
    expect(one({ Summary: '<a href="x">&\u2028\u2029\u0001\u007fü' }, { output: "jsonpb" })).toBe(
      String.raw`{"flow":{"Summary":"\u003ca href=\"x\"\u003e\u0026\u2028\u2029\u0001` +
        '\u007fü"}}\n',
    );
  });
});

describe("JSON", () => {
  it("has the keys in the order of Hubble's proto file, unknown ones last", () => {
    const flow = {
      zone: 1,
      Summary: "s",
      policy_log: ["l"],
      ip_trace_id: { ip_option_type: 136, trace_id: "1234" },
      event_type: { sub_type: 133, type: 1 },
      uuid: "u",
      is_reply: false,
      IP: { destination: "b", source: "a", source_xlated: "c" },
      time: "t",
    } as unknown as Flow;
    for (const output of ["json", "jsonpb"] as const) {
      expect(print([{ time: "t", node_name: "n", flow }], { output })).toBe(
        '{"flow":{"time":"t","uuid":"u","IP":{"source":"a","source_xlated":"c","destination":"b"},' +
          '"event_type":{"type":1,"sub_type":133},"ip_trace_id":{"trace_id":"1234","ip_option_type":136},' +
          '"is_reply":false,"Summary":"s","policy_log":["l"],"zone":1},"node_name":"n","time":"t"}\n',
      );
    }
    expect(print([LOSS], { output: "json" })).toBe(
      '{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"1","cpu":5,' +
        '"first":"1970-01-01T00:20:30.567800Z","last":"1970-01-01T00:20:38.567800Z"},' +
        '"node_name":"k8s1","time":"1970-01-01T00:20:34.567800Z"}\n',
    );
  });
});
