import { describe, expect, it } from "vitest";
import type { Flow } from "../flow.js";
import type { FlowFilter } from "./flow-filter.js";
import {
  globMatches,
  globRegex,
  nodeGlobMatches,
  nodeGlobRegex,
  parseGlob,
  parseNodeGlob,
} from "./globs.js";
import { labelsMatch, parseLabelSelector, requirementRegex, isNegative } from "./labels.js";
import { compileSelection, needsStory } from "./match.js";

const regex = (pattern: string): RegExp => new RegExp(pattern);

function matches(filter: FlowFilter, flow: Flow, node?: string): boolean {
  return compileSelection({ allow: [filter], deny: [] }, { regex })(flow, node);
}

const pod = (namespace: string, pod_name: string): Flow => ({ source: { namespace, pod_name } });

describe("compileSelection", () => {
  it("allow is any, deny is none, nothing is everything", () => {
    const drop: Flow = { verdict: "DROPPED" };
    const all = compileSelection({ allow: [], deny: [] }, { regex });
    expect(all({})).toBe(true);
    const selection = compileSelection(
      { allow: [{ verdict: ["DROPPED"] }, { verdict: ["AUDIT"] }], deny: [{ node_name: ["n1"] }] },
      { regex },
    );
    expect(selection(drop)).toBe(true);
    expect(selection({ verdict: "AUDIT" })).toBe(true);
    expect(selection({ verdict: "FORWARDED" })).toBe(false);
    expect(selection({ ...drop, node_name: "n1" })).toBe(false);
  });

  it.each<[string, FlowFilter, Flow, boolean]>([
    [
      "a pod without a namespace is in default",
      { source_pod: ["xwing"] },
      pod("default", "xwing-65b"),
      true,
    ],
    ["… and nowhere else", { source_pod: ["xwing"] }, pod("kube-system", "xwing"), false],
    ["an empty namespace is any", { source_pod: ["/xwing"] }, pod("kube-system", "xwing"), true],
    ["a namespace alone", { source_pod: ["kube-system/"] }, pod("kube-system", "coredns"), true],
    [
      "the name is a prefix",
      { source_pod: ["kube-system/coredns-"] },
      pod("kube-system", "-coredns-1"),
      false,
    ],
    ["any pod at all", { source_pod: ["/"] }, {}, false],
    [
      "a service",
      { destination_service: ["kube-system/kube-"] },
      { destination_service: { namespace: "kube-system", name: "kube-dns" } },
      true,
    ],
    ["a drop counts as no answer", { reply: [false] }, { verdict: "DROPPED" }, true],
    [
      "another flow of unknown direction matches neither",
      { reply: [false, true] },
      { verdict: "FORWARDED" },
      false,
    ],
    ["an answer", { reply: [true] }, { is_reply: true }, true],
    [
      "a drop reason needs a drop",
      { drop_reason_desc: ["POLICY_DENIED"] },
      { verdict: "AUDIT", drop_reason_desc: "POLICY_DENIED" },
      false,
    ],
    [
      "old senders give only the number",
      { drop_reason_desc: ["POLICY_DENIED"] },
      { verdict: "DROPPED", drop_reason: 133 },
      true,
    ],
    ["a number where a name is not known", { verdict: [42] }, { verdict: 42 }, true],
    ["status with a plus", { http_status_code: ["5+"] }, { l7: { http: { code: 503 } } }, true],
    ["status in full", { http_status_code: ["50+"] }, { l7: { http: { code: 514 } } }, false],
    ["a request has no status", { http_status_code: ["2+"] }, { l7: { http: {} } }, false],
    ["methods in any case", { http_method: ["get"] }, { l7: { http: { method: "GET" } } }, true],
    [
      "path without host and query",
      { http_path: ["^/page/[0-9]+$"] },
      { l7: { http: { url: "http://h:80/page/12?x=/page/a" } } },
      true,
    ],
    ["path is decoded", { http_path: ["^/a b$"] }, { l7: { http: { url: "/a%20b" } } }, true],
    ["not a URL", { http_path: [".*"] }, { l7: { http: { url: "nothing" } } }, false],
    [
      "a header, exactly",
      { http_header: [{ key: "Foo", value: "bar" }] },
      { l7: { http: { headers: [{ key: "foo", value: "bar" }] } } },
      false,
    ],
    ["a DNS query", { dns_query: ["^one"] }, { l7: { dns: { query: "one.one." } } }, true],
    [
      "a name of the peer",
      { destination_fqdn: ["*.cilium.io"] },
      { destination_names: ["x", "docs.cilium.io"] },
      true,
    ],
    ["an address", { source_ip: ["fd00:0::1"] }, { IP: { source: "fd00::1" } }, true],
    ["a CIDR", { source_ip: ["10.0.0.0/8"] }, { IP: { source: "10.255.0.1" } }, true],
    ["::/0 is not IPv4", { source_ip: ["::/0"] }, { IP: { source: "10.255.0.1" } }, false],
    [
      "the translated source",
      { source_ip_xlated: ["1.1.1.0/24"] },
      { IP: { source_xlated: "1.1.1.9" } },
      true,
    ],
    ["no address", { source_ip: ["::/0", "0.0.0.0/0"] }, {}, false],
    ["identity 0 needs an endpoint", { source_identity: [0] }, {}, false],
    ["identity 0 of an endpoint", { source_identity: [0] }, { source: {} }, true],
    ["an event of any type", { event_type: [{}] }, { event_type: {} }, true],
    ["no event", { event_type: [{}] }, {}, false],
    [
      "a sub-type",
      { event_type: [{ type: 4, match_sub_type: true, sub_type: 3 }] },
      { event_type: { type: 4 } },
      false,
    ],
    ["either ICMP", { protocol: ["ICMP"] }, { l4: { ICMPv6: {} } }, true],
    ["an L7 protocol", { protocol: ["dns"] }, { l7: { dns: {} } }, true],
    ["a port", { destination_port: ["53"] }, { l4: { UDP: { destination_port: 53 } } }, true],
    ["ICMP has no port", { destination_port: ["0"] }, { l4: { ICMPv4: {} } }, false],
    [
      "all flags of one",
      { tcp_flags: [{ SYN: true, ACK: true }] },
      { l4: { TCP: { flags: { SYN: true } } } },
      false,
    ],
    [
      "any of several",
      { tcp_flags: [{ SYN: true, ACK: true }, { SYN: true }] },
      { l4: { TCP: { flags: { SYN: true } } } },
      true,
    ],
    [
      "a second workload",
      { source_workload: [{ kind: "Job" }] },
      { source: { workloads: [{ name: "a" }, { name: "b", kind: "Job" }] } },
      true,
    ],
    ["IP not used", { ip_version: ["IP_NOT_USED"] }, {}, true],
    ["encrypted", { encrypted: [true] }, { IP: { encrypted: true } }, true],
    ["not encrypted", { encrypted: [false] }, {}, true],
    ["a trace", { trace_id: ["x"] }, { trace_context: { parent: { trace_id: "x" } } }, true],
    ["an IP trace", { ip_trace_id: ["7"] }, { ip_trace_id: { trace_id: "7" } }, true],
    [
      "an interface by name",
      { interface: [{ name: "eth0" }] },
      { interface: { index: 3, name: "eth0" } },
      true,
    ],
    [
      "a cluster by pattern",
      { source_cluster_name: ["prod-*"] },
      { source: { cluster_name: "prod-1" } },
      true,
    ],
    [
      "a uuid",
      { uuid: ["B9FAB269-04ae-495c-9d12-b6c36d41de0d"] },
      { uuid: "b9fab269-04ae-495c-9d12-b6c36d41de0d" },
      true,
    ],
  ])("%s", (_, filter, flow, expected) => {
    expect(matches(filter, flow)).toBe(expected);
  });

  it("takes the node from the envelope where the flow has none", () => {
    expect(matches({ node_name: ["c1/n*"] }, {}, "c1/n1")).toBe(true);
    expect(matches({ node_name: ["c1/n*"] }, { node_name: "c2/n1" }, "c1/n1")).toBe(false);
    expect(matches({ node_name: ["default/n1"] }, { node_name: "n1" })).toBe(true);
    expect(matches({ node_name: ["n1"] }, { node_name: "c2/n1" })).toBe(true);
  });
});

describe("patterns", () => {
  it.each<[string, string, boolean]>([
    ["cilium.io", "cilium.io", true],
    ["cilium.io.", "cilium.io", true],
    ["CILIUM.IO", "cilium.io", true],
    ["*.cilium.io", "a.b.cilium.io", true],
    ["*.cilium.io", "cilium.io", false],
    ["*", "", true],
    ["a*a", "a", false],
    ["a*b*c", "abbc", true],
    ["a*b*c", "acb", false],
    ["*a*a*a*a*a*a*a*a*b", "a".repeat(200), false],
    ["*", "not a name", false],
  ])("%s on %s", (pattern, name, expected) => {
    const glob = parseGlob(pattern, "name");
    expect(globMatches(glob, name)).toBe(expected);
    if (name.length < 50) expect(new RegExp(`^(?:${globRegex(glob)})$`).test(name)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ["n1", "c/n1", true],
    ["c/", "c/n1", true],
    ["c/", "n1", false],
    ["/n1", "n1", true],
    ["*/n*", "c/n1", true],
    ["n1", "a/b/n1", false],
  ])("node %s on %s", (pattern, name, expected) => {
    const glob = parseNodeGlob(pattern);
    const full = name.includes("/") ? name : `default/${name}`;
    expect(nodeGlobMatches(glob, name)).toBe(expected);
    expect(new RegExp(`^(?:${nodeGlobRegex(glob)})$`).test(full)).toBe(expected);
  });
});

describe("label selectors", () => {
  const labels = ["k8s:app=web", "reserved:world", "k8s:x=a:b=c", "plain", "k8s:empty="];
  it.each<[string, boolean]>([
    ["", true],
    ["app", true],
    ["k8s:app", true],
    ["any:app=web", true],
    ["container:app", false],
    ["app=web,reserved:world", true],
    ["app==web", true],
    ["app!=web", false],
    ["app!=api", true],
    ["nothing!=api", true],
    ["!nothing", true],
    ["!app", false],
    ["app in (api, web)", true],
    ["app notin (api), plain", true],
    ["nothing notin (a)", true],
    ["nothing in (a)", false],
    ["x=a:b=c", true],
    ["empty=", true],
    ["plain=", true],
    ["plain in ()", true],
  ])("%s", (text, expected) => {
    const selector = parseLabelSelector(text);
    expect(labelsMatch(selector, labels)).toBe(expected);
    const byRegex = selector.requirements.every((need) => {
      const found = labels.some((label) => new RegExp(requirementRegex(need)).test(label));
      return isNegative(need) ? !found : found;
    });
    expect(byRegex).toBe(expected);
  });

  it.each(["()", "=", "any:k8s:bla", "a b", "a in", "a in (b", "a,,b", "!", "a=b c"])(
    "refuses %s",
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow(/label selector/);
    },
  );
});

describe("what explanations tell", () => {
  const denied: Flow = {
    egress_denied_by: [{ name: "deny-db", namespace: "web", kind: "CiliumNetworkPolicy" }],
    ingress_allowed_by: [{ name: "allow-all", kind: "CiliumClusterwideNetworkPolicy" }],
  };
  const story = {
    problem: "00000000000000aa",
    policies: [{ kind: "NetworkPolicy", namespace: "shop", name: "default-deny" }],
  };
  const holds = (filter: FlowFilter, told?: typeof story): boolean =>
    compileSelection({ allow: [filter], deny: [] }, { regex })(denied, undefined, told);

  it.each<[string, boolean, boolean]>([
    ["deny-db", true, true],
    ["web/deny-db", true, true],
    ["web/deny-*", true, true],
    ["other/deny-db", false, false],
    ["deny", false, false],
    ["allow-all", true, true],
    ["/allow-all", true, true],
    ["shop/", false, true],
    ["DEFAULT-deny", false, true],
    ["*", true, true],
  ])("--policy %s: without its story %s, with it %s", (name, alone, told) => {
    expect([holds({ policy: [name] }), holds({ policy: [name] }, story)]).toEqual([alone, told]);
  });

  it("a problem is known by its story alone", () => {
    const filter = { problem: ["00000000000000AA"] };
    expect([holds(filter), holds(filter, story)]).toEqual([false, true]);
    expect(holds({ problem: ["00000000000000ab"] }, story)).toBe(false);
  });

  it("says which selections need it", () => {
    expect(needsStory({ allow: [{ verdict: ["DROPPED"], policy: [] }], deny: [] })).toBe(false);
    expect(needsStory({ allow: [], deny: [{ problem: ["00000000000000aa"] }] })).toBe(true);
  });
});
