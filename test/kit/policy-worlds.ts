import { parseLabels, PROFILES } from "@dropscope/policy";
import type { CidrGroup, Endpoint, NamedPort, Profile, Protocol, Service } from "@dropscope/policy";
import * as fc from "fast-check";

/**
 * Small random worlds in which everything meets everything: few names, so that
 * selectors, CIDRs, ports and DNS names of random policies hit random ends.
 * `policy-arbitraries.ts` draws the policies.
 */
export interface ArbitraryWorld {
  readonly profile: Profile;
  readonly endpoints: readonly Endpoint[];
  readonly cidrGroups: readonly CidrGroup[];
  readonly services: readonly Service[];
}

export const PLACE = { file: "world.yaml", line: 1, column: 1, path: "" };
export const NAMESPACES = ["shop", "bank", "kube-system"];
export const APPS = ["web", "db", "dns"];
export const TEAMS = ["red", "blue"];
export const ADDRESSES = [
  "10.0.1.7",
  "10.0.1.200",
  "10.0.2.9",
  "10.9.0.1",
  "192.0.2.4",
  "198.51.100.77",
  "2001:db8::7",
  "2001:db8:1::9",
  "fd00::1",
];
export const CIDRS = [
  "0.0.0.0/0",
  "10.0.0.0/8",
  "10.0.0.0/16",
  "10.0.1.0/24",
  "10.0.1.128/25",
  "10.0.1.7/32",
  "192.0.2.4",
  "128.0.0.0/1",
  "::/0",
  "2001:db8::/32",
  "2001:db8:1::/48",
  "fd00::1/128",
];
export const DNS_NAMES = ["example.com", "api.example.com", "a.b.example.com", "other.org"];
export const PORT_NAMES = ["http", "metrics"];
export const PORTS = [53, 80, 443, 8080, 9090, 40_000];
export const ICMP_TYPES = [0, 8];

const namedPort: fc.Arbitrary<NamedPort> = fc.record({
  name: fc.constantFrom(...PORT_NAMES),
  protocol: fc.constantFrom("TCP", "TCP", "UDP", "SCTP"),
  port: fc.constantFrom(...PORTS),
});

const pod: fc.Arbitrary<Endpoint> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    app: fc.option(fc.constantFrom(...APPS)),
    tier: fc.option(fc.constantFrom("1", "2"), { freq: 1 }),
    /** Only in this pod's label set, as a revision hash is. */
    hash: fc.option(fc.nat(99)),
    team: fc.constantFrom(...TEAMS),
    account: fc.constantFrom("default", "robot"),
    cluster: fc.constantFrom("default", "default", "default", "other"),
    addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 2 }),
    ports: fc.array(namedPort, { maxLength: 2 }),
    hostNetwork: fc.nat(9),
    init: fc.nat(15),
  })
  .map((draw) => ({
    kind: "pod",
    name: `${draw.namespace}/${draw.app ?? "none"}-${draw.hash ?? 0}`,
    namespace: draw.namespace,
    labels: parseLabels([
      ...(draw.app === null ? [] : [`k8s:app=${draw.app}`]),
      ...(draw.tier === null ? [] : [`k8s:tier=${draw.tier}`]),
      ...(draw.hash === null ? [] : [`k8s:pod-template-hash=${draw.hash}`]),
      ...(draw.init === 0 ? ["reserved:init"] : []),
      `k8s:io.cilium.k8s.namespace.labels.team=${draw.team}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${draw.namespace}`,
      `k8s:io.cilium.k8s.policy.cluster=${draw.cluster}`,
      `k8s:io.cilium.k8s.policy.serviceaccount=${draw.account}`,
      `k8s:io.kubernetes.pod.namespace=${draw.namespace}`,
    ]),
    addresses: draw.addresses,
    ports: draw.ports,
    fqdns: [],
    hostNetwork: draw.hostNetwork === 0,
    local: draw.cluster === "default",
  }));

const address: fc.Arbitrary<Endpoint> = fc
  .record({
    address: fc.constantFrom(...ADDRESSES),
    fqdns: fc.uniqueArray(fc.constantFrom(...DNS_NAMES), { maxLength: 2 }),
    apiserver: fc.nat(4),
  })
  .map(({ address, fqdns, apiserver }) => ({
    kind: "address",
    name: address,
    namespace: "",
    labels: parseLabels([
      "reserved:world",
      ...(apiserver === 0 ? ["reserved:kube-apiserver"] : []),
    ]),
    addresses: [address],
    ports: [],
    fqdns,
    hostNetwork: false,
    local: false,
  }));

const node: fc.Arbitrary<Endpoint> = fc
  .record({
    kind: fc.constantFrom("host", "remote-node"),
    role: fc.option(fc.constantFrom("worker", "control")),
    apiserver: fc.nat(2),
    addresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 1 }),
  })
  .map(({ kind, role, apiserver, addresses }) => ({
    kind,
    name: kind,
    namespace: "",
    labels: parseLabels([
      `reserved:${kind}`,
      ...(apiserver === 0 ? ["reserved:kube-apiserver"] : []),
      ...(role === null ? [] : [`node:role=${role}`]),
    ]),
    addresses,
    ports: [],
    fqdns: [],
    hostNetwork: false,
    local: kind === "host",
  }));

const reserved: fc.Arbitrary<Endpoint> = fc
  .constantFrom("health", "ingress", "init", "unmanaged")
  .map((name) => ({
    kind: "reserved",
    name,
    namespace: "",
    labels: parseLabels([`reserved:${name}`]),
    addresses: [],
    ports: [],
    fqdns: [],
    hostNetwork: false,
    local: true,
  }));

export const endpoints: fc.Arbitrary<Endpoint> = fc.oneof(
  { weight: 6, arbitrary: pod },
  { weight: 2, arbitrary: address },
  { weight: 1, arbitrary: node },
  { weight: 1, arbitrary: reserved },
);

export const profiles: fc.Arbitrary<Profile> = fc
  .record({
    name: fc.constantFrom("kubernetes", "cilium"),
    enforcement: fc.constantFrom("default", "default", "default", "always", "never"),
    hostFirewall: fc.boolean(),
    allowLocalHost: fc.boolean(),
    nodeLabels: fc.boolean(),
    baseline: fc.constantFrom("spec", "tiers"),
    denyBeatsTiers: fc.boolean(),
    audit: fc.boolean(),
  })
  .map(withDefaults);

function withDefaults(draw: Partial<Profile> & Pick<Profile, "name">): Profile {
  return { ...PROFILES[draw.name], ...draw };
}

export const cidrGroups: fc.Arbitrary<CidrGroup[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("inside", "outside"),
    labels: fc.constantFrom({}, { zone: "near" }, { zone: "far" }),
    cidrs: fc.uniqueArray(fc.constantFrom(...CIDRS), { maxLength: 3 }),
    place: fc.constant(PLACE),
  }),
  { maxLength: 2, selector: ({ name }) => name },
);

export const services: fc.Arbitrary<Service[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom("front", "store"),
      namespace: fc.constantFrom(...NAMESPACES),
      labels: fc.constantFrom({}, { tier: "1" }),
      selector: fc.option(
        fc.constantFrom<Readonly<Record<string, string>>[]>(
          {},
          { app: "web" },
          { app: "db", tier: "2" },
          { "pod-template-hash": "1" },
        ),
        { nil: undefined },
      ),
      backendAddresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 2 }),
    })
    .map(toService),
  { maxLength: 2, selector: ({ name, namespace }) => `${namespace}/${name}` },
);

function toService({
  selector,
  ...draw
}: Pick<Service, "name" | "namespace" | "labels" | "backendAddresses"> & {
  selector: Readonly<Record<string, string>> | undefined;
}): Service {
  return {
    ...draw,
    ...(selector === undefined ? {} : { selector }),
    type: "ClusterIP",
    clusterAddresses: [],
    ports: [],
    place: PLACE,
  };
}

export const worlds: fc.Arbitrary<ArbitraryWorld> = fc.record({
  profile: profiles,
  endpoints: fc.array(endpoints, { minLength: 4, maxLength: 9 }),
  cidrGroups,
  services,
});

/** Port probes that hit and just miss what random policies name. */
export const PROBES: readonly (readonly [Protocol, number])[] = [
  ...(["TCP", "UDP", "SCTP"] as const).flatMap((protocol) =>
    [1, 52, ...PORTS.flatMap((port) => [port, port + 1]), 65_535].map(
      (port) => [protocol, port] as const,
    ),
  ),
  ...(["ICMP", "ICMPv6"] as const).flatMap((protocol) =>
    [...ICMP_TYPES, 9, 255].map((type) => [protocol, type] as const),
  ),
];
