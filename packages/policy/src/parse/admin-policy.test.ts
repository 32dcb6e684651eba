import { describe, expect, test } from "vitest";
import type { Peer, Rule } from "../policy.js";
import { anp, complaints, kcnp, only, parse, policyYaml, requirementText } from "./testing.js";

const banp = (spec: string, name = "default"): string =>
  policyYaml("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", spec).replace(
    "name: p",
    `name: ${name}`,
  );
const SUBJECT = "subject: {namespaces: {}}";
const ALLOW = "{action: Allow, from: [{namespaces: {}}]}";
const ANY = "+k8s:io.kubernetes.pod.namespace Exists";
const CLUSTER = "+k8s:io.cilium.k8s.policy.cluster In default";
const NS = "k8s:io.cilium.k8s.namespace.labels.";

const requirements = (peer: Peer | undefined): string[] =>
  peer && (peer.of === "endpoints" || peer.of === "nodes")
    ? peer.selector.requirements.map(requirementText)
    : [];
const adminRule = (rule: string, section = "egress"): Rule =>
  only(anp(`{priority: 1, ${SUBJECT}, ${section}: [${rule}]}`)).rules[0]!;
const clusterRule = (rule: string): Rule =>
  only(kcnp(`{tier: Admin, priority: 1, ${SUBJECT}, egress: [${rule}]}`)).rules[0]!;

describe("rank", () => {
  test.each([
    [anp(`{priority: 7, ${SUBJECT}, ingress: [${ALLOW}]}`), "admin", 7],
    [banp(`{${SUBJECT}, ingress: [${ALLOW}]}`), "baseline", 0],
    [kcnp(`{tier: Admin, priority: 0, ${SUBJECT}}`), "admin", 0],
    [kcnp(`{tier: Baseline, priority: 1000, ${SUBJECT}}`), "baseline", 1000],
  ])("%s", (text, tier, priority) => {
    expect(only(text)).toMatchObject({
      tier,
      priority,
      namespace: "",
      isolates: { ingress: false, egress: false },
    });
  });
});

describe("subject", () => {
  test.each([
    ["{namespaces: {}}", [ANY]],
    ["{namespaces: {matchLabels: {t: x}}}", [`${NS}t In x`]],
    [
      "{pods: {namespaceSelector: {matchLabels: {t: x}}, podSelector: {matchLabels: {a: b}}}}",
      ["k8s:a In b", `${NS}t In x`],
    ],
    ["{pods: {namespaceSelector: {}, podSelector: {}}}", [ANY]],
  ])("%s", (subject, expected) => {
    const policy = only(anp(`{priority: 1, subject: ${subject}}`));
    expect(policy.subject.selector.requirements.map(requirementText)).toEqual(expected);
  });
});

describe("rules", () => {
  test("keep their order, names and actions", () => {
    const { rules } = only(
      anp(
        `{priority: 1, ${SUBJECT}, ingress: [{name: one, action: Pass, from: [{namespaces: {}}]}, ${ALLOW}], egress: [{action: Deny, to: [{namespaces: {}}]}]}`,
      ),
    );
    expect(rules).toMatchObject([
      { direction: "ingress", index: 0, name: "one", action: "pass", ports: "any" },
      { direction: "ingress", index: 1, action: "allow" },
      { direction: "egress", index: 0, action: "deny" },
    ]);
  });

  test("peers of v1alpha1", () => {
    const { peers } = adminRule(
      "{action: Allow, to: [{namespaces: {matchLabels: {t: x}}}, {pods: {namespaceSelector: {}, podSelector: {}}}, {nodes: {matchLabels: {z: a}}}, {networks: [10.0.0.0/8, 'fd00::/8']}, {domainNames: ['*.a.example', b.example.]}]}",
    );
    const list = peers as readonly Peer[];
    expect(list.map(requirements)).toEqual([
      [`${NS}t In x`],
      [ANY, CLUSTER],
      ["node:z In a"],
      [],
      [],
      [],
      [],
    ]);
    expect(list.slice(3)).toMatchObject([
      { of: "cidr", cidr: "10.0.0.0/8" },
      { of: "cidr", cidr: "fd00::/8" },
      { of: "fqdn", name: { kind: "pattern", pattern: "**.a.example" } },
      { of: "fqdn", name: { kind: "name", name: "b.example" } },
    ]);
  });

  test("nodes of v1alpha2 are other nodes, as Cilium has it", () => {
    const { peers } = clusterRule("{action: Accept, to: [{nodes: {}}]}");
    expect(requirements((peers as readonly Peer[])[0])).toEqual([
      "+reserved:remote-node Exists",
      CLUSTER,
    ]);
  });

  test.each([
    ["{portNumber: {protocol: UDP, port: 53}}", { protocols: ["UDP"], first: 53, last: 53 }],
    ["{portNumber: {port: 53}}", { protocols: ["TCP"], first: 53, last: 53 }],
    ["{portRange: {protocol: SCTP, start: 1, end: 9}}", { protocols: ["SCTP"], first: 1, last: 9 }],
    ["{namedPort: dns}", { of: "name", name: "dns", protocols: ["TCP", "UDP", "SCTP"] }],
  ])("ports of v1alpha1: %s", (port, expected) => {
    const rule = adminRule(`{action: Allow, to: [{namespaces: {}}], ports: [${port}]}`);
    expect(rule.ports).toMatchObject([expected]);
  });

  test.each([
    ["{tcp: {destinationPort: {number: 80}}}", { protocols: ["TCP"], first: 80, last: 80 }],
    ["{udp: {destinationPort: {range: {start: 1, end: 9}}}}", { protocols: ["UDP"], last: 9 }],
    ["{sctp: {}}", { protocols: ["SCTP"], first: 1, last: 65_535 }],
    ["{destinationNamedPort: web}", { of: "name", name: "web" }],
  ])("protocols of v1alpha2: %s", (port, expected) => {
    const rule = clusterRule(`{action: Accept, to: [{namespaces: {}}], protocols: [${port}]}`);
    expect(rule.ports).toMatchObject([expected]);
  });

  test("a peer of a kind that nobody knows fails closed in v1alpha2", () => {
    const text = kcnp(
      `{tier: Admin, priority: 1, ${SUBJECT}, egress: [{action: Deny, to: [{services: {}}]}]}`,
    );
    expect(parse(text).policies[0]!.rules[0]!.peers).toMatchObject([
      { of: "unknown", what: "services" },
    ]);
    expect(complaints(text)).toEqual([
      "warning UNKNOWN_FIELD spec.egress[0].to[0].services",
      "warning BAD_PEER spec.egress[0].to[0]",
    ]);
  });
});

describe("what is refused", () => {
  const admin = (rest: string): string => anp(`{priority: 1, ${SUBJECT}, ${rest}}`);
  const rule = (fields: string): string =>
    admin(`egress: [{action: Allow, to: [{namespaces: {}}], ${fields}}]`);
  const to = (peer: string): string => admin(`egress: [{action: Allow, to: [${peer}]}]`);
  const port = "spec.egress[0].ports[0]";
  const peer = "spec.egress[0].to[0]";

  test.each([
    [anp("null"), "EMPTY_POLICY "],
    [anp(`{${SUBJECT}}`), "BAD_PRIORITY spec.priority"],
    [anp(`{priority: 1001, ${SUBJECT}}`), "BAD_PRIORITY spec.priority"],
    [anp(`{priority: -1, ${SUBJECT}}`), "BAD_PRIORITY spec.priority"],
    [anp(`{priority: high, ${SUBJECT}}`), "BAD_TYPE spec.priority"],
    [anp("{priority: 1}"), "BAD_SUBJECT spec.subject"],
    [anp("{priority: 1, subject: {}}"), "BAD_SUBJECT spec.subject"],
    [anp("{priority: 1, subject: {nodes: {}}}"), "BAD_SUBJECT spec.subject"],
    [
      anp(
        "{priority: 1, subject: {namespaces: {}, pods: {namespaceSelector: {}, podSelector: {}}}}",
      ),
      "BAD_SUBJECT spec.subject",
    ],
    [admin("egress: [{to: [{namespaces: {}}]}]"), "BAD_ACTION spec.egress[0].action"],
    [
      admin("egress: [{action: Accept, to: [{namespaces: {}}]}]"),
      "BAD_ACTION spec.egress[0].action",
    ],
    [
      admin("egress: [{action: constructor, to: [{namespaces: {}}]}]"),
      "BAD_ACTION spec.egress[0].action",
    ],
    [admin("egress: [{action: Allow}]"), "BAD_PEER spec.egress[0].to"],
    [admin("egress: [{action: Allow, to: []}]"), "BAD_PEER spec.egress[0].to"],
    [to("{}"), `BAD_PEER ${peer}`],
    [to("{namespaces: {}, nodes: {}}"), `BAD_PEER ${peer}`],
    [
      admin("ingress: [{action: Allow, from: [{networks: [10.0.0.0/8]}]}]"),
      "BAD_PEER spec.ingress[0].from[0]",
    ],
    [to("{networks: []}"), `BAD_PEER ${peer}.networks`],
    [to("{networks: [10.0.0.1]}"), `BAD_CIDR ${peer}.networks[0]`],
    [to("{domainNames: ['a.*']}"), `BAD_PATTERN ${peer}.domainNames[0]`],
    [rule("ports: [{}]"), `BAD_PORT ${port}`],
    [rule("ports: [{namedPort: a, portNumber: {port: 1}}]"), `BAD_PORT ${port}`],
    [rule("ports: [{portNumber: {}}]"), `BAD_PORT ${port}.portNumber.port`],
    [rule("ports: [{portNumber: {port: 0}}]"), `BAD_PORT ${port}.portNumber.port`],
    [
      rule("ports: [{portNumber: {port: 1, protocol: ICMP}}]"),
      `BAD_PORT ${port}.portNumber.protocol`,
    ],
    [rule("ports: [{portRange: {start: 10, end: 1}}]"), `BAD_PORT ${port}.portRange`],
    [rule("ports: [{namedPort: A}]"), `BAD_PORT ${port}.namedPort`],
    [rule(`name: ${"x".repeat(101)}`), "BAD_NAME spec.egress[0].name"],
    [admin("egress: [{action: Deny, to: [{domainNames: [a.b]}]}]"), "BAD_ACTION spec.egress[0]"],
    [
      admin("egress: [{action: Allow, to: [{networks: [10.0.0.0/8]}], ports: [{namedPort: a}]}]"),
      "CONFLICTING_FIELDS spec.egress[0]",
    ],
    [admin(`ingress: [${Array(101).fill(ALLOW).join(", ")}]`), "BAD_VALUE spec.ingress"],
    [banp(`{${SUBJECT}}`, "other"), "BAD_NAME metadata.name"],
    [
      banp(`{${SUBJECT}, ingress: [{action: Pass, from: [{namespaces: {}}]}]}`),
      "BAD_ACTION spec.ingress[0].action",
    ],
    [kcnp(`{priority: 1, ${SUBJECT}}`), "BAD_VALUE spec.tier"],
    [kcnp(`{tier: admin, priority: 1, ${SUBJECT}}`), "BAD_VALUE spec.tier"],
    [
      kcnp(`{tier: Admin, priority: 1, ${SUBJECT}, ingress: [${ALLOW}]}`),
      "BAD_ACTION spec.ingress[0].action",
    ],
    [
      kcnp(
        `{tier: Admin, priority: 1, ${SUBJECT}, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{icmp: {}}]}]}`,
      ),
      "BAD_PORT spec.ingress[0].protocols[0]",
    ],
    [
      kcnp(
        `{tier: Admin, priority: 1, ${SUBJECT}, ingress: [${Array(26).fill("{action: Deny, from: [{namespaces: {}}]}").join(", ")}]}`,
      ),
      "BAD_VALUE spec.ingress",
    ],
  ])("%s", (text, complaint) => {
    expect(complaints(text)).toEqual([`error ${complaint}`]);
    expect(parse(text).policies).toEqual([]);
  });

  test("a selector of pods that is left out is read as {}, with a warning", () => {
    const text = to("{pods: {namespaceSelector: {}}}");
    expect(complaints(text)).toEqual([`warning BAD_PEER ${peer}.pods`]);
    expect(parse(text).policies).toHaveLength(1);
  });
});
