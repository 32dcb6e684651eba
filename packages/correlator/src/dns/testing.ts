import type { Flow } from "@dropscope/model";
import { parseManifests, PROFILES, type Profile } from "@dropscope/policy";
import { catalogOfManifests } from "../explain/catalog.js";
import type { DnsPolicies } from "./policies/judge.js";

// Flows about DNS as Hubble tells them, made by hand: for tests and for case folders.

export interface TestPod {
  /** `namespace/pod`; the workload is what the pod's name tells. */
  readonly pod: string;
  readonly ip: string;
  readonly node: string;
  readonly labels: readonly string[];
}

export interface TestEnd {
  readonly ip: string;
  /** Reserved identity, such as 2 for world and 1 for host. */
  readonly identity?: number;
  readonly labels?: readonly string[];
  readonly names?: readonly string[];
}

const REPLICAS = "6d4f5b7c9f";
const SUFFIXES = ["2bcdf", "4ghjk", "5lmnp", "7qrst"];

/** A pod of a Deployment; `index` tells its replicas apart. */
export function testPod(
  workload: string,
  { node = "node-1", labels, index = 0, ip }: Partial<TestPod> & { index?: number } = {},
): TestPod {
  const [namespace = "", name = ""] = workload.split("/");
  const own = labels ?? [`k8s:app=${name}`];
  return {
    pod: `${workload}-${REPLICAS}-${SUFFIXES[index % SUFFIXES.length] ?? "9vwxz"}`,
    ip: ip ?? `10.0.${(hashOf(workload) % 200) + 1}.${index + 10}`,
    node,
    labels: [
      ...own,
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
    ],
  };
}

export const coredns = testPod("kube-system/coredns", {
  node: "node-2",
  labels: ["k8s:k8s-app=kube-dns"],
  ip: "10.0.0.53",
});

export function world(ip: string, ...names: string[]): TestEnd {
  return { ip, identity: 2, labels: ["reserved:world"], names };
}

export function host(ip: string): TestEnd {
  return { ip, identity: 1, labels: ["reserved:host"] };
}

export interface FlowMaker {
  /** A query packet that the policies let through, told by a trace event of the client's node. */
  query(at: number, how?: Partial<PacketOptions>): Flow;
  /** The answer's packet. */
  reply(at: number, how?: Partial<PacketOptions>): Flow;
  /** A dropped packet: its verdict event, then its drop event. */
  dropped(at: number, how?: Partial<PacketOptions>): Flow[];
  request(at: number, query: string, how?: Partial<LogOptions>): Flow;
  answer(at: number, query: string, how?: Partial<LogOptions>): Flow;
}

export interface PacketOptions {
  readonly client: TestPod | TestEnd;
  readonly server: TestPod | TestEnd;
  readonly protocol: "UDP" | "TCP";
  readonly socket: number;
  readonly port: number;
  readonly direction: "EGRESS" | "INGRESS";
  readonly node: string;
  readonly reason: "POLICY_DENIED" | "POLICY_DENY" | "CT_MAP_INSERTION_FAILED";
  /** More fields, or others. */
  readonly with: Flow;
}

export interface LogOptions extends PacketOptions {
  readonly rcode: number;
  readonly ips: readonly string[];
  readonly ttl: number;
  readonly type: "A" | "AAAA";
  readonly refused: boolean;
}

/** Seconds since this moment are the times of `FlowMaker`. */
export const START_MS = Date.UTC(2026, 2, 1, 12);

const REASONS = { POLICY_DENIED: 133, POLICY_DENY: 181, CT_MAP_INSERTION_FAILED: 155 } as const;

/** @param defaults what every flow has, unless it says otherwise @param seed first part of every uuid */
export function flowMaker(defaults: Partial<PacketOptions> = {}, seed = "d"): FlowMaker {
  let number = 0;
  const make = (
    at: number,
    given: Partial<PacketOptions> | undefined,
    back: boolean,
    fields: (how: PacketOptions) => Flow,
  ): Flow => {
    const how: PacketOptions = { ...BASE, ...defaults, ...given };
    const [from, to] = back ? [how.server, how.client] : [how.client, how.server];
    const ports = back
      ? { source_port: how.port, destination_port: how.socket }
      : { source_port: how.socket, destination_port: how.port };
    const clientNode = isPod(how.client) ? how.client.node : "";
    const names = isPod(to) ? [] : (to.names ?? []);
    return {
      time: new Date(START_MS + Math.round(at * 1000)).toISOString(),
      uuid: `${seed}-${String(++number).padStart(6, "0")}`,
      node_name: how.node || clientNode || "node-1",
      IP: { source: from.ip, destination: to.ip, ipVersion: "IPv4" },
      l4: { [how.protocol]: ports },
      source: endpointOf(from),
      destination: endpointOf(to),
      ...(names.length > 0 ? { destination_names: [...names] } : {}),
      Type: "L3_L4",
      traffic_direction: how.direction,
      ...fields(how),
      ...how.with,
    };
  };
  const logged = (
    at: number,
    query: string,
    given: Partial<LogOptions> = {},
    back: boolean,
  ): Flow =>
    make(at, given, back, () => {
      const { rcode = 0, ips = [], ttl = 30, type = "A", refused = false } = given;
      return {
        verdict: refused ? "DROPPED" : "FORWARDED",
        event_type: { type: 129 },
        Type: "L7",
        is_reply: back,
        l7: {
          type: back ? "RESPONSE" : "REQUEST",
          dns: {
            query: `${query}.`,
            qtypes: [type],
            observation_source: "proxy",
            ...(back ? { rcode, ttl, ips: [...ips], rrtypes: ips.map(() => type) } : {}),
          },
        },
      };
    });
  return {
    query: (at, how) =>
      make(at, how, false, () => ({
        verdict: "FORWARDED",
        event_type: { type: 4, sub_type: 4 },
        trace_observation_point: "TO_OVERLAY",
        is_reply: false,
      })),
    reply: (at, how) =>
      make(at, how, true, () => ({
        verdict: "FORWARDED",
        event_type: { type: 4 },
        trace_observation_point: "TO_ENDPOINT",
        is_reply: true,
        traffic_direction: "INGRESS",
      })),
    dropped: (at, how) =>
      [5, 1].map((type) =>
        make(at + (type === 1 ? 1e-3 : 0), how, false, ({ reason }) => ({
          verdict: "DROPPED",
          event_type: type === 1 ? { type, sub_type: REASONS[reason] } : { type },
          drop_reason: REASONS[reason],
          drop_reason_desc: reason,
        })),
      ),
    request: (at, query, how) => logged(at, query, how, false),
    answer: (at, query, how) => logged(at, query, how, true),
  };
}

const BASE: PacketOptions = {
  client: testPod("web/checkout"),
  server: coredns,
  protocol: "UDP",
  socket: 40_000,
  port: 53,
  direction: "EGRESS",
  node: "",
  reason: "POLICY_DENIED",
  with: {},
};

/** Policies that hold for all time, from manifests. */
export function testPolicies(yaml: string, profile: Profile = PROFILES.cilium): DnsPolicies {
  return {
    history: catalogOfManifests(parseManifests(yaml, "test.yaml"), profile),
    profile,
    revisions: () => ({ objects: 0, pods: 0 }),
  };
}

function isPod(end: TestPod | TestEnd): end is TestPod {
  return "pod" in end;
}

function endpointOf(end: TestPod | TestEnd): NonNullable<Flow["source"]> {
  if (!isPod(end)) return { identity: end.identity ?? 0, labels: [...(end.labels ?? [])] };
  const slash = end.pod.indexOf("/");
  return {
    identity: 1000 + (hashOf(end.labels.join()) % 60_000),
    namespace: end.pod.slice(0, slash),
    pod_name: end.pod.slice(slash + 1),
    labels: [...(end.labels ?? [])],
  };
}

function hashOf(text: string): number {
  let value = 7;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
