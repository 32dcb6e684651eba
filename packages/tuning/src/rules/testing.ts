import { catalogObjects } from "@dropscope/correlator";
import type { Flow, ObservedTraffic, PolicyRef } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES, type ProfileName } from "@dropscope/policy";
import {
  clusterOfObjects,
  inferObjects,
  sourcesOfManifests,
  type TuningCluster,
} from "../cluster/index.js";
import { foldFlows } from "../traffic/index.js";

/** ms since 1970; all times of tests are told from here. */
export const START = Date.parse("2026-03-02T00:00:00Z");
const HOUR = 3_600_000;

export interface TestFlow {
  /** `ns/app`, an entity (`host`, `remote-node`), or an address outside with a name or without. */
  readonly from: string;
  readonly to: string;
  readonly port?: number;
  readonly protocol?: "TCP" | "UDP";
  /** Hours after `START`. */
  readonly hour?: number;
  readonly verdict?: "FORWARDED" | "DROPPED" | "AUDIT";
  readonly direction?: "EGRESS" | "INGRESS";
  /** Names of the destination's address. */
  readonly names?: readonly string[];
  readonly allowedBy?: { readonly egress?: PolicyRef[]; readonly ingress?: PolicyRef[] };
  readonly deniedBy?: { readonly egress?: PolicyRef[]; readonly ingress?: PolicyRef[] };
}

/** One first packet of a connection, as a policy verdict. */
export function testFlow(one: TestFlow): Flow {
  const { port = 8080, protocol = "TCP", hour = 0, verdict = "FORWARDED" } = one;
  const { direction = "EGRESS", allowedBy, deniedBy, names } = one;
  return {
    time: new Date(START + hour * HOUR).toISOString(),
    verdict,
    ...(verdict === "DROPPED" ? { drop_reason_desc: "POLICY_DENIED" } : {}),
    IP: { source: addressOf(one.from), destination: addressOf(one.to) },
    l4: { [protocol]: { source_port: 40_000, destination_port: port } },
    source: endOf(one.from),
    destination: endOf(one.to),
    Type: "L3_L4",
    node_name: "node-1",
    event_type: { type: 5 },
    traffic_direction: direction,
    is_reply: false,
    ...(names === undefined ? {} : { destination_names: [...names] }),
    ...(allowedBy?.egress === undefined ? {} : { egress_allowed_by: allowedBy.egress }),
    ...(allowedBy?.ingress === undefined ? {} : { ingress_allowed_by: allowedBy.ingress }),
    ...(deniedBy?.egress === undefined ? {} : { egress_denied_by: deniedBy.egress }),
    ...(deniedBy?.ingress === undefined ? {} : { ingress_denied_by: deniedBy.ingress }),
  };
}

const RESERVED: Readonly<Record<string, number>> = { host: 1, world: 2, "remote-node": 6 };

function endOf(name: string): NonNullable<Flow["source"]> {
  const entity = RESERVED[name];
  if (entity !== undefined) return { identity: entity, labels: [`reserved:${name}`] };
  const [namespace = "", app] = name.split("/");
  if (app === undefined) return { identity: 2, labels: ["reserved:world"] };
  return {
    identity: 1_000 + app.length,
    namespace,
    labels: [
      `k8s:app=${app}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
    ],
    pod_name: `${app}-6d4cf56db6-x7k2p`,
    workloads: [{ name: app, kind: "Deployment" }],
  };
}

/** Addresses stand for themselves; everybody else has one of the cluster. */
function addressOf(name: string): string {
  if (/^[\d.]+$/.test(name)) return name;
  const sum = Array.from(name).reduce(
    (all, letter) => (all * 31 + letter.charCodeAt(0)) % 60_000,
    7,
  );
  return `10.0.${Math.floor(sum / 250)}.${(sum % 250) + 1}`;
}

/** Each flow at each of its hours. @param hours of the range */
export function trafficOf(
  flows: readonly (TestFlow & { readonly hours?: readonly number[] })[],
  hours = 168,
): ObservedTraffic {
  const all = flows.flatMap((one) =>
    (one.hours ?? [one.hour ?? 0]).map((hour) => testFlow({ ...one, hour })),
  );
  const traffic = foldFlows(all, {
    sinceNs: BigInt(START) * 1_000_000n,
    untilNs: BigInt(START + hours * HOUR - 1) * 1_000_000n,
  });
  return traffic;
}

/** A cluster with these manifests, and with the pods that the flows tell of. */
export function clusterWith(
  yaml: string,
  traffic: ObservedTraffic,
  profile: ProfileName = "cilium",
): TuningCluster {
  const manifests = mergeManifests([parseManifests(yaml, "policies.yaml")]);
  const objects = catalogObjects(manifests);
  return clusterOfObjects([...objects, ...inferObjects(traffic.edges, objects)], {
    at: Number(traffic.untilNs / 1_000_000n),
    profile: PROFILES[profile],
    sources: sourcesOfManifests(manifests),
  });
}

/** Every hour of so many. */
export function everyHour(count: number): number[] {
  return Array.from({ length: count }, (_, hour) => hour);
}
