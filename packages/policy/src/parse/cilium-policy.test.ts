import { describe, expect, test } from "vitest";
import type { Peer, PortMatch, Rule } from "../policy.js";
import { ccnp, cnp, complaints, only, parse, requirementText } from "./testing.js";

const ruleOf = (rule: string, section = "ingress", yaml = cnp): Rule =>
  only(yaml(`{endpointSelector: {}, ${section}: [${rule}]}`), "UNSUPPORTED").rules[0]!;
const peersOf = (rule: string, section?: string, yaml?: typeof cnp): readonly Peer[] =>
  ruleOf(rule, section, yaml).peers as readonly Peer[];
const requirements = (peer: Peer | undefined): string[] =>
  peer && (peer.of === "endpoints" || peer.of === "nodes")
    ? peer.selector.requirements.map(requirementText)
    : [];

const OWN = "+k8s:io.kubernetes.pod.namespace In web";
const ANY = "+k8s:io.kubernetes.pod.namespace Exists";
const CLUSTER = "+k8s:io.cilium.k8s.policy.cluster In default";

describe("subject", () => {
  test("label sources, and the own namespace", () => {
    const { subject } = only(
      cnp(
        "{endpointSelector: {matchLabels: {a: b, 'k8s:c': d, 'any:e': f, 'reserved:g': h}}, ingress: [{}]}",
      ),
    );
    expect(subject.selector.requirements.map(requirementText)).toEqual([
      "any:a In b",
      "k8s:c In d",
      "any:e In f",
      "reserved:g In h",
      OWN,
    ]);
  });

  test("another namespace than the policy's has no effect, and is warned of", () => {
    const text = cnp(
      "{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': other}}, ingress: [{}]}",
    );
    expect(parse(text).policies[0]!.subject.selector.requirements.map(requirementText)).toEqual([
      OWN,
    ]);
    expect(complaints(text)).toEqual([
      'warning BAD_SUBJECT spec.endpointSelector.matchLabels["k8s:io.kubernetes.pod.namespace"]',
    ]);
  });

  test("a clusterwide policy selects every endpoint, or nodes", () => {
    expect(only(ccnp("{endpointSelector: {}, ingress: [{}]}"))).toMatchObject({
      namespace: "",
      subject: { of: "pods", selector: { requirements: [] } },
    });
    expect(
      only(ccnp("{nodeSelector: {matchLabels: {a: b}}, ingress: [{}]}")).subject,
    ).toMatchObject({ of: "nodes", selector: { requirements: [{ source: "any", key: "a" }] } });
  });

  test("spec and specs are numbered", () => {
    const text = `${cnp("{endpointSelector: {}, ingress: [{}]}")}specs: [{endpointSelector: {}, egress: [{}]}]\n`;
    expect(parse(text).policies).toMatchObject([
      { specIndex: 0, isolates: { ingress: true, egress: false } },
      { specIndex: 1, isolates: { ingress: false, egress: true } },
    ]);
    expect(only(text.replace(/^spec:.*\n/m, "")).specIndex).toBe(1);
  });
});

describe("default deny", () => {
  test.each([
    ["ingress: [{}]", true, false],
    ["ingressDeny: [{}]", true, false],
    ["egress: [{}], ingress: []", false, true],
    ["ingress: [{}], enableDefaultDeny: {ingress: false}", false, false],
    ["ingress: [{}], enableDefaultDeny: {ingress: true, egress: true}", true, false],
  ])("%s", (rules, ingress, egress) => {
    expect(only(cnp(`{endpointSelector: {}, ${rules}}`)).isolates).toEqual({ ingress, egress });
  });
});

describe("whom a rule means", () => {
  test.each([
    ["{}", [], "any"],
    ["{toPorts: []}", [], "any"],
    ["{fromEndpoints: []}", [], "any"],
    ["{fromEndpoints: null}", [], "any"],
    ["{fromEntities: [], fromCIDR: [10.0.0.0/8]}", [], "any"],
  ])("%s: nobody", (rule, peers, ports) => {
    expect(ruleOf(rule)).toMatchObject({ peers, ports });
  });

  test("ports alone: everybody; but an empty list is nobody, whatever the ports", () => {
    const ports = "toPorts: [{ports: [{port: '80'}]}]";
    expect(ruleOf(`{${ports}}`).peers).toBe("any");
    expect(ruleOf(`{fromEndpoints: [], ${ports}}`).peers).toEqual([]);
    expect(ruleOf(`{toFQDNs: [], ${ports}}`, "egress").peers).toBe("any");
    expect(ruleOf("{icmps: [{fields: [{type: 8}]}]}").peers).toBe("any");
  });

  test("an entry of toPorts without ports matches none", () => {
    expect(ruleOf("{toPorts: [{}]}")).toMatchObject({ peers: "any", ports: [] });
  });
});

describe("endpoints are scoped to namespace and cluster", () => {
  test.each([
    ["{}", cnp, [OWN, CLUSTER]],
    ["{matchLabels: {a: b}}", cnp, ["any:a In b", OWN, CLUSTER]],
    [
      "{matchLabels: {'k8s:io.kubernetes.pod.namespace': x}}",
      cnp,
      ["k8s:io.kubernetes.pod.namespace In x", CLUSTER],
    ],
    [
      "{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: Exists}]}",
      cnp,
      ["any:io.kubernetes.pod.namespace Exists", CLUSTER],
    ],
    [
      "{matchLabels: {'k8s:io.cilium.k8s.namespace.labels.t': x}}",
      cnp,
      ["k8s:io.cilium.k8s.namespace.labels.t In x", CLUSTER],
    ],
    [
      "{matchLabels: {io.cilium.k8s.policy.cluster: c2}}",
      cnp,
      ["any:io.cilium.k8s.policy.cluster In c2", OWN],
    ],
    ["{matchLabels: {'reserved:host': ''}}", cnp, ["reserved:host In "]],
    ["{}", ccnp, [ANY, CLUSTER]],
    [
      "{matchLabels: {'k8s:io.cilium.k8s.namespace.labels.t': x}}",
      ccnp,
      ["k8s:io.cilium.k8s.namespace.labels.t In x", ANY, CLUSTER],
    ],
  ])("%s", (selector, yaml, expected) => {
    expect(requirements(peersOf(`{fromEndpoints: [${selector}]}`, "ingress", yaml)[0])).toEqual(
      expected,
    );
  });

  test("policies for initialising pods leave the namespace out", () => {
    const text = ccnp(
      "{endpointSelector: {matchLabels: {'reserved:init': ''}}, ingress: [{fromEndpoints: [{}]}]}",
    );
    expect(requirements((only(text).rules[0]!.peers as readonly Peer[])[0])).toEqual([CLUSTER]);
  });

  test("nodes are other nodes of the own cluster", () => {
    const [peer] = peersOf("{fromNodes: [{matchLabels: {'node:zone': a}}]}");
    expect(requirements(peer)).toEqual(["node:zone In a", "+reserved:remote-node Exists", CLUSTER]);
  });
});

describe("other peers", () => {
  test.each([
    ["{fromEntities: [world, kube-apiserver]}", "ingress", { of: "entity", entity: "world" }],
    ["{fromCIDR: [10.0.0.1]}", "ingress", { of: "cidr", cidr: "10.0.0.1", except: [] }],
    [
      "{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.0.0.0/8]}]}",
      "ingress",
      { of: "cidr", cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] },
    ],
    [
      "{toCIDRSet: [{cidrGroupRef: g, except: [10.0.0.0/9]}]}",
      "egress",
      { of: "cidr-group", group: { name: "g" }, except: ["10.0.0.0/9"] },
    ],
    [
      "{toCIDRSet: [{cidrGroupSelector: {matchLabels: {a: b}}}]}",
      "egress",
      { of: "cidr-group", group: { selector: { requirements: [{ source: "k8s", key: "a" }] } } },
    ],
    [
      "{toServices: [{k8sService: {serviceName: s, namespace: ns}}]}",
      "egress",
      { of: "service", service: { name: "s", namespace: "ns" } },
    ],
    [
      "{toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: b}}}}]}",
      "egress",
      { of: "service", service: { namespace: "", selector: { requirements: [{ key: "a" }] } } },
    ],
    [
      "{toFQDNs: [{matchName: a.example}]}",
      "egress",
      { of: "fqdn", name: { kind: "name", name: "a.example" } },
    ],
    [
      "{toFQDNs: [{matchPattern: '**.example'}]}",
      "egress",
      { of: "fqdn", name: { kind: "pattern", pattern: "**.example" } },
    ],
    ["{toGroups: [{aws: {}}]}", "egress", { of: "unknown" }],
  ])("%s", (rule, section, peer) => {
    expect(peersOf(rule, section)[0]).toMatchObject(peer);
  });
});

describe("ports", () => {
  const portsOf = (ports: string, section?: string): readonly PortMatch[] =>
    ruleOf(`{toPorts: [{ports: [${ports}]}]}`, section).ports as readonly PortMatch[];
  const all = ["TCP", "UDP", "SCTP"];

  test.each([
    ["{port: '80'}", { of: "number", protocols: all, first: 80, last: 80 }],
    ["{port: '80', protocol: ANY}", { protocols: all }],
    ["{port: '80', protocol: udp}", { protocols: ["UDP"] }],
    ["{port: '0', protocol: TCP}", { first: 1, last: 65_535 }],
    ["{port: '80', endPort: 90, protocol: TCP}", { first: 80, last: 90 }],
    ["{port: '010'}", { first: 8, last: 8 }],
    ["{port: Web-1}", { of: "name", name: "web-1", protocols: all }],
    ["{port: '0x10'}", { of: "name", name: "0x10" }],
    ["{port: '8', protocol: ICMPv6}", { protocols: ["ICMPv6"], first: 8, last: 8 }],
  ])("%s", (port, expected) => expect(portsOf(port)[0]).toMatchObject(expected));

  test.each([
    ["{type: 8}", ["ICMP"], 8],
    ["{type: '8', family: IPv4}", ["ICMP"], 8],
    ["{type: EchoRequest, family: IPv6}", ["ICMPv6"], 128],
    ["{type: Echo Reply, family: IPv6}", ["ICMPv6"], 129],
  ])("icmps %s", (field, protocols, type) => {
    expect(ruleOf(`{icmps: [{fields: [${field}]}]}`).ports).toMatchObject([
      { protocols, first: type, last: type },
    ]);
  });
});

describe("L7 makes an allow a redirect", () => {
  const l7Of = (entry: string, section = "egress"): unknown =>
    (ruleOf(`{toPorts: [${entry}]}`, section).ports as readonly PortMatch[])[0]!.l7;
  const tcp = "ports: [{port: '80', protocol: TCP}]";

  test.each([
    [
      `{${tcp}, rules: {http: [{method: GET, path: /a/.*, host: h, headers: [X], headerMatches: [{name: Host, value: v}]}]}}`,
      {
        kind: "http",
        http: [{ method: "GET", path: "/a/.*", host: "h", headers: ["X", "Host: v"] }],
      },
    ],
    [
      "{ports: [{port: '53'}], rules: {dns: [{matchPattern: '*'}, {matchName: a.b}]}}",
      {
        kind: "dns",
        dns: [
          { kind: "pattern", pattern: "*" },
          { kind: "name", name: "a.b" },
        ],
      },
    ],
    [`{${tcp}, rules: {kafka: [{topic: a}]}}`, { kind: "kafka" }],
    [`{${tcp}, rules: {l7proto: x, l7: [{a: b}]}}`, { kind: "other" }],
    [`{${tcp}, serverNames: [a.b]}`, { kind: "sni" }],
    [`{${tcp}, listener: {envoyConfig: {name: e}, name: l}}`, { kind: "listener" }],
    [`{${tcp}, terminatingTLS: {secret: {name: s}}}`, { kind: "other" }],
    [`{${tcp}, terminatingTLS: {}, serverNames: [a], rules: {http: [{}]}}`, { kind: "http" }],
  ])("%s", (entry, expected) => expect(l7Of(entry)).toMatchObject(expected));

  test("on a range of all ports too, which is not port 0", () => {
    expect(
      l7Of("{ports: [{port: '1', endPort: 65535, protocol: TCP}], rules: {http: [{}]}}"),
    ).toMatchObject({ kind: "http" });
  });

  test("lists without entries do not", () => {
    expect(l7Of(`{${tcp}, rules: {http: []}}`)).toBeUndefined();
  });
});

test("authentication", () => {
  expect(ruleOf("{fromEndpoints: [{}], authentication: {mode: required}}").authentication).toBe(
    "required",
  );
});
