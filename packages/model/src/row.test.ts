import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress, parseRange } from "./addresses.js";
import { DROP_MEANINGS } from "./drop-meanings.js";
import { dropReasonText } from "./drop-reasons.js";
import { DROP_TITLES, dropTitle } from "./drop-titles.js";
import { DROP_REASONS } from "./enums.gen.js";
import { eventName } from "./event-name.js";
import type { Endpoint, Flow } from "./flow.js";
import { peerOf } from "./peer.js";
import { flowRow } from "./row.js";
import { cutFlow } from "./scope.js";
import { formatTimeNs, parseTimeNs } from "./times.js";

describe("drop reasons", () => {
  it("every reason has a title, a meaning and a next step", () => {
    for (const number of Object.keys(DROP_REASONS).map(Number)) {
      expect(DROP_MEANINGS[number], String(number)).toBeDefined();
      expect(DROP_TITLES[number], String(number)).toBeDefined();
      expect(DROP_MEANINGS[number]?.meaning).toMatch(/\.$/);
      expect(DROP_MEANINGS[number]?.next).toMatch(/\.$/);
    }
  });

  it("by name or by number, known or not", () => {
    expect(dropReasonText("POLICY_DENIED")).toMatchObject({
      name: "POLICY_DENIED",
      title: "Policy denied",
    });
    expect(dropReasonText(151)).toMatchObject({
      name: "STALE_OR_UNROUTABLE_IP",
      title: "Stale or unroutable IP",
    });
    expect(dropReasonText(250)).toMatchObject({ name: "250", title: "Unknown reason 250" });
    expect(dropReasonText("FROM_THE_FUTURE").title).toBe("Unknown reason FROM_THE_FUTURE");
    expect(dropReasonText(0).title).toBe("No reason given");
  });

  it("prints codes as the monitor does", () => {
    expect(dropTitle(133)).toBe("Policy denied");
    expect(dropTitle(181)).toBe("Policy denied by denylist");
    expect(dropTitle(250)).toBe("250, 0");
    expect(dropTitle(133 + 256)).toBe("Policy denied");
  });
});

describe("eventName", () => {
  it.each<[string, Flow]>([
    ["to-endpoint", { event_type: { type: 4 } }],
    ["to-crypto", { event_type: { type: 4, sub_type: 13 } }],
    ["99", { event_type: { type: 4, sub_type: 99 } }],
    ["Policy denied", { event_type: { type: 1, sub_type: 133 } }],
    [
      "policy-verdict:L3-L4 INGRESS",
      { event_type: { type: 5 }, policy_match_type: 2, traffic_direction: "INGRESS" },
    ],
    ["policy-verdict:none TRAFFIC_DIRECTION_UNKNOWN", { event_type: { type: 5 } }],
    ["http-request", { l7: { type: "REQUEST", http: {} }, event_type: { type: 129 } }],
    ["dns-response proxy", { l7: { type: "RESPONSE", dns: { observation_source: "proxy" } } }],
    ["dns-unknown_l7_type ", { l7: { dns: {} } }],
    ["kafka-request", { l7: { type: "REQUEST", kafka: {} } }],
    ["l7-sample", { l7: { type: "SAMPLE" } }],
    [
      "pre-xlate-fwd",
      { event_type: { type: 7 }, sock_xlate_point: "SOCK_XLATE_POINT_PRE_DIRECTION_FWD" },
    ],
    ["SOCK_XLATE_POINT_UNKNOWN", { event_type: { type: 7 } }],
    [
      "DBG_CAPTURE_DELIVERY",
      { event_type: { type: 3 }, debug_capture_point: "DBG_CAPTURE_DELIVERY" },
    ],
    ["UNKNOWN", {}],
  ])("%s", (name, flow) => {
    expect(eventName(flow)).toBe(name);
  });
});

describe("peers and rows", () => {
  it.each<[string, Endpoint | undefined, Partial<Flow>, object]>([
    [
      "a workload",
      { namespace: "web", pod_name: "p", workloads: [{ name: "w" }] },
      {},
      { kind: "workload", namespace: "web", name: "w" },
    ],
    [
      "a pod",
      { namespace: "web", pod_name: "p" },
      {},
      { kind: "pod", namespace: "web", name: "p" },
    ],
    [
      "a pod whose name tells its workload",
      { namespace: "web", pod_name: "shop-7d9f88c6b5-x2x4z" },
      {},
      { kind: "workload", namespace: "web", name: "shop" },
    ],
    [
      "a pod of a workload by another name",
      { namespace: "web", pod_name: "shop-0", workloads: [{ name: "shops" }] },
      {},
      { kind: "workload", namespace: "web", name: "shops" },
    ],
    [
      "a DNS name",
      { identity: 2 },
      { source_names: ["a.b"] },
      { kind: "name", namespace: "", name: "a.b" },
    ],
    [
      "an entity",
      { identity: 2 },
      { IP: { source: "1.1.1.1" } },
      { kind: "entity", namespace: "", name: "world" },
    ],
    [
      "an address",
      { identity: 16777300 },
      { IP: { source: "1.1.1.1" } },
      { kind: "ip", namespace: "", name: "1.1.1.1" },
    ],
    ["nothing", undefined, {}, { kind: "unknown", namespace: "", name: "" }],
  ])("%s", (_, source, more, expected) => {
    expect(peerOf({ ...(source === undefined ? {} : { source }), ...more }, "source")).toEqual(
      expected,
    );
  });

  it("a row of an empty flow", () => {
    expect(flowRow({}, "id")).toMatchObject({
      uuid: "id",
      timeNs: "",
      verdict: "VERDICT_UNKNOWN",
      reason: "",
      reply: "unknown",
      protocol: "",
      policies: [],
    });
  });

  it("policies that deny come first, each once", () => {
    const flow: Flow = {
      egress_allowed_by: [{ name: "a", namespace: "n" }, { name: "c" }],
      ingress_denied_by: [
        { name: "d", namespace: "n" },
        { name: "d", namespace: "n" },
      ],
    };
    expect(flowRow(flow).policies).toEqual(["n/d", "n/a", "c"]);
  });
});

describe("cutFlow", () => {
  const flow: Flow = {
    source: { namespace: "a", pod_name: "secret", identity: 9 },
    destination: { namespace: "b", pod_name: "own" },
    source_names: ["secret"],
    IP: { source: "10.9.9.9", destination: "10.0.0.1" },
    l7: { http: { url: "/x" } },
    Summary: "GET /x",
    ingress_denied_by: [
      { name: "own", namespace: "b" },
      { name: "secret", namespace: "a" },
      { name: "wide" },
    ],
    source_service: { name: "secret", namespace: "a" },
    policy_log: ["secret"],
  };

  it("leaves of a foreign end its namespace, and does not touch the flow", () => {
    const before = JSON.stringify(flow);
    const cut = cutFlow(flow, { name: "v", namespaces: ["b"], seesL7: true });
    expect(cut).toEqual({
      source: { namespace: "a" },
      destination: flow.destination,
      IP: { destination: "10.0.0.1" },
      l7: flow.l7,
      Summary: "GET /x",
      ingress_denied_by: [{ name: "own", namespace: "b" }, { name: "wide" }],
    });
    expect(JSON.stringify(cut)).not.toMatch(/secret|10\.9/);
    expect(JSON.stringify(flow)).toBe(before);
  });

  it("hides what touches no namespace of the viewer", () => {
    expect(cutFlow(flow, { name: "v", namespaces: ["c"], seesL7: true })).toBeUndefined();
    expect(
      cutFlow({ source: { identity: 2 } }, { name: "v", namespaces: ["", "c"], seesL7: true }),
    ).toBeUndefined();
  });

  it("hides the content of requests", () => {
    const cut = cutFlow(flow, { name: "v", namespaces: "all", seesL7: false });
    expect(cut).toMatchObject({ source: flow.source });
    expect(JSON.stringify(cut)).not.toContain("/x");
  });
});

describe("times and addresses", () => {
  it.each([
    "2021-06-16T16:52:13.136834446Z",
    "2021-06-16T16:52:13Z",
    "2021-06-16T16:52:13.100Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00.000000001Z",
  ])("%s", (text) => {
    expect(formatTimeNs(parseTimeNs(text) ?? 0n)).toBe(text);
  });

  it("takes other zones, and refuses what is no time", () => {
    expect(parseTimeNs("2021-06-16T18:52:13.5+02:00")).toBe(
      parseTimeNs("2021-06-16T16:52:13.500Z"),
    );
    expect(parseTimeNs("yesterday")).toBeUndefined();
    expect(parseTimeNs("2021-13-41T00:00:00Z")).toBeUndefined();
  });

  it.each<[string, string]>([
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["fd00::1:2", "fd00:0:0:0:0:0:1:2"],
    ["1::", "1:0:0:0:0:0:0:0"],
  ])("%s", (text, full) => {
    expect(formatAddress(parseAddress(text) ?? 0n)).toBe(full);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "g::",
    "fe80::1%eth0",
    ":1",
    "1.2.3.4:80",
  ])("refuses %s", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "10.0.0.0/8/8", "/8"])(
    "refuses the range %s",
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );
});
