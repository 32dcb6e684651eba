import type { DnsFinding, Flow } from "@dropscope/model";
import { podOwner } from "@dropscope/model";
import { parseManifests } from "@dropscope/policy";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filtersTold } from "../export/filters-told.js";
import { createPseudonyms } from "./pseudonyms.js";
import { createRedactor } from "./redactor.js";
import type { ExplanationBody } from "./told.js";

const KEY = Buffer.from("a key of the tests, long enough");
const names = createPseudonyms(KEY);
const redactor = createRedactor({ names: true, dropL7: false, key: KEY.toString() });

describe("names", () => {
  test("the same name gets the same, another one another; another key gives others", () => {
    expect(names.name("payments")).toBe(names.name("payments"));
    expect(names.name("payments")).toMatch(/^x[a-z0-9]{10}$/);
    expect(names.name("payments")).not.toBe(names.name("payment"));
    const other = createPseudonyms(Buffer.from("another key of the tests"));
    expect(other.name("payments")).not.toBe(names.name("payments"));
    // Bundles without a key of their own do not tell of each other.
    const [one, two] = [0, 0].map(() => createRedactor({ names: true, dropL7: false }));
    expect(one?.name("payments")).not.toBe(two?.name("payments"));
  });

  test("what is joined stays joined, and a pod stays one of its workload's", () => {
    const [namespace, pod] = names.name("web/checkout-5d9f7c8b64-x2x4z").split("/");
    expect(namespace).toBe(names.name("web"));
    expect(podOwner(pod ?? "")).toBe(names.name("checkout"));
    expect(names.name("web-0")).toBe(`${names.name("web")}-0`);
    expect(names.name("shop/node-7")).toBe(`${names.name("shop")}/${names.name("node")}-7`);
    expect(names.name("api.example.com")).toBe(
      ["api", "example", "com"].map((part) => names.name(part)).join("."),
    );
    expect(names.name("checkout.web.svc.cluster.local.")).toBe(
      `${names.name("checkout")}.${names.name("web")}.svc.cluster.local.`,
    );
  });

  test.each(["10.0.0.1", "fd00::12", "10.0.0.0/8", "::/0", "", "53", "kube-system", "kube-dns"])(
    "%j tells nothing and stays",
    (text) => expect(names.name(text)).toBe(text),
  );

  test.each([
    ["k8s:app=checkout", `k8s:app=${names.name("checkout")}`],
    ["app=checkout", `app=${names.name("checkout")}`],
    ["k8s:io.kubernetes.pod.namespace=web", `k8s:io.kubernetes.pod.namespace=${names.name("web")}`],
    ["reserved:world", "reserved:world"],
    ["cidr:10.0.0.0/8", "cidr:10.0.0.0/8"],
    ["fqdn:api.example.com", `fqdn:${names.name("api.example.com")}`],
    ["k8s:role", "k8s:role"],
    ["k8s:a=b=c", `k8s:a=${names.name("b=c")}`],
  ])("the label %s keeps its key", (label, other) => expect(names.label(label)).toBe(other));

  test("a pattern goes on matching, and equal stays equal, unequal unequal", () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const dns = fc.array(part, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(dns, dns, (left, right) => {
        const [a, b] = [left.join("."), right.join(".")];
        expect(names.name(a) === names.name(b)).toBe(a === b);
        const [, ...rest] = left;
        const pattern = names.name(`*.${rest.join(".")}`);
        expect(pattern.startsWith("*.")).toBe(true);
        expect(names.name(a).endsWith(pattern.slice(1))).toBe(true);
      }),
    );
  });
});

const POLICY = `# Written by alice for ticket ACME-7
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: checkout-egress
  namespace: web
  annotations: {contact: alice@acme.example}
  labels: {team: storefront}
specs:
  - description: only what acme needs
    endpointSelector:
      matchLabels: {app: checkout, "k8s:tier": edge}
    egress:
      - toEndpoints:
          - matchLabels: {"k8s:io.kubernetes.pod.namespace": payments, app: api}
            matchExpressions:
              - {key: stage, operator: In, values: [blue, green]}
        toPorts:
          - ports: [{port: http, protocol: TCP}, {port: "8443", protocol: TCP}]
            rules:
              http: [{method: GET, path: /acme/.*, host: acme.internal}]
      - toFQDNs: [{matchName: api.acme.example}, {matchPattern: "*.acme.example"}]
      - toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
      - toEntities: [kube-apiserver]
`;
const SECRETS = /checkout|\bweb\b|alice|acme|storefront|payments|\bapi\b|blue|green|edge/i;

describe("policies", () => {
  const text = redactor.manifest(POLICY);

  test("no name, comment or annotation survives", () => {
    expect(text).not.toMatch(SECRETS);
    expect(text).not.toContain("#");
    expect(text).not.toContain("annotations");
  });

  test("they are still policies, and select what they selected", () => {
    const [before, after] = [POLICY, text].map((one) =>
      parseManifests(one, "p.yaml", { cluster: "default" }),
    );
    expect(after?.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const shape = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, one: unknown) => (key === "place" ? undefined : one)),
      ) as unknown;
    // Redacted and then read, or read and then redacted: the same.
    const read = redactor.object(before?.policies);
    const sorted = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(shape(value), (key, one: unknown) =>
          key === "values" && Array.isArray(one) ? one.map(String).sort() : one,
        ),
      ) as unknown;
    expect(sorted(after?.policies)).toEqual(sorted(read));
    expect(JSON.stringify(read)).not.toMatch(SECRETS);
    const requirements = JSON.stringify(shape(after?.policies));
    expect(requirements).toContain(redactor.name("payments"));
    for (const kept of ["10.0.0.0/8", "kube-apiserver", "8443", '"http"', "*."])
      expect(requirements).toContain(kept);
  });

  test("what is no YAML becomes nothing rather than staying as it is", () => {
    expect(redactor.manifest("a: [b")).toBe("");
    expect(redactor.manifest("")).toBe("");
  });
});

const FLOW: Flow = {
  time: "2026-11-22T14:02:00Z",
  uuid: "00000000-0000-4000-8000-000000000001",
  verdict: "DROPPED",
  IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
  source: {
    namespace: "web",
    pod_name: "checkout-5d9f7c8b64-x2x4z",
    labels: ["k8s:app=checkout", "k8s:io.kubernetes.pod.namespace=web"],
    workloads: [{ name: "checkout", kind: "Deployment" }],
    cluster_name: "acme",
  },
  destination_names: ["api.acme.example"],
  node_name: "acme/node-1",
  node_labels: ["kubernetes.io/hostname=blue"],
  l7: {
    type: "REQUEST",
    http: {
      method: "GET",
      url: "http://api.acme.example/acme/checkout?token=green",
      headers: [{ key: "authorization", value: "green" }],
    },
    dns: { query: "api.acme.example.", cnames: ["edge.acme.example."], ips: ["10.9.9.9"] },
  },
  Summary: "HTTP/1.1 GET http://api.acme.example/acme",
  policy_log: ["alice did it"],
  egress_denied_by: [
    {
      name: "checkout-egress",
      namespace: "web",
      labels: ["k8s:x=blue"],
      kind: "CiliumNetworkPolicy",
    },
  ],
  ...({ somebodys_extension: "acme" } as object),
};

describe("flows", () => {
  test("hold no name, and everything else", () => {
    const flow = redactor.flow(FLOW);
    expect(JSON.stringify(flow)).not.toMatch(SECRETS);
    expect(flow).toMatchObject({
      time: FLOW.time,
      uuid: FLOW.uuid,
      verdict: "DROPPED",
      IP: FLOW.IP,
      source: { namespace: redactor.name("web"), workloads: [{ name: redactor.name("checkout") }] },
      l7: { type: "REQUEST", http: { method: "GET" }, dns: { ips: ["10.9.9.9"] } },
    });
  });

  test("a summary of layer 4 stays", () => {
    const { l7: _, ...plain } = FLOW;
    expect(redactor.flow({ ...plain, Summary: "TCP Flags: SYN, ACK" }).Summary).toBe(
      "TCP Flags: SYN, ACK",
    );
    expect(redactor.flow({ ...plain, Summary: "acme" }).Summary).toBeUndefined();
  });

  test("--drop-l7 leaves the flow and what layer 3 and 4 say", () => {
    const flow = createRedactor({ names: false, dropL7: true }).flow(FLOW);
    expect(flow.l7).toBeUndefined();
    expect(flow.Summary).toBeUndefined();
    expect(flow.source).toEqual(FLOW.source);
    expect(JSON.stringify(flow)).not.toContain("token");
  });
});

const EXPLANATION: ExplanationBody = {
  direction: "egress",
  outcome: "default-deny",
  selecting: [{ kind: "CiliumNetworkPolicy", namespace: "web", name: "checkout-egress" }],
  denying: [],
  nearest: {
    policy: "web/checkout-egress",
    rule: "spec.egress[0]",
    failed: [
      { part: "peer", wanted: "app=api", got: "app=checkout" },
      { part: "l7", wanted: "GET /acme", got: "GET /acme/checkout" },
    ],
  },
  agreement: "same",
  sentence:
    "web/checkout to api.acme.example was dropped by web/checkout-egress; got GET /acme/checkout.",
  next: "Let checkout-egress allow it.",
  reason: "POLICY_DENIED",
  audited: false,
  change: null,
  places: [
    {
      policy: { kind: "CiliumNetworkPolicy", namespace: "web", name: "checkout-egress" },
      path: "spec.egress[0]",
      source: "acme/policies.yaml:7",
      role: "nearest",
    },
  ],
};

describe("what was explained", () => {
  test("names are replaced in sentences too", () => {
    redactor.flow(FLOW);
    redactor.manifest(POLICY);
    const one = redactor.explanation(EXPLANATION);
    expect(JSON.stringify(one)).not.toMatch(SECRETS);
    expect(one.sentence).toContain(`${redactor.name("web")}/${redactor.name("checkout")} to `);
    expect(one.outcome).toBe("default-deny");
    expect(one.places[0]).toMatchObject({ path: "spec.egress[0]", source: "" });
  });

  test("--drop-l7 leaves out what was asked for, in sentences too", () => {
    const one = createRedactor({ names: false, dropL7: true }).explanation(EXPLANATION);
    expect(JSON.stringify(one)).not.toContain("GET /acme/checkout");
    expect(one.sentence).toContain("(left out)");
    const finding = {
      query: "api.acme.example.",
      sentence: "api.acme.example is refused",
      next: "",
      stall: null,
    } as DnsFinding;
    const shown = createRedactor({ names: false, dropL7: true }).dns(finding);
    expect(JSON.stringify(shown)).not.toContain("acme");
  });

  test("ids are other ids of the same shape, the same for the same", () => {
    expect(redactor.id("00ff00ff00ff00ff")).toMatch(/^[0-9a-f]{16}$/);
    expect(redactor.id("00ff00ff00ff00ff")).toBe(redactor.id("00ff00ff00ff00ff"));
    expect(redactor.id("00ff00ff00ff00ff")).not.toBe("00ff00ff00ff00ff");
  });

  test("the filter is told without its names", () => {
    const told = filtersTold(
      ["--namespace", "payments", "--verdict=DROPPED", "--to-port", "53"],
      redactor,
    );
    expect(told).toEqual([
      "--namespace",
      redactor.name("payments"),
      "--verdict=DROPPED",
      "--to-port",
      "53",
    ]);
  });
});

test("without an option nothing is changed", () => {
  const plain = createRedactor({ names: false, dropL7: false });
  expect(plain.flow(FLOW)).toBe(FLOW);
  expect(plain.explanation(EXPLANATION)).toBe(EXPLANATION);
  expect(plain.manifest(POLICY)).toBe(POLICY);
  expect(JSON.stringify(plain.flow(FLOW))).toMatch(SECRETS);
});
