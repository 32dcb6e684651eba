import { describe, expect, it } from "vitest";
import { orientFlow } from "./edge-orient.js";
import { standIn } from "./edge-flow.js";
import type { Flow } from "./flow.js";

const client = { namespace: "shop", pod_name: "web-0", labels: ["k8s:app=web"] };
const server = { namespace: "shop", pod_name: "api-0", labels: ["k8s:app=api"] };
const tcp = (
  source_port: number,
  destination_port: number,
  flags = {},
): NonNullable<Flow["l4"]> => ({
  TCP: { source_port, destination_port, flags },
});

const flow = (more: Flow): Flow => ({
  verdict: "FORWARDED",
  event_type: { type: 4 },
  IP: { source: "10.0.0.1", destination: "10.0.0.2" },
  source: client,
  destination: server,
  l4: tcp(40_000, 8080),
  ...more,
});

describe("which way round a flow tells of its connection", () => {
  it.each<readonly [string, Flow, boolean, number]>([
    ["a request", { is_reply: false }, false, 8080],
    ["a reply goes back", { is_reply: true, l4: tcp(8080, 40_000) }, true, 8080],
    ["an old sender's reply", { reply: true, l4: tcp(8080, 40_000) }, true, 8080],
    ["a first packet by its flags", { l4: tcp(8080, 50_000, { SYN: true }) }, false, 50_000],
    ["its answer by its flags", { l4: tcp(9000, 9001, { SYN: true, ACK: true }) }, true, 9000],
    ["a trace from a server's port to a client's", { l4: tcp(8080, 40_000) }, true, 8080],
    [
      "a drop that says no more is no answer",
      { event_type: { type: 1 }, l4: tcp(443, 40_000) },
      false,
      40_000,
    ],
    ["an echo reply answers a request", { is_reply: true, l4: { ICMPv4: { type: 0 } } }, true, 8],
    ["the same for IPv6", { is_reply: true, l4: { ICMPv6: { type: 129 } } }, true, 128],
  ])("%s", (_name, more, isReply, port) => {
    expect(orientFlow(flow(more))).toMatchObject({ isReply, port, outcome: "forwarded" });
  });

  it.each<readonly [string, Flow, string]>([
    ["what was translated at a socket", { verdict: "TRANSLATED" }, "aside"],
    ["what was traced there", { verdict: "TRACED" }, "aside"],
    [
      "what is on its way to a Service's address",
      {
        is_reply: false,
        destination: { identity: 2, labels: ["reserved:world"] },
        destination_service: { name: "api", namespace: "shop" },
      },
      "aside",
    ],
    ["an error about another packet", { l4: { ICMPv4: { type: 3 } } }, "aside"],
    ["no protocol", { l4: {} }, "unplaced"],
    ["one that policies cannot name", { l4: { VRRP: {} } }, "unplaced"],
    ["nobody at one end", { source: {}, IP: { destination: "10.0.0.2" } }, "unplaced"],
  ])("%s is no connection", (_name, more, expected) => {
    expect(orientFlow(flow(more))).toBe(expected);
  });

  it("a dropped error is one all the same: policies denied it", () => {
    const dropped = flow({ verdict: "DROPPED", l4: { ICMPv4: { type: 3 } } });
    expect(orientFlow(dropped)).toMatchObject({ outcome: "dropped", port: 3 });
  });
});

describe("what stands for an edge", () => {
  it("is turned round where it was an answer, with names of what is no pod", () => {
    const answer = flow({
      is_reply: true,
      uuid: "u",
      source: { identity: 2, labels: ["reserved:world"] },
      destination: client,
      source_names: ["api.example.com"],
      destination_names: ["web-0.shop"],
      IP: { source: "192.0.2.7", destination: "10.0.0.1" },
      l4: tcp(443, 40_000),
    });
    const oriented = orientFlow(answer);
    if (typeof oriented === "string") throw new Error(oriented);
    expect(standIn(answer, oriented, 1_000_000_000n)).toEqual({
      time: "1970-01-01T00:00:01Z",
      uuid: "u",
      verdict: "FORWARDED",
      event_type: { type: 4 },
      IP: { source: "10.0.0.1", destination: "192.0.2.7" },
      l4: { TCP: { destination_port: 443 } },
      source: client,
      destination: { identity: 2, labels: ["reserved:world"] },
      destination_names: ["api.example.com"],
      is_reply: false,
    });
  });
});
