import { describe, expect, it } from "vitest";
import type { SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import { matchContext } from "../match/context.js";
import { parseManifests } from "../parse/manifests.js";
import type { Policy } from "../policy.js";
import { type Profile, PROFILES } from "../profile.js";
import { addressEndpoint, nodeEndpoint, podEndpoint } from "../world/ends.js";
import { decide } from "./decide.js";

const pod = (name: string, labels: Record<string, string>, namespace = "shop"): Endpoint =>
  podEndpoint(
    {
      name: `${namespace}/${name}`,
      namespace,
      labels,
      ports: [{ name: "http", protocol: "TCP", port: 80 }],
    },
    { "kubernetes.io/metadata.name": namespace },
    "default",
  );
const web = pod("web", { app: "web" });
const api = pod("api", { app: "api" });
const host = nodeEndpoint({ name: "host", kind: "host" }, "default");
const outside = addressEndpoint({ address: "203.0.113.9" });

function policies(...documents: string[]): readonly Policy[] {
  const { policies: read, problems } = parseManifests(documents.join("\n---\n"), "-", {
    namespace: "shop",
  });
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return read;
}

const cnp = (name: string, spec: string): string =>
  `{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: ${name}}, spec: {endpointSelector: {matchLabels: {app: api}}, ${spec}}}`;
const knp = (name: string, spec: string): string =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}}, spec: {podSelector: {matchLabels: {app: api}}, ${spec}}}`;
const kcnp = (name: string, tier: string, priority: number, ingress: string): string =>
  `{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: ${name}}, spec: {tier: ${tier}, priority: ${priority}, subject: {namespaces: {}}, ingress: [${ingress}]}}`;

const fromWeb = "fromEndpoints: [{matchLabels: {app: web}}]";
const port80 = "ports: [{port: '80', protocol: TCP}]";
const everyPod = "from: [{namespaces: {}}]";

/** The ingress side of web (or another end) to api, as `outcome by…`. */
function ingress(
  rules: readonly Policy[],
  {
    from = web,
    port = 80,
    profile = {},
  }: { from?: Endpoint; port?: number; profile?: Partial<Profile> } = {},
): string {
  const connection: Connection = { from, to: api, protocol: "TCP", port };
  return brief(decide(connection, rules, matchContext({ ...PROFILES.cilium, ...profile })).ingress);
}

function brief({ outcome, by, derived, authentication }: SideDecision): string {
  const names = by.map(({ policy, rule }) => `${policy.name}#${rule.index}`);
  return [outcome, ...names, derived, authentication].filter((one) => one !== undefined).join(" ");
}

describe("default denial", () => {
  it("comes with the first policy that selects, per direction", () => {
    expect(ingress([])).toBe("not-enforced");
    const rules = policies(knp("p", "policyTypes: [Ingress]"));
    expect(ingress(rules)).toBe("default-denied");
    const back: Connection = { from: api, to: web, protocol: "TCP", port: 80 };
    expect(brief(decide(back, rules, matchContext(PROFILES.cilium)).egress)).toBe("not-enforced");
  });

  it("is never judged at an end that is no local pod", () => {
    const connection: Connection = { from: outside, to: host, protocol: "TCP", port: 80 };
    const decision = decide(connection, [], matchContext(PROFILES.cilium));
    expect([decision.egress.outcome, decision.ingress.outcome]).toEqual([
      "no-endpoint",
      "no-endpoint",
    ]);
    expect(decision.allowed).toBe(true);
  });

  it("follows the enforcement mode", () => {
    const rules = policies(cnp("p", `ingress: [{${fromWeb}}]`));
    expect(ingress(rules, { profile: { enforcement: "never" } })).toBe("not-enforced");
    expect(ingress([], { profile: { enforcement: "always" } })).toBe("default-denied");
    expect(ingress([], { from: host, profile: { enforcement: "always" } })).toBe("default-denied");
    expect(ingress(rules, { from: host, profile: { enforcement: "always" } })).toBe(
      "allowed allow-localhost-ingress",
    );
  });

  it("is not switched on by enableDefaultDeny: false, unless another policy does", () => {
    const open = cnp("open", `enableDefaultDeny: {ingress: false}, ingress: [{${fromWeb}}]`);
    const closed = cnp("closed", "ingress: [{}]");
    expect(ingress(policies(open))).toBe("allowed open#0");
    expect(ingress(policies(open), { from: outside })).toBe("allowed allow-any-ingress");
    expect(ingress(policies(open, closed), { from: outside })).toBe("default-denied");
  });

  it("lets an audited connection pass", () => {
    const rules = policies(knp("p", "policyTypes: [Ingress]"));
    const connection: Connection = { from: web, to: api, protocol: "TCP", port: 80 };
    const audited = decide(connection, rules, matchContext({ ...PROFILES.cilium, audit: true }));
    expect([audited.allowed, audited.ingress.outcome]).toEqual([true, "default-denied"]);
    expect(decide(connection, rules, matchContext(PROFILES.cilium)).allowed).toBe(false);
  });

  it("spares the own node, but a deny rule does not", () => {
    expect(ingress(policies(knp("p", "policyTypes: [Ingress]")), { from: host })).toBe(
      "allowed allow-localhost-ingress",
    );
    const deny = cnp("deny", "ingressDeny: [{fromEntities: [host]}]");
    expect(ingress(policies(deny), { from: host })).toBe("denied deny#0");
    const strict = { from: host, profile: { allowLocalHost: false } };
    expect(ingress(policies(knp("p", "policyTypes: [Ingress]")), strict)).toBe("default-denied");
  });
});

describe("rules of one level", () => {
  it("deny before they allow, however narrow the allow is", () => {
    const rules = policies(
      cnp("allow", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`),
      cnp("deny", `ingressDeny: [{${fromWeb}}]`),
      knp("also", "ingress: [{}]"),
    );
    expect(ingress(rules)).toBe("denied deny#0");
    expect(ingress(rules, { from: outside })).toBe("allowed also#0");
  });

  it("name the broadest deny, since it covers the others", () => {
    const narrow = cnp("narrow", `ingressDeny: [{${fromWeb}, toPorts: [{${port80}}]}]`);
    const broad = cnp("broad", `ingressDeny: [{${fromWeb}}]`);
    const everybody = cnp("everybody", "ingressDeny: [{fromEntities: [all]}]");
    expect(ingress(policies(narrow, broad))).toBe("denied broad#0");
    expect(ingress(policies(narrow, broad, everybody))).toBe("denied everybody#0");
    expect(ingress(policies(narrow, broad), { profile: PROFILES.kubernetes })).toBe(
      "denied broad#0 narrow#0",
    );
  });

  it("name the narrowest allow, and of equals the one for this very end", () => {
    const l3 = cnp("l3", `ingress: [{${fromWeb}}]`);
    const l34 = cnp("l34", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`);
    const range = cnp(
      "range",
      `ingress: [{${fromWeb}, toPorts: [{ports: [{port: '64', endPort: 127, protocol: TCP}]}]}]`,
    );
    const all = cnp("all", "ingress: [{fromEntities: [all]}]");
    expect(ingress(policies(l3, l34, range, all))).toBe("allowed l34#0");
    expect(ingress(policies(l3, range, all))).toBe("allowed range#0");
    expect(ingress(policies(l3, all))).toBe("allowed l3#0");
    expect(ingress(policies(l3, all), { profile: PROFILES.kubernetes })).toBe("allowed all#0 l3#0");
  });

  it("name the rule for everybody where the same port is given to one end as well", () => {
    const one = cnp("one", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`);
    const all = cnp("all", `ingress: [{toPorts: [{${port80}}]}]`);
    expect(ingress(policies(one, all))).toBe("allowed all#0");
  });

  it("tell which other rules Cilium names, since it keeps those of one peer and port as one", () => {
    const rules = policies(
      cnp("allow", `ingress: [{${fromWeb}}]`),
      cnp("deny", `ingressDeny: [{${fromWeb}}]`),
      cnp("narrow", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`),
    );
    const connection: Connection = { from: web, to: api, protocol: "TCP", port: 80 };
    const namedIn = (profile: Profile): (string[] | undefined)[] => {
      const { ingress: side } = decide(connection, rules, matchContext(profile));
      return [side.by, side.alsoNamed].map((refs) => refs?.map(({ policy }) => policy.name));
    };
    expect(namedIn(PROFILES.cilium)).toEqual([["deny"], ["allow"]]);
    expect(namedIn(PROFILES.kubernetes)).toEqual([["deny"], undefined]);
  });

  it("redirect when any rule for the port wants the proxy", () => {
    const http = cnp(
      "http",
      `ingress: [{${fromWeb}, toPorts: [{${port80}, rules: {http: [{}]}}]}]`,
    );
    const plain = cnp("plain", `ingress: [{${fromWeb}}]`);
    const same = cnp("same", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`);
    expect(ingress(policies(http, plain))).toBe("redirected http#0");
    expect(ingress(policies(http, plain), { port: 81 })).toBe("allowed plain#0");
    expect(ingress(policies(http, same))).toBe("redirected http#0 same#0");
  });

  it("look named ports up at the pod", () => {
    const named = cnp("named", "ingress: [{toPorts: [{ports: [{port: http, protocol: TCP}]}]}]");
    expect(ingress(policies(named))).toBe("allowed named#0");
    expect(ingress(policies(named), { port: 81 })).toBe("default-denied");
  });
});

describe("authentication", () => {
  const required = cnp("auth", `ingress: [{${fromWeb}, authentication: {mode: required}}]`);

  it("is demanded by the rule that decides, or a broader one for the same end", () => {
    expect(ingress(policies(required))).toBe("allowed auth#0 required");
    const narrow = cnp("narrow", `ingress: [{${fromWeb}, toPorts: [{${port80}}]}]`);
    expect(ingress(policies(required, narrow))).toBe("allowed narrow#0 required");
  });

  it("is not inherited where the rule says that it is disabled", () => {
    const without = cnp(
      "without",
      `ingress: [{${fromWeb}, toPorts: [{${port80}}], authentication: {mode: disabled}}]`,
    );
    expect(ingress(policies(required, without))).toBe("allowed without#0");
    expect(ingress(policies(required, without), { port: 81 })).toBe("allowed auth#0 required");
  });
});

describe("tiers", () => {
  const isolates = knp("knp", "policyTypes: [Ingress]");
  const accept = `{action: Accept, ${everyPod}}`;
  const deny = `{action: Deny, ${everyPod}}`;
  const pass = `{action: Pass, ${everyPod}}`;

  it("decide in order: admin, normal, baseline", () => {
    const admin = kcnp("admin", "Admin", 1, accept);
    expect(ingress(policies(admin, isolates))).toBe("allowed admin#0");
    const base = kcnp("base", "Baseline", 1, deny);
    expect(ingress(policies(base))).toBe("denied base#0");
    expect(ingress(policies(base, knp("open", "ingress: [{}]")))).toBe("allowed open#0");
  });

  it("take lower priorities first, then the rules in their order", () => {
    const first = kcnp("first", "Admin", 1, deny);
    const second = kcnp("second", "Admin", 2, accept);
    expect(ingress(policies(second, first))).toBe("denied first#0");
    expect(ingress(policies(kcnp("one", "Admin", 1, `${accept}, ${deny}`)))).toBe("allowed one#0");
  });

  it("deny where two rules of one priority differ", () => {
    expect(ingress(policies(kcnp("a", "Admin", 5, accept), kcnp("d", "Admin", 5, deny)))).toBe(
      "denied d#0",
    );
  });

  it("skip the rest of a tier after a pass", () => {
    const admin = kcnp("admin", "Admin", 1, `${pass}, ${deny}`);
    expect(ingress(policies(admin))).toBe("allowed allow-any-ingress");
    expect(ingress(policies(admin, knp("open", "ingress: [{}]")))).toBe("allowed open#0");
    expect(ingress(policies(admin, isolates))).toBe("denied deny-any-ingress");
    const spec = { profile: PROFILES.kubernetes };
    expect(ingress(policies(admin, isolates), spec)).toBe("default-denied");
  });

  it("let the baseline allow what a NetworkPolicy isolates only in Cilium", () => {
    const base = kcnp("base", "Baseline", 1, accept);
    expect(ingress(policies(base, isolates))).toBe("allowed base#0");
    expect(ingress(policies(base, isolates), { profile: { baseline: "spec" } })).toBe(
      "default-denied",
    );
  });

  it("accept questions to the cluster's DNS beside domain names", () => {
    const dns = podEndpoint(
      {
        name: "kube-system/coredns",
        namespace: "kube-system",
        labels: { "k8s-app": "kube-dns" },
        ports: [{ name: "dns", protocol: "UDP", port: 53 }],
      },
      {},
      "default",
    );
    const rules = policies(
      `{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: names}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Accept, to: [{domainNames: ["*.example.com"]}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}, {namespaces: {}}]}]}}`,
    );
    const egress = (to: Endpoint, protocol: "UDP" | "TCP", port: number): string =>
      brief(decide({ from: api, to, protocol, port }, rules, matchContext(PROFILES.cilium)).egress);
    expect(egress(dns, "UDP", 53)).toBe("redirected names#0");
    expect(egress(dns, "UDP", 54)).toBe("denied names#1");
    const known = addressEndpoint({ address: "203.0.113.9", fqdns: ["a.b.example.com"] });
    expect(egress(known, "TCP", 443)).toBe("allowed names#0");
    expect(egress(outside, "TCP", 443)).toBe("denied names#1");
  });

  it("give way to a deny of the normal tier where there were none yet", () => {
    const rules = policies(kcnp("a", "Admin", 1, accept), cnp("d", `ingressDeny: [{${fromWeb}}]`));
    expect(ingress(rules)).toBe("allowed a#0");
    expect(ingress(rules, { profile: { denyBeatsTiers: true } })).toBe("denied d#0");
  });
});
