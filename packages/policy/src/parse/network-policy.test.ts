import { describe, expect, test } from "vitest";
import type { Peer } from "../policy.js";
import { complaints, knp, only, parse, requirementText } from "./testing.js";

const peerOf = (from: string): Peer => {
  const { peers } = only(knp(`{ingress: [{from: [${from}]}]}`)).rules[0]!;
  return (peers as readonly Peer[])[0]!;
};
const requirements = (peer: Peer): string[] =>
  peer.of === "endpoints" ? peer.selector.requirements.map(requirementText) : [];

describe("subject and directions", () => {
  test("selects in its own namespace, by k8s labels", () => {
    const { subject, place } = only(
      knp("{podSelector: {matchLabels: {app: a}, matchExpressions: [{key: b, operator: Exists}]}}"),
    );
    expect(subject.selector.requirements.map(requirementText)).toEqual([
      "k8s:app In a",
      "k8s:b Exists",
      "+k8s:io.kubernetes.pod.namespace In web",
    ]);
    expect(subject.place).toEqual({ file: "f", line: 4, column: 8, path: "spec.podSelector" });
    expect(place).toMatchObject({ line: 1, path: "" });
  });

  test.each([
    ["{}", true, false],
    ["{egress: []}", true, false],
    ["{egress: [{}]}", true, true],
    ["{policyTypes: [], egress: [{}]}", true, true],
    ["{policyTypes: [Egress]}", false, true],
    ["{policyTypes: [Ingress], egress: [{}]}", true, false],
  ])("%s isolates", (spec, ingress, egress) => {
    expect(only(knp(spec)).isolates).toEqual({ ingress, egress });
  });

  test("an object without a spec selects every pod and denies all ingress", () => {
    const { policies } = parse(knp("").replace(/spec:.*/, ""));
    expect(policies).toMatchObject([{ isolates: { ingress: true, egress: false }, rules: [] }]);
  });
});

describe("rules", () => {
  test.each(["{}", "{from: [], ports: []}", "{from: null, ports: ~}"])(
    "%s is not restricted",
    (rule) => {
      expect(only(knp(`{ingress: [${rule}]}`)).rules).toMatchObject([
        { action: "allow", direction: "ingress", index: 0, peers: "any", ports: "any" },
      ]);
    },
  );

  test("know their place", () => {
    const { rules } = only(
      knp(
        "\n  egress:\n  - {}\n  - to:\n    - ipBlock: {cidr: 10.0.0.0/8}\n    ports:\n    - port: 1",
      ),
    );
    expect(rules[1]).toMatchObject({
      index: 1,
      place: { line: 7, column: 5, path: "spec.egress[1]" },
      peers: [{ place: { line: 8, path: "spec.egress[1].to[0]" } }],
      ports: [{ place: { line: 10, path: "spec.egress[1].ports[0]" } }],
    });
  });
});

describe("peers", () => {
  const own = "+k8s:io.kubernetes.pod.namespace In web";
  const cluster = "+k8s:io.cilium.k8s.policy.cluster In default";
  const ns = "k8s:io.cilium.k8s.namespace.labels.";

  test.each([
    [
      "podSelector alone: the own namespace",
      "{podSelector: {matchLabels: {a: b}}}",
      ["k8s:a In b", own],
    ],
    ["podSelector {}: all pods of it", "{podSelector: {}}", [own]],
    [
      "namespaceSelector {}: pods only",
      "{namespaceSelector: {}}",
      ["+k8s:io.kubernetes.pod.namespace Exists"],
    ],
    ["namespaceSelector", "{namespaceSelector: {matchLabels: {t: x}}}", [`${ns}t In x`]],
    [
      "both: AND",
      "{podSelector: {matchLabels: {a: b}}, namespaceSelector: {matchExpressions: [{key: t, operator: NotIn, values: [d, c, d]}]}}",
      ["k8s:a In b", `${ns}t NotIn c|d`],
    ],
  ])("%s", (_, peer, expected) => {
    expect(requirements(peerOf(peer))).toEqual([...expected, cluster]);
  });

  test("a selector that speaks of clusters is not limited to the own one", () => {
    const peer = peerOf("{podSelector: {matchLabels: {io.cilium.k8s.policy.cluster: c2}}}");
    expect(requirements(peer)).toEqual(["k8s:io.cilium.k8s.policy.cluster In c2", own]);
  });

  test("requirements point at the line that they are written in", () => {
    const { rules } = only(
      knp("\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          x/y: b\n"),
    );
    const [peer] = rules[0]!.peers as readonly Peer[];
    expect(peer).toMatchObject({
      selector: {
        requirements: [
          {
            place: {
              line: 9,
              column: 11,
              path: 'spec.ingress[0].from[0].podSelector.matchLabels["x/y"]',
            },
          },
          {},
          {},
        ],
      },
    });
  });

  test("ipBlock", () => {
    expect(peerOf("{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}")).toMatchObject({
      of: "cidr",
      cidr: "10.0.0.0/8",
      except: ["10.1.0.0/16"],
    });
  });
});

describe("ports", () => {
  const portOf = (port: string): unknown =>
    only(knp(`{ingress: [{ports: [${port}]}]}`)).rules[0]!.ports;

  test.each([
    ["{}", { of: "number", protocols: ["TCP"], first: 1, last: 65_535 }],
    ["{port: 53}", { of: "number", protocols: ["TCP"], first: 53, last: 53 }],
    ["{protocol: UDP}", { of: "number", protocols: ["UDP"], first: 1, last: 65_535 }],
    ["{port: 1, endPort: 9}", { of: "number", protocols: ["TCP"], first: 1, last: 9 }],
    ["{port: dns, protocol: SCTP}", { of: "name", protocols: ["SCTP"], name: "dns" }],
  ])("%s", (port, expected) => expect(portOf(port)).toMatchObject([expected]));
});

describe("what the API server refuses", () => {
  const from = (peer: string): string => `{ingress: [{from: [${peer}]}]}`;
  const ports = (port: string): string => `{ingress: [{ports: [${port}]}]}`;
  const peer = "spec.ingress[0].from[0]";
  const port = "spec.ingress[0].ports[0]";

  test.each([
    ["[]", "BAD_TYPE spec"],
    ["{podSelector: x}", "BAD_TYPE spec.podSelector"],
    ["{podSelector: {matchLabels: {a: 1}}}", "BAD_TYPE spec.podSelector.matchLabels.a"],
    ["{podSelector: {matchLabels: {a: yes}}}", "BAD_TYPE spec.podSelector.matchLabels.a"],
    [
      "{podSelector: {matchLabels: {'a b': c}}}",
      'BAD_SELECTOR spec.podSelector.matchLabels["a b"]',
    ],
    [
      "{podSelector: {matchLabels: {A.b/c: d}}}",
      'BAD_SELECTOR spec.podSelector.matchLabels["A.b/c"]',
    ],
    ["{podSelector: {matchLabels: {/a: b}}}", 'BAD_SELECTOR spec.podSelector.matchLabels["/a"]'],
    ["{podSelector: {matchLabels: {a: -b}}}", "BAD_SELECTOR spec.podSelector.matchLabels.a"],
    [
      `{podSelector: {matchLabels: {a: ${"x".repeat(64)}}}}`,
      "BAD_SELECTOR spec.podSelector.matchLabels.a",
    ],
    [
      "{podSelector: {matchExpressions: [{key: a, operator: Is}]}}",
      "BAD_SELECTOR spec.podSelector.matchExpressions[0]",
    ],
    [
      "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
      "BAD_SELECTOR spec.podSelector.matchExpressions[0]",
    ],
    [
      "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
      "BAD_SELECTOR spec.podSelector.matchExpressions[0]",
    ],
    [
      "{podSelector: {matchExpressions: [{operator: Exists}]}}",
      "BAD_SELECTOR spec.podSelector.matchExpressions[0]",
    ],
    ["{policyTypes: [ingress]}", "BAD_VALUE spec.policyTypes[0]"],
    ["{policyTypes: [Ingress, Egress, Egress]}", "BAD_VALUE spec.policyTypes"],
    ["{ingress: {}}", "BAD_TYPE spec.ingress"],
    ["{ingress: [x]}", "BAD_TYPE spec.ingress[0]"],
    [from("{}"), `BAD_PEER ${peer}`],
    [from("{podSelector: null}"), `BAD_PEER ${peer}`],
    [from("{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}"), `BAD_PEER ${peer}`],
    [from("{ipBlock: {}}"), `BAD_CIDR ${peer}.ipBlock`],
    [from("{ipBlock: {cidr: 10.0.0.0}}"), `BAD_CIDR ${peer}.ipBlock.cidr`],
    [from("{ipBlock: {cidr: 10.0.0.0/33}}"), `BAD_CIDR ${peer}.ipBlock.cidr`],
    [from("{ipBlock: {cidr: 10.0.0/8}}"), `BAD_CIDR ${peer}.ipBlock.cidr`],
    [from("{ipBlock: {cidr: 'fd00::/129'}}"), `BAD_CIDR ${peer}.ipBlock.cidr`],
    [
      from("{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}"),
      `BAD_CIDR ${peer}.ipBlock.except[0]`,
    ],
    [
      from("{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}"),
      `BAD_CIDR ${peer}.ipBlock.except[0]`,
    ],
    [
      from("{ipBlock: {cidr: 10.0.0.0/8, except: ['fd00::/64']}}"),
      `BAD_CIDR ${peer}.ipBlock.except[0]`,
    ],
    [from("{ipBlock: {cidr: 10.0.0.0/8, except: [x]}}"), `BAD_CIDR ${peer}.ipBlock.except[0]`],
    [ports("{port: 0}"), `BAD_PORT ${port}.port`],
    [ports("{port: 65536}"), `BAD_PORT ${port}.port`],
    [ports("{port: 1.5}"), `BAD_TYPE ${port}.port`],
    [ports("{port: '80'}"), `BAD_PORT ${port}.port`],
    [ports("{port: A}"), `BAD_PORT ${port}.port`],
    [ports("{port: a--b}"), `BAD_PORT ${port}.port`],
    [ports("{port: sixteen-letters-}"), `BAD_PORT ${port}.port`],
    [ports("{protocol: tcp}"), `BAD_PORT ${port}.protocol`],
    [ports("{protocol: ICMP}"), `BAD_PORT ${port}.protocol`],
    [ports("{endPort: 5}"), `BAD_PORT ${port}.endPort`],
    [ports("{port: a, endPort: 5}"), `BAD_PORT ${port}.endPort`],
    [ports("{port: 6, endPort: 5}"), `BAD_PORT ${port}.endPort`],
    [ports("{port: 6, endPort: 70000}"), `BAD_PORT ${port}.endPort`],
  ])("%s", (spec, complaint) => {
    expect(complaints(knp(spec))).toEqual([`error ${complaint}`]);
    expect(parse(knp(spec)).policies).toEqual([]);
  });

  test("the messages name object, place and way out", () => {
    const { problems } = parse(knp(from("{ipBlock: {cidr: A}}")));
    expect(problems).toEqual([
      {
        code: "BAD_CIDR",
        severity: "error",
        message: 'NetworkPolicy web/p: spec.ingress[0].from[0].ipBlock.cidr: "A" is not a CIDR',
        fix: "Write an address, '/' and a length.",
        place: { file: "f", line: 4, column: 37, path: "spec.ingress[0].from[0].ipBlock.cidr" },
        object: { kind: "NetworkPolicy", namespace: "web", name: "p" },
      },
    ]);
  });
});

describe("unknown fields", () => {
  test("are warned of, with the field that was meant, and the policy holds", () => {
    const { policies, problems } = parse(knp("{podselector: {}, ingress: [{form: []}]}"));
    expect(policies).toHaveLength(1);
    expect(problems.map(({ severity, code, fix }) => [severity, code, fix])).toEqual([
      ["warning", "UNKNOWN_FIELD", "Did you mean podSelector?"],
      ["warning", "UNKNOWN_FIELD", "Did you mean from?"],
    ]);
  });

  test("ingress rules know no `to`, egress rules no `from`", () => {
    expect(complaints(knp("{ingress: [{to: []}], egress: [{from: []}]}"))).toEqual([
      "warning UNKNOWN_FIELD spec.ingress[0].to",
      "warning UNKNOWN_FIELD spec.egress[0].from",
    ]);
  });
});
