import { describe, expect, test } from "vitest";
import { parseManifests } from "./manifests.js";
import { mergeManifests } from "./merge.js";
import { anp, cnp, kcnp, knp } from "./testing.js";

const files = (...texts: string[]) =>
  mergeManifests(texts.map((text, index) => parseManifests(text, `f${index}`)));

describe("the same name twice", () => {
  test("the last one counts, and it is an error at the last one", () => {
    const { policies, problems } = files(knp("{policyTypes: [Egress]}"), knp("{}"));
    expect(policies).toMatchObject([{ isolates: { ingress: true }, place: { file: "f1" } }]);
    expect(problems).toMatchObject([
      {
        code: "DUPLICATE",
        severity: "error",
        message: "NetworkPolicy web/p stands twice: the one of f0:1 is replaced by this one",
        place: { file: "f1", line: 1 },
      },
    ]);
  });

  test("in one file too", () => {
    const { policies, problems } = files(`${knp("{}")}---\n${knp("{}")}`);
    expect([policies.length, problems.length]).toEqual([1, 1]);
  });

  test("other kinds and namespaces are other names; specs of one object belong together", () => {
    const both = `${cnp("{endpointSelector: {}, ingress: [{}]}")}specs: [{endpointSelector: {}, egress: [{}]}]\n`;
    const { policies, problems } = files(both, knp("{}"), knp("{}").replace("web", "other"));
    expect([policies.length, problems]).toEqual([4, []]);
    expect(files(both, both).policies.map(({ place }) => place.file)).toEqual(["f1", "f1"]);
  });

  test("of namespaces", () => {
    const namespace = (labels: string): string =>
      `apiVersion: v1\nkind: Namespace\nmetadata: {name: web, labels: ${labels}}\n`;
    const { namespaces, problems } = files(namespace("{a: b}"), namespace("{c: d}"));
    expect(namespaces).toMatchObject([{ labels: { c: "d" } }]);
    expect(problems).toMatchObject([{ code: "DUPLICATE", severity: "error" }]);
  });
});

describe("admin policies of one priority", () => {
  const subject = "subject: {namespaces: {}}";
  const named = (text: string, name: string): string => text.replace("name: p", `name: ${name}`);

  test("are an error in v1alpha1, and both are kept", () => {
    const policy = anp(`{priority: 5, ${subject}}`);
    const { policies, problems } = files(named(policy, "one"), named(policy, "two"));
    expect(policies).toHaveLength(2);
    expect(problems).toMatchObject([
      { code: "BAD_PRIORITY", severity: "error", place: { file: "f1" } },
    ]);
  });

  test("are a warning in v1alpha2, where tiers are apart", () => {
    const policy = (tier: string): string => kcnp(`{tier: ${tier}, priority: 5, ${subject}}`);
    const { problems } = files(
      named(policy("Admin"), "one"),
      named(policy("Baseline"), "two"),
      named(policy("Admin"), "three"),
    );
    expect(problems).toMatchObject([{ code: "BAD_PRIORITY", severity: "warning" }]);
  });
});

test("namespaces that are used exist, with the one label that all have", () => {
  const declared = "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n";
  const { namespaces } = files(knp("{}"), declared, knp("{}").replace("web", "other"));
  expect(namespaces.map(({ name, labels, place }) => [name, { ...labels }, !!place])).toEqual([
    ["other", { "kubernetes.io/metadata.name": "other" }, true],
    ["web", { "kubernetes.io/metadata.name": "web" }, false],
  ]);
});

test("backends by hand reach their service in another file", () => {
  const named = (kind: string, rest: string): string =>
    `apiVersion: v1\nkind: ${kind}\nmetadata: {name: s}\n${rest}\n`;
  const { services } = files(
    named("Service", "spec: {ports: [{port: 80}]}"),
    named("Endpoints", "subsets: [{addresses: [{ip: 192.0.2.1}, {ip: 192.0.2.1}]}]"),
  );
  expect(services[0]!.backendAddresses).toEqual(["192.0.2.1"]);
});
