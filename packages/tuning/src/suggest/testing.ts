import { catalogObjects } from "@dropscope/correlator";
import type { Flow } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES, type ProfileName } from "@dropscope/policy";
import { clusterOfObjects, inferObjects, sourcesOfManifests } from "../cluster/index.js";
import { foldFlows } from "../traffic/index.js";
import { suggest, type SuggestOptions } from "./suggest.js";

/** An end of a flow: a pod as `namespace/workload`, or what it is else. */
export interface FlowSide {
  readonly ip: string;
  readonly end: NonNullable<Flow["source"]>;
  readonly names?: readonly string[];
}

/** A pod of a Deployment; labelled `app=<workload>` unless told otherwise. */
export function pod(
  path: string,
  ip: string,
  labels: Readonly<Record<string, string>> = {},
): FlowSide {
  const [namespace = "", workload = ""] = path.split("/");
  const own = Object.keys(labels).length === 0 ? { app: workload } : labels;
  return {
    ip,
    end: {
      identity: 1000,
      namespace,
      pod_name: `${workload}-5d8f7c9b4d-${ip.slice(-1).replace(/\d/, "x")}2c4d`,
      workloads: [{ name: workload, kind: "Deployment" }],
      labels: [
        ...Object.entries(own).map(([key, value]) => `k8s:${key}=${value}`),
        `k8s:io.kubernetes.pod.namespace=${namespace}`,
        `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
        "k8s:io.cilium.k8s.policy.cluster=default",
      ],
    },
  };
}

export function outside(ip: string, names: readonly string[] = []): FlowSide {
  return { ip, end: { identity: 2, labels: ["reserved:world"] }, names };
}

export function entity(ip: string, ...labels: readonly string[]): FlowSide {
  return { ip, end: { labels: labels.map((one) => `reserved:${one}`) } };
}

export const DNS = pod("kube-system/coredns", "10.0.0.53", { "k8s-app": "kube-dns" });

/** Where observations of tests begin, ms. */
export const START = Date.UTC(2026, 5, 1);

export interface Told {
  readonly protocol?: "TCP" | "UDP" | "SCTP";
  readonly port: number;
  /** Hours after `START`. */
  readonly hours?: readonly number[];
  readonly verdict?: string;
  /** Whether somebody answers; yes by default. */
  readonly answered?: boolean;
  readonly icmp?: number;
}

let number = 0;

/** Flows of one connection: its first packet in each of the hours, and an answer. */
export function talk(from: FlowSide, to: FlowSide, told: Told): Flow[] {
  const {
    protocol = "TCP",
    port,
    hours = [0],
    verdict = "FORWARDED",
    answered = true,
    icmp,
  } = told;
  return hours.flatMap((hour) => {
    const time = new Date(START + hour * 3_600_000 + 60_000).toISOString();
    const flow = (a: FlowSide, b: FlowSide, ports: [number, number], reply: boolean): Flow => ({
      time,
      uuid: `00000000-0000-4000-8000-${String(++number).padStart(12, "0")}`,
      verdict: reply ? "FORWARDED" : verdict,
      IP: { source: a.ip, destination: b.ip },
      l4:
        icmp === undefined
          ? { [protocol]: { source_port: ports[0], destination_port: ports[1] } }
          : { ICMPv4: { type: icmp } },
      source: a.end,
      destination: b.end,
      ...(a.names === undefined ? {} : { source_names: [...a.names] }),
      ...(b.names === undefined ? {} : { destination_names: [...b.names] }),
      Type: "L3_L4",
      node_name: "node-a",
      event_type: { type: reply ? 4 : 5 },
      traffic_direction: "EGRESS",
      is_reply: reply,
    });
    const first = flow(from, to, [40_000, port], false);
    return answered && verdict === "FORWARDED"
      ? [first, flow(to, from, [port, 40_000], true)]
      : [first];
  });
}

/** Every so many hours of a week. */
export function every(step: number, first = 0, until = 168): number[] {
  return Array.from({ length: Math.ceil((until - first) / step) }, (_, at) => first + at * step);
}

export const web = pod("shop/web", "10.0.0.1");
export const api = pod("shop/api", "10.0.0.2", { app: "api", "pod-template-hash": "5d8f7c9b4d" });
export const db = pod("shop/db", "10.0.0.3");
export const prometheus = pod("monitoring/prometheus", "10.0.0.4", {
  "app.kubernetes.io/name": "prometheus",
});

export interface Asked extends Partial<SuggestOptions> {
  /** Of the cluster; nothing is known of it when absent. */
  readonly manifests?: string;
  readonly profile?: ProfileName;
}

/** What is suggested for the namespace `shop`, or whatever is asked, by Cilium's rules. */
export function propose(
  flows: readonly Flow[],
  { manifests = "", profile = "cilium", ...options }: Asked = {},
) {
  const traffic = foldFlows(flows);
  const read = mergeManifests([parseManifests(manifests, "cluster.yaml")]);
  const known = catalogObjects(read);
  const cluster = clusterOfObjects([...known, ...inferObjects(traffic.edges, known)], {
    at: Number(traffic.untilNs / 1_000_000n),
    profile: PROFILES[profile],
    sources: sourcesOfManifests(read),
  });
  return suggest(traffic, cluster, { namespaces: ["shop"], ...options });
}

/** Without a rhythm. */
export const week = every(1).filter((hour) => (hour * hour) % 7 < 3);
/** A shop: web asks api, api asks db, and prometheus scrapes. */
export const ordinary: Flow[] = [
  ...talk(web, api, { port: 8080, hours: week }),
  ...talk(api, db, { port: 5432, hours: week }),
  ...talk(api, DNS, { protocol: "UDP", port: 53, hours: week }),
  ...talk(prometheus, api, { port: 9102, hours: every(1) }),
];
