import { describe, expect, test } from "vitest";
import { mergeManifests } from "../parse/merge.js";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createContext } from "./context/context.js";
import { isAtLeast } from "./finding.js";
import { lint } from "./lint.js";
import type { LintOptions } from "./options.js";
import { fingerprints } from "./render/fingerprint.js";

const OPTIONS: LintOptions = { profile: PROFILES.kubernetes };

const policy = (name: string, spec: string, metadata = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop${metadata}}
spec: ${spec}
`;

const MIXED = policy("mixed", '{podSelector: {}, policyTypes: ["Ingress"], egress: [{}]}');

function ids(text: string, options: Partial<LintOptions> = {}): string[] {
  return lint(parseManifests(text, "a.yaml"), { ...OPTIONS, ...options }).map(({ id }) => id);
}

describe("which findings", () => {
  test("only, except and namespaces", () => {
    expect(ids(MIXED, { only: ["NP005"] })).toEqual(["NP005"]);
    expect(ids(MIXED, { except: ["NP005"] })).not.toContain("NP005");
    expect(ids(MIXED, { namespaces: ["bank"] })).toEqual([]);
    expect(ids(MIXED, { namespaces: ["shop"] })).toContain("NP005");
  });

  test.each(["NP005", "NP201, NP005", "all"])("annotation %s silences its object", (value) => {
    const annotated = policy(
      "quiet",
      '{podSelector: {}, policyTypes: ["Ingress"], egress: [{}]}',
      `, annotations: {dropscope.io/ignore: "${value}"}`,
    );
    expect(ids(annotated, { only: ["NP005"] })).toEqual([]);
    expect(ids(annotated + MIXED, { only: ["NP005"] })).toEqual(["NP005"]);
  });

  test("an annotation of another id, or of a part of one, silences nothing", () => {
    const annotated = policy(
      "loud",
      '{podSelector: {}, policyTypes: ["Ingress"], egress: [{}]}',
      ", annotations: {dropscope.io/ignore: NP00}",
    );
    expect(ids(annotated, { only: ["NP005"] })).toEqual(["NP005"]);
  });

  test("one name in two files is told at the second; layers of kustomize are none", () => {
    const file = (path: string, text: string) => parseManifests(text, path);
    const clean = policy("web", "{podSelector: {}}");
    const two = [file("base/a.yaml", clean), file("prod/a.yaml", clean)];
    const findings = (list: typeof two) =>
      lint(mergeManifests(list), { ...OPTIONS, only: ["NP009", "DUPLICATE"] });
    expect(findings(two).map(({ id, place }) => [id, place.file])).toEqual([
      ["NP009", "prod/a.yaml"],
    ]);
    const layer = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
    expect(findings([...two, file("prod/kustomization.yaml", layer)])).toEqual([]);
  });
});

test("what cannot be read is a finding, once, with the code of its problem", () => {
  const text = `${policy("peer", "{podSelector: {}, ingress: [{from: [{}]}]}")}---\na: [\n`;
  const findings = lint(parseManifests(text, "a.yaml"), OPTIONS);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(errors.map(({ id }) => id)).toEqual(["NP002", "YAML"]);
});

test("findings carry what an API server gave the object, and the time of the state", () => {
  const text = MIXED.replace("namespace: shop", "namespace: shop, uid: u-1, resourceVersion: '7'");
  const [finding] = lint(parseManifests(text, "a.yaml"), {
    ...OPTIONS,
    only: ["NP005"],
    asOf: "2026-01-02T03:04:05Z",
  });
  expect(finding).toMatchObject({
    object: { uid: "u-1", resourceVersion: "7" },
    asOf: "2026-01-02T03:04:05Z",
  });
});

test("findings are in the order of their places, and the same on every run", () => {
  const text = [3, 1, 2].map((n) => MIXED.replaceAll("mixed", `p${n}`)).join("");
  const run = () => lint(parseManifests(text, "a.yaml"), OPTIONS);
  const lines = run().map(({ place }) => place.line);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  expect(run()).toEqual(run());
});

test("a fingerprint stays when the lines move, and tells apart what is on one path", () => {
  const prints = (text: string) =>
    fingerprints(lint(parseManifests(text, "a.yaml"), { ...OPTIONS, only: ["NP005", "NP101"] }));
  expect(prints(`# a comment\n\n${MIXED}`)).toEqual(prints(MIXED));
  const finding = lint(parseManifests(MIXED, "a.yaml"), OPTIONS)[0]!;
  const [first, second] = fingerprints([finding, finding]);
  expect(second).toBe(`${first}:2`);
});

describe("what the objects tell of the cluster", () => {
  const settingsOf = (text: string, options: Partial<LintOptions> = {}) =>
    createContext(parseManifests(text, "a.yaml"), { ...OPTIONS, ...options }).settings;
  const daemonSet = (name: string): string =>
    `---\napiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ${name}, namespace: kube-system}\nspec: {template: {spec: {containers: []}}}\n`;

  test.each([
    ["cilium", { cni: "cilium", enforces: true }],
    ["kube-flannel-ds", { cni: "flannel", enforces: false }],
    ["aws-node", { cni: "aws", enforces: false }],
    ["kindnet", { cni: "kindnet", enforces: undefined }],
    ["fluentd", { cni: undefined, enforces: undefined }],
  ])("DaemonSet %s", (name, expected) => {
    expect(settingsOf(daemonSet(name))).toMatchObject(expected);
  });

  test("flannel beside a plugin that enforces is no gap", () => {
    const both = daemonSet("kube-flannel-ds") + daemonSet("calico-node");
    expect(settingsOf(both)).toMatchObject({ cni: "calico", enforces: true });
  });

  test("Cilium's configuration", () => {
    const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data:
  enable-ipv4: "true"
  enable-ipv6: "true"
  cluster-pool-ipv4-cidr: 10.0.0.0/8
  enable-policy: always
  labels: "!team k8s:app"
`;
    const settings = settingsOf(config, { settings: { excludedLabels: ["mine"] } });
    expect(settings).toMatchObject({
      cni: "cilium",
      dualStack: true,
      podCidrs: ["10.0.0.0/8"],
      enforcement: "always",
      hostFirewall: false,
    });
    expect(settings.excludedLabels).toEqual(
      expect.arrayContaining(["pod-template-hash", "team", "mine"]),
    );
  });

  test("what is given wins", () => {
    expect(settingsOf(daemonSet("cilium"), { settings: { cni: "weave" } }).cni).toBe("weave");
  });
});

test("severities are in order", () => {
  expect(isAtLeast("error", "high")).toBe(true);
  expect(isAtLeast("high", "high")).toBe(true);
  expect(isAtLeast("medium", "high")).toBe(false);
});
