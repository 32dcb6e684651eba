import type {
  FqdnMatch,
  L7Rules,
  Peer,
  Policy,
  PortMatch,
  Requirement,
  Rule,
  Selector,
} from "@dropscope/policy";
import * as fc from "fast-check";
import {
  APPS,
  CIDRS,
  DNS_NAMES,
  ICMP_TYPES,
  NAMESPACES,
  PLACE,
  PORTS,
  PORT_NAMES,
  TEAMS,
} from "./policy-worlds.js";

/** Keys with values that ends of random worlds have, and one that none has. */
const LABELS: readonly (readonly [key: string, values: readonly string[]])[] = [
  ["app", APPS],
  ["app", APPS],
  ["tier", ["1", "2", "3"]],
  ["pod-template-hash", ["1", "2", "3"]],
  ["io.kubernetes.pod.namespace", NAMESPACES],
  ["io.cilium.k8s.namespace.labels.team", TEAMS],
  ["io.cilium.k8s.policy.cluster", ["default", "other"]],
  ["io.cilium.k8s.policy.serviceaccount", ["default", "robot"]],
  ["absent", ["1"]],
];

const requirement: fc.Arbitrary<Requirement> = fc
  .record({
    label: fc.constantFrom(...LABELS),
    source: fc.constantFrom("k8s", "k8s", "any", "node"),
    operator: fc.constantFrom("In", "In", "NotIn", "Exists", "DoesNotExist"),
    mask: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ label: [key, values], source, operator, mask }) => ({
    source,
    key,
    operator,
    values:
      operator === "In" || operator === "NotIn"
        ? values.filter((_, i) => ((mask >> i) & 1) === 1).sort()
        : [],
    place: PLACE,
  }));

const reservedRequirement: fc.Arbitrary<Requirement> = fc
  .constantFrom("host", "remote-node", "kube-apiserver", "init", "health", "world")
  .map((key) => ({ source: "reserved", key, operator: "Exists", values: [], place: PLACE }));

export const selectors: fc.Arbitrary<Selector> = fc
  .array(
    fc.oneof({ weight: 8, arbitrary: requirement }, { weight: 1, arbitrary: reservedRequirement }),
    { maxLength: 2 },
  )
  .map((requirements) => ({ requirements }));

const nodeSelector: fc.Arbitrary<Selector> = fc
  .constantFrom<Requirement[]>(
    [],
    [{ source: "node", key: "role", operator: "In", values: ["worker"], place: PLACE }],
    [{ source: "node", key: "role", operator: "DoesNotExist", values: [], place: PLACE }],
  )
  .map((requirements) => ({ requirements }));

/** The selector, limited to one namespace as the parser does it. */
export function inNamespace({ requirements }: Selector, namespace: string): Selector {
  const key = "io.kubernetes.pod.namespace";
  return {
    requirements: [...requirements, { source: "k8s", key, operator: "In", values: [namespace] }],
  };
}

const fqdn: fc.Arbitrary<FqdnMatch> = fc.oneof(
  fc.constantFrom(...DNS_NAMES).map((name) => ({ kind: "name" as const, name })),
  fc
    .constantFrom("*", "*.example.com", "**.example.com", "a*.example.com", "other.*")
    .map((pattern) => ({ kind: "pattern" as const, pattern })),
);

const except = fc.uniqueArray(fc.constantFrom(...CIDRS), { maxLength: 2 });

export const peers: fc.Arbitrary<Peer> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      of: fc.constant("endpoints" as const),
      selector: fc
        .tuple(selectors, fc.option(fc.constantFrom(...NAMESPACES)))
        .map(([selector, namespace]) =>
          namespace === null ? selector : inNamespace(selector, namespace),
        ),
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      of: fc.constant("cidr" as const),
      cidr: fc.constantFrom(...CIDRS),
      except,
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("cidr-group" as const),
      group: fc.oneof(
        fc.constantFrom({ name: "inside" }, { name: "outside" }, { name: "absent" }),
        fc.constantFrom("near", "far").map((zone) => ({
          selector: {
            requirements: [{ source: "k8s", key: "zone", operator: "In" as const, values: [zone] }],
          },
        })),
      ),
      except,
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      of: fc.constant("entity" as const),
      entity: fc.constantFrom(
        "all",
        "world",
        "world-ipv4",
        "world-ipv6",
        "cluster",
        "host",
        "remote-node",
        "kube-apiserver",
        "ingress",
        "init",
        "health",
        "unmanaged",
        "none",
      ),
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("fqdn" as const),
      name: fqdn,
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("nodes" as const),
      selector: nodeSelector,
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("service" as const),
      service: fc.oneof(
        fc.record({
          name: fc.constantFrom("front", "store"),
          namespace: fc.constantFrom(...NAMESPACES),
        }),
        fc.constantFrom("", ...NAMESPACES).map((namespace) => ({
          namespace,
          selector: {
            requirements: [{ source: "k8s", key: "tier", operator: "In" as const, values: ["1"] }],
          },
        })),
      ),
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("unknown" as const),
      what: fc.constant("toGroups"),
      place: fc.constant(PLACE),
    }),
  },
);

const l7: fc.Arbitrary<L7Rules> = fc
  .constantFrom("http", "dns", "kafka", "other", "sni", "listener")
  .map((kind) => ({ kind, http: [], dns: [], place: PLACE }));

const protocols = fc.constantFrom<PortMatch["protocols"]>(
  ["TCP"],
  ["UDP"],
  ["SCTP"],
  ["TCP", "UDP", "SCTP"],
);

export const portMatches: fc.Arbitrary<PortMatch> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        protocols,
        first: fc.constantFrom(1, ...PORTS),
        more: fc.constantFrom(0, 0, 0, 1, 700, 65_535),
        l7: fc.option(l7, { nil: undefined, freq: 2 }),
      })
      .map(toPortMatch),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      of: fc.constant("name" as const),
      protocols,
      name: fc.constantFrom(...PORT_NAMES, "absent"),
      place: fc.constant(PLACE),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        protocol: fc.constantFrom("ICMP", "ICMPv6"),
        type: fc.constantFrom(...ICMP_TYPES),
      })
      .map(({ protocol, type }): PortMatch => ({
        of: "number",
        protocols: [protocol],
        first: type,
        last: type,
        place: PLACE,
      })),
  },
);

function toPortMatch(draw: {
  protocols: PortMatch["protocols"];
  first: number;
  more: number;
  l7: L7Rules | undefined;
}): PortMatch {
  return {
    of: "number",
    protocols: draw.protocols,
    first: draw.first,
    last: Math.min(65_535, draw.first + draw.more),
    ...(draw.l7 === undefined ? {} : { l7: draw.l7 }),
    place: PLACE,
  };
}

/** Either everything, or a list that may be empty. */
const orAny = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[] | "any"> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("any" as const) },
    { weight: 3, arbitrary: fc.array(arbitrary, { maxLength: 3 }) },
  );

function rules(actions: readonly Rule["action"][]): fc.Arbitrary<Rule[]> {
  return fc
    .array(
      fc.record({
        direction: fc.constantFrom("ingress", "egress"),
        action: fc.constantFrom(...actions),
        peers: orAny(peers),
        ports: orAny(portMatches),
        authentication: fc.option(fc.constantFrom("required", "disabled", "test-always-fail"), {
          nil: undefined,
          freq: 1,
        }),
      }),
      { maxLength: 4 },
    )
    .map((drawn) =>
      drawn.map(({ authentication, ...rule }, index) => ({
        ...rule,
        section:
          rule.action === "deny" && actions.length === 2 ? `${rule.direction}Deny` : rule.direction,
        index,
        ...(authentication === undefined || rule.action !== "allow" || actions.length !== 2
          ? {}
          : { authentication }),
        place: PLACE,
      })),
    );
}

const isolates = fc.record({ ingress: fc.boolean(), egress: fc.boolean() });
const NOBODY_ISOLATED = { ingress: false, egress: false };

/** Policies of the normal tier: NetworkPolicy and Cilium's kinds. */
export const normalPolicies: fc.Arbitrary<Omit<Policy, "name">> = fc
  .tuple(
    fc.constantFrom(
      "NetworkPolicy",
      "NetworkPolicy",
      "CiliumNetworkPolicy",
      "CiliumClusterwideNetworkPolicy",
    ),
    fc.constantFrom(...NAMESPACES),
    selectors,
    fc.option(nodeSelector, { freq: 1 }),
    isolates,
    rules(["allow"]),
    rules(["allow", "deny"]),
  )
  .map(([kind, namespace, selector, nodes, isolates, allows, mixed]) => {
    const clusterwide = kind === "CiliumClusterwideNetworkPolicy";
    return {
      kind,
      namespace: clusterwide ? "" : namespace,
      specIndex: 0,
      tier: "normal",
      priority: 0,
      subject:
        clusterwide && nodes !== null
          ? { of: "nodes", selector: nodes, place: PLACE }
          : {
              of: "pods",
              selector: clusterwide ? selector : inNamespace(selector, namespace),
              place: PLACE,
            },
      isolates,
      rules: kind === "NetworkPolicy" ? allows : mixed,
      place: PLACE,
    };
  });

/** Policies of the admin and baseline tiers. */
export const tierPolicies: fc.Arbitrary<Omit<Policy, "name">> = fc
  .record({
    kind: fc.constantFrom(
      "AdminNetworkPolicy",
      "ClusterNetworkPolicy",
      "ClusterNetworkPolicy",
      "BaselineAdminNetworkPolicy",
    ),
    baseline: fc.boolean(),
    priority: fc.nat(3),
    selector: selectors,
    rules: rules(["allow", "deny", "pass"]),
  })
  .map(({ kind, baseline, priority, selector, rules }) => {
    const isBaseline =
      kind === "BaselineAdminNetworkPolicy" || (kind === "ClusterNetworkPolicy" && baseline);
    return {
      kind,
      namespace: "",
      specIndex: 0,
      tier: isBaseline ? "baseline" : "admin",
      priority: kind === "BaselineAdminNetworkPolicy" ? 0 : priority,
      subject: { of: "pods", selector, place: PLACE },
      isolates: NOBODY_ISOLATED,
      rules: rules.filter((rule) => !isBaseline || rule.action !== "pass"),
      place: PLACE,
    };
  });

/** Any policy, under the given name. */
export function policyNamed(name: string): fc.Arbitrary<Policy> {
  return fc
    .oneof({ weight: 4, arbitrary: normalPolicies }, { weight: 1, arbitrary: tierPolicies })
    .map((policy) => withName(policy, name));
}

function withName(policy: Omit<Policy, "name">, name: string): Policy {
  return { ...policy, name };
}

export const policyLists: fc.Arbitrary<Policy[]> = fc
  .array(policyNamed(""), { maxLength: 8 })
  .map((policies) => policies.map((policy, i) => withName(policy, `p${i}`)));
