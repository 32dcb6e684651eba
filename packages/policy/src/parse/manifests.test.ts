import { describe, expect, test } from "vitest";
import { parseManifests } from "./manifests.js";
import { complaints, knp, parse } from "./testing.js";

describe("objects", () => {
  test("of Lists, typed ones too, with places in the file and paths in the object", () => {
    const text = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: PodList
  items:
  - metadata: {name: a}
    spec: {hostNetwork: 1}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: b}
  spec: {podSelector: {}}
`;
    const { policies, problems, sources } = parse(text);
    expect(policies).toMatchObject([
      { namespace: "default", name: "b", place: { line: 9, column: 3, path: "" } },
    ]);
    expect(problems).toMatchObject([
      { code: "BAD_TYPE", place: { line: 8, path: "spec.hostNetwork" } },
    ]);
    expect(sources.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "Pod a",
      "NetworkPolicy b",
    ]);
    expect(sources[1]!.placeOf("spec.podSelector")).toEqual({
      file: "f",
      line: 12,
      column: 10,
      path: "spec.podSelector",
    });
    expect(sources[1]!.placeOf("spec.nothing[3]")).toMatchObject({ line: 12, path: "spec" });
  });

  test("keep their text and their document's range", () => {
    const text = `# a\n---\n${knp("{}")}---\n`;
    const [source] = parse(text).sources;
    expect(source).toMatchObject({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      text,
    });
    expect(text.slice(...source!.range).trim()).toBe(knp("{}").trim());
    expect(source!.value["spec"]).toEqual({});
    expect(source!.value["constructor"]).toBeUndefined();
  });

  test("that were refused are among the sources all the same", () => {
    const { policies, sources } = parse(knp("{ingress: 1}"));
    expect([policies.length, sources.length]).toEqual([0, 1]);
  });

  test("without a namespace are in the one that is asked for, clusterwide ones in none", () => {
    const text = `${knp("{}").replace("namespace: web", "")}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n1, namespace: x}\n`;
    const { policies, sources } = parseManifests(text, "f", { namespace: "team" });
    expect(policies[0]!.namespace).toBe("team");
    expect(sources.map(({ namespace }) => namespace)).toEqual(["team", ""]);
  });

  test("of other kinds say nothing, and are kept as they were written", () => {
    const { sources, problems } = parse(
      "kind: ConfigMap\napiVersion: v1\n---\napiVersion: apps/v1\nkind: ControllerRevision\n---\na: 1\n---\napiVersion: cilium.io/v2\nkind: CiliumEndpoint\n---\nnull\n",
    );
    expect(problems).toEqual([]);
    expect(sources.map(({ kind }) => kind)).toEqual([
      "ConfigMap",
      "ControllerRevision",
      "",
      "CiliumEndpoint",
    ]);
  });

  test("that are none are refused", () => {
    expect(complaints("hello\n---\n[1]\n---\nkind: List\nitems: [1]\n")).toEqual([
      "error NOT_AN_OBJECT ",
      "error NOT_AN_OBJECT ",
      "error NOT_AN_OBJECT ",
    ]);
  });

  test("take the name of the cluster that their selectors mean", () => {
    const { policies } = parseManifests(knp("{ingress: [{from: [{podSelector: {}}]}]}"), "f", {
      cluster: "east",
    });
    expect(JSON.stringify(policies)).toContain('"values":["east"]');
  });
});

describe("kinds and versions", () => {
  const of = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {}\n`;

  test.each([
    [of("networking.k8s.io/v1", "NetworkPolcy"), "warning UNKNOWN_KIND kind", "NetworkPolicy"],
    [of("v1", "NetworkPolicy"), "warning UNKNOWN_KIND apiVersion", "networking.k8s.io/v1"],
    [
      of("cilium.io/v2", "NetworkPolicy"),
      "warning UNKNOWN_KIND apiVersion",
      "networking.k8s.io/v1",
    ],
    ["kind: CiliumNetworkPolicy\n", "warning UNKNOWN_KIND apiVersion", "cilium.io/v2"],
    [of("cilium.io/v3", "CiliumNetworkPolicy"), "error UNKNOWN_VERSION apiVersion", "cilium.io/v2"],
    [
      of("policy.networking.k8s.io/v1alpha1", "ClusterNetworkPolicy"),
      "error UNKNOWN_VERSION apiVersion",
      "v1alpha2",
    ],
    [of("apps/v1beta1", "Deployment"), "warning UNKNOWN_VERSION apiVersion", "apps/v1"],
  ])("%s", (text, complaint, fix) => {
    expect(complaints(text)).toEqual([complaint]);
    expect(parse(text).problems[0]!.fix).toContain(fix);
    expect(parse(text).policies).toEqual([]);
  });
});

describe("names", () => {
  const named = (metadata: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: ${metadata}\nspec: {}\n`;

  test.each([
    ["{}", "error NO_NAME metadata"],
    ["{name: ''}", "error NO_NAME metadata"],
    ["null", "error NO_NAME metadata"],
    ["{name: 1}", "error BAD_TYPE metadata.name"],
    ["{name: A}", "error BAD_NAME metadata.name"],
    ["{name: a_b}", "error BAD_NAME metadata.name"],
    ["{name: a., namespace: b}", "error BAD_NAME metadata.name"],
    [`{name: ${"a".repeat(254)}}`, "error BAD_NAME metadata.name"],
    ["{name: a, namespace: b.c}", "error BAD_NAME metadata.namespace"],
    ["{name: a, namespace: 7}", "error BAD_TYPE metadata.namespace"],
  ])("%s", (metadata, complaint) => {
    expect(complaints(named(metadata))).toEqual([complaint]);
    expect(parse(named(metadata)).policies).toEqual([]);
  });

  test("that are wrong may be let pass with a warning", () => {
    const { policies, problems } = parseManifests(named("{name: a_b}"), "f", {
      lenientNames: true,
    });
    expect(policies).toHaveLength(1);
    expect(problems).toMatchObject([{ severity: "warning", code: "BAD_NAME" }]);
  });
});

test("misspelt fields around the spec are warned of", () => {
  const text = knp("{}").replace("namespace:", "namepsace:").replace("spec:", "sepc:");
  expect(complaints(text)).toEqual([
    "warning UNKNOWN_FIELD sepc",
    "warning UNKNOWN_FIELD metadata.namepsace",
  ]);
});

describe("hostile objects", () => {
  test("have no more problems than can be read", () => {
    const labels = Array.from({ length: 5_000 }, (_, index) => `'a@${index}': b`).join(", ");
    expect(complaints(knp(`{podSelector: {matchLabels: {${labels}}}}`))).toHaveLength(50);
    const fields = Array.from({ length: 5_000 }, (_, index) => `f${index}: b`).join(", ");
    expect(complaints(knp(`{${fields}}`))).toHaveLength(50);
  });

  test("keep their keys to themselves", () => {
    const { policies, sources } = parse(
      knp("{podSelector: {matchLabels: {constructor: b}}, __proto__: {ingress: []}}"),
    );
    expect(policies[0]!.subject.selector.requirements.map(({ key }) => key)).toEqual([
      "constructor",
      "io.kubernetes.pod.namespace",
    ]);
    expect(({} as Record<string, unknown>)["ingress"]).toBeUndefined();
    expect(sources[0]!.value["spec"]).toHaveProperty(["__proto__"]);
  });

  test("do not drown a message", () => {
    const long = "x".repeat(10_000);
    for (const text of [
      knp(`{policyTypes: [${long}]}`),
      knp(`{${long}: 1}`),
      knp(`{ingress: [{ports: [{port: ${long}}]}]}`),
      knp("{}").replace("name: p", `name: ${long}`),
      `apiVersion: cilium.io/v2\nkind: ${long}\n`,
    ])
      for (const { message, fix } of parse(text).problems)
        expect((message + fix).length).toBeLessThan(900);
  });
});
