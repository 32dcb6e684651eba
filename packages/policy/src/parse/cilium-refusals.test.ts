import { describe, expect, test } from "vitest";
import { ccnp, cnp, complaints, parse } from "./testing.js";

/** Each of them keeps the whole object from taking effect. */
describe("what Cilium refuses", () => {
  const ingress = (rule: string): string => `{endpointSelector: {}, ingress: [${rule}]}`;
  const egress = (rule: string): string => `{endpointSelector: {}, egress: [${rule}]}`;
  const ports = (port: string): string => ingress(`{toPorts: [{ports: [${port}]}]}`);
  const l7 = (entry: string): string =>
    egress(`{toPorts: [{ports: [{port: '80', protocol: TCP}], ${entry}}]}`);
  const rule = "spec.ingress[0]";
  const to = "spec.egress[0]";
  const port = `${rule}.toPorts[0].ports[0]`;

  test.each([
    ["{endpointSelector: {}}", "EMPTY_POLICY spec"],
    ["{endpointSelector: {}, ingress: [], egress: null}", "EMPTY_POLICY spec"],
    ["{ingress: [{}]}", "BAD_SUBJECT spec"],
    ["{endpointSelector: {}, nodeSelector: {}, ingress: [{}]}", "BAD_SUBJECT spec"],
    ["{nodeSelector: {}, ingress: [{}]}", "BAD_SUBJECT spec.nodeSelector"],
    [
      "{endpointSelector: {matchLabels: {'k8s:': b}}, ingress: [{}]}",
      'BAD_SELECTOR spec.endpointSelector.matchLabels["k8s:"]',
    ],
    [
      ingress("{fromEndpoints: [{matchLabels: {a: 'b c'}}]}"),
      `BAD_SELECTOR ${rule}.fromEndpoints[0].matchLabels.a`,
    ],
    [
      ingress("{fromEndpoints: [{matchExpressions: [{key: a, operator: In, values: []}]}]}"),
      `BAD_SELECTOR ${rule}.fromEndpoints[0].matchExpressions[0]`,
    ],
    [ingress("{fromEndpoints: [{}], fromCIDR: [10.0.0.0/8]}"), `CONFLICTING_FIELDS ${rule}`],
    [egress("{toEntities: [all], toFQDNs: [{matchName: a}]}"), `CONFLICTING_FIELDS ${to}`],
    [ingress("{fromEntities: [wrold]}"), `BAD_PEER ${rule}.fromEntities[0]`],
    [ingress("{fromCIDR: [10.0.0.0/33]}"), `BAD_CIDR ${rule}.fromCIDR[0]`],
    [ingress("{fromCIDR: ['']}"), `BAD_CIDR ${rule}.fromCIDR[0]`],
    [ingress("{fromCIDRSet: [{cidr: 10.0.0.1}]}"), `BAD_CIDR ${rule}.fromCIDRSet[0].cidr`],
    [ingress("{fromCIDRSet: [{}]}"), `BAD_CIDR ${rule}.fromCIDRSet[0]`],
    [
      ingress("{fromCIDRSet: [{cidr: 10.0.0.0/8, cidrGroupRef: g}]}"),
      `CONFLICTING_FIELDS ${rule}.fromCIDRSet[0]`,
    ],
    [
      ingress("{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/9]}]}"),
      `BAD_CIDR ${rule}.fromCIDRSet[0].except[0]`,
    ],
    [
      ingress("{fromCIDRSet: [{cidr: 10.0.0.0/16, except: [10.0.0.0/8]}]}"),
      `BAD_CIDR ${rule}.fromCIDRSet[0].except[0]`,
    ],
    [egress("{toFQDNs: [{}]}"), `BAD_PATTERN ${to}.toFQDNs[0]`],
    [egress("{toFQDNs: [{matchName: a, matchPattern: b}]}"), `BAD_PATTERN ${to}.toFQDNs[0]`],
    [egress("{toFQDNs: [{matchName: '*.a'}]}"), `BAD_PATTERN ${to}.toFQDNs[0].matchName`],
    [egress("{toFQDNs: [{matchPattern: 'a b'}]}"), `BAD_PATTERN ${to}.toFQDNs[0].matchPattern`],
    [egress("{toFQDNs: [{matchName: a..b}]}"), `BAD_PATTERN ${to}.toFQDNs[0].matchName`],
    [ports("{port: 80}"), `BAD_TYPE ${port}.port`],
    [ports("{}"), `BAD_PORT ${port}`],
    [ports("{port: ''}"), `BAD_PORT ${port}`],
    [ports("{port: '65536'}"), `BAD_PORT ${port}.port`],
    [ports("{port: '-1'}"), `BAD_PORT ${port}.port`],
    [ports("{port: name-that-is-too-long}"), `BAD_PORT ${port}.port`],
    [ports("{port: '80', protocol: HTTP}"), `BAD_PORT ${port}.protocol`],
    [ports("{port: '80', protocol: constructor}"), `BAD_PORT ${port}.protocol`],
    [ports("{port: '80', endPort: 70000}"), `BAD_PORT ${port}.endPort`],
    [ports(Array(41).fill("{port: '80'}").join(", ")), `BAD_PORT ${rule}.toPorts[0].ports`],
    [
      ingress("{toPorts: [{ports: [{port: '80'}]}], icmps: [{fields: [{type: 8}]}]}"),
      `CONFLICTING_FIELDS ${rule}`,
    ],
    [
      ingress("{icmps: [{fields: [{type: 8, family: IPv5}]}]}"),
      `BAD_VALUE ${rule}.icmps[0].fields[0].family`,
    ],
    [ingress("{icmps: [{fields: [{type: 256}]}]}"), `BAD_VALUE ${rule}.icmps[0].fields[0].type`],
    [ingress("{icmps: [{fields: [{}]}]}"), `BAD_VALUE ${rule}.icmps[0].fields[0]`],
    [
      ingress("{icmps: [{fields: [{type: PacketTooBig}]}]}"),
      `BAD_VALUE ${rule}.icmps[0].fields[0].type`,
    ],
    [
      ingress("{toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchName: a}]}}]}"),
      `UNSUPPORTED ${rule}.toPorts[0].rules.dns`,
    ],
    [
      ingress("{toPorts: [{ports: [{port: '80', protocol: UDP}], rules: {http: [{}]}}]}"),
      `BAD_PORT ${port}`,
    ],
    [ingress("{toPorts: [{ports: [{port: '80'}], rules: {http: []}}]}"), `BAD_PORT ${port}`],
    [
      ingress("{toPorts: [{ports: [{port: '0', protocol: TCP}], rules: {http: [{}]}}]}"),
      `BAD_PORT ${rule}.toPorts[0].rules`,
    ],
    [
      egress("{toPorts: [{ports: [{port: '53', endPort: 54}], rules: {dns: [{matchName: a}]}}]}"),
      `BAD_PORT ${to}.toPorts[0].ports[0]`,
    ],
    [egress("{toPorts: [{rules: {dns: []}}]}"), `BAD_PORT ${to}.toPorts[0].rules`],
    [l7("rules: {http: [{}], dns: [{matchName: a}]}"), `CONFLICTING_FIELDS ${to}.toPorts[0].rules`],
    [l7("rules: {l7: [{a: b}]}"), `BAD_VALUE ${to}.toPorts[0].rules.l7`],
    [l7("rules: {http: [{path: '('}]}"), `BAD_PATTERN ${to}.toPorts[0].rules.http[0].path`],
    [
      l7("rules: {http: [{headerMatches: [{}]}]}"),
      `BAD_VALUE ${to}.toPorts[0].rules.http[0].headerMatches[0]`,
    ],
    [
      l7("rules: {http: [{headerMatches: [{name: a, mismatch: x}]}]}"),
      `BAD_ACTION ${to}.toPorts[0].rules.http[0].headerMatches[0].mismatch`,
    ],
    [l7("serverNames: ['']"), `BAD_PATTERN ${to}.toPorts[0].serverNames[0]`],
    [
      l7("serverNames: [a], rules: {http: [{}]}"),
      `CONFLICTING_FIELDS ${to}.toPorts[0].serverNames`,
    ],
    [
      l7("listener: {name: a}, rules: {http: [{}]}"),
      `CONFLICTING_FIELDS ${to}.toPorts[0].listener`,
    ],
    [
      ingress("{toPorts: [{ports: [{port: '80', protocol: TCP}], listener: {name: a}}]}"),
      `UNSUPPORTED ${rule}.toPorts[0].listener`,
    ],
    [ingress("{authentication: {mode: never}}"), `BAD_VALUE ${rule}.authentication.mode`],
    [
      "{endpointSelector: {}, ingress: [{}], enableDefaultDeny: {ingress: 'no'}}",
      "BAD_TYPE spec.enableDefaultDeny.ingress",
    ],
  ])("%s", (spec, complaint) => {
    expect(complaints(cnp(spec))).toEqual([`error ${complaint}`]);
    expect(parse(cnp(spec)).policies).toEqual([]);
  });

  test("L7 for nodes, but for DNS on egress", () => {
    const host = (rules: string): string[] =>
      complaints(
        ccnp(
          `{nodeSelector: {}, egress: [{toPorts: [{ports: [{port: '53', protocol: TCP}], rules: ${rules}}]}]}`,
        ),
      );
    expect(host("{http: [{}]}")).toEqual(["error UNSUPPORTED spec.egress[0].toPorts[0].rules"]);
    expect(host("{dns: [{matchName: a}]}")).toEqual([]);
  });

  test("neither spec nor specs", () => {
    expect(complaints(cnp("").replace(/spec:.*/, ""))).toEqual(["error EMPTY_POLICY "]);
  });

  test("one bad spec takes the others along", () => {
    const text = `${cnp(ingress("{}"))}specs: [{endpointSelector: {}}]\n`;
    expect(parse(text).policies).toEqual([]);
    expect(complaints(text)).toEqual(["error EMPTY_POLICY specs[0]"]);
  });
});

describe("what is taken with a warning", () => {
  test("fields that Cilium gave up", () => {
    expect(
      complaints(
        cnp(
          "{endpointSelector: {}, ingress: [{fromRequires: [{}], toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {kafka: [{topic: a}]}}]}]}",
        ),
      ),
    ).toEqual([
      "warning UNSUPPORTED spec.ingress[0].fromRequires",
      "warning UNSUPPORTED spec.ingress[0].toPorts[0].rules.kafka",
    ]);
  });

  test("fields that deny rules do not have", () => {
    const deny =
      "{endpointSelector: {}, egressDeny: [{toFQDNs: [{matchName: a}], authentication: {mode: required}, toPorts: [{ports: [{port: '80'}], rules: {http: [{}]}}]}]}";
    expect(complaints(cnp(deny))).toEqual([
      "warning UNKNOWN_FIELD spec.egressDeny[0].toFQDNs",
      "warning UNKNOWN_FIELD spec.egressDeny[0].authentication",
      "warning UNKNOWN_FIELD spec.egressDeny[0].toPorts[0].rules",
    ]);
    expect(parse(cnp(deny)).policies[0]!.rules).toMatchObject([{ action: "deny", peers: "any" }]);
  });

  test("protocols without ports, which no flow is judged by", () => {
    const text = cnp(
      "{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '0', protocol: VRRP}]}]}]}",
    );
    expect(complaints(text)).toEqual([
      "warning UNSUPPORTED spec.ingress[0].toPorts[0].ports[0].protocol",
    ]);
    expect(parse(text).policies[0]!.rules[0]!.ports).toEqual([]);
  });

  test("a range that ends before it begins is its first port", () => {
    const text = cnp(
      "{endpointSelector: {}, ingress: [{toPorts: [{ports: [{port: '80', endPort: 70}]}]}]}",
    );
    expect(complaints(text)).toEqual([
      "warning BAD_PORT spec.ingress[0].toPorts[0].ports[0].endPort",
    ]);
    expect(parse(text).policies[0]!.rules[0]!.ports).toMatchObject([{ first: 80, last: 80 }]);
  });
});
