/** A small cluster of the last hour in a real store, explained by the real correlator and served by the real server. */
import { createCorrelator, createLiveCatalog } from "@dropscope/correlator";
import { createDashboard, type Knowledge } from "@dropscope/dashboard";
import { coverageOf } from "@dropscope/dashboard/testing";
import { until } from "@dropscope/ingester/testing";
import { type Flow, systemClock } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import {
  createAuditReader,
  createCompareReader,
  createCorrelatorStore,
  createObjectReader,
  createObservedReader,
  createProblemReader,
  createReader,
  createExporter,
  createSavedViews,
  readSpace,
  createViewReader,
} from "@dropscope/store";
import { startTestStore } from "@dropscope/store/testing";
import pino from "pino";
import { land, notDone } from "./correlated.js";
import { type ToldCluster, toldCluster } from "./told-cluster.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 45 * MINUTE;

/** One address is two pods' within a minute; a policy and a namespace's labels change. ms since 1970. */
export const PAST = {
  START,
  /** The first pod has the address until `HANDED`, the second one from `TAKEN` on. */
  CART: START + 10 * SECOND,
  HANDED: START + 20 * SECOND,
  NOBODY: START + 25 * SECOND,
  TAKEN: START + 30 * SECOND,
  LEDGER: START + 40 * SECOND,
  POLICY_CHANGED: START + 5 * MINUTE,
  LABELS_CHANGED: START + 10 * MINUTE,
  REMOVED: START + 15 * MINUTE,
  AGAIN: START + 40 * MINUTE,
  /** All kinds were listed first; what was told for earlier was so before. */
  WATCHED: START - 10 * MINUTE,
  CREATED: START - 11 * MINUTE,
  ADDRESS: "10.0.9.9",
} as const;

const pod = (namespace: string, name: string, app: string, ip: string): string => `apiVersion: v1
kind: Pod
metadata: { namespace: ${namespace}, name: ${name}, labels: { app: ${app} } }
status: { podIP: ${ip}, podIPs: [{ ip: ${ip} }] }
`;
const namespace = (name: string, team: string): string => `apiVersion: v1
kind: Namespace
metadata: { name: ${name}, labels: { team: ${team} } }
`;
const egress = (...apps: string[]): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { namespace: shop, name: web-egress }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
${apps.map((app) => `    - to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: ${app} } } }]\n`).join("")}`;
const ingress = (app: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { namespace: pay, name: of-${app} }
spec:
  podSelector: { matchLabels: { app: ${app} } }
  policyTypes: [Ingress]
  ingress: [{}]
`;
const ofTeam = `apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: team-b }
spec:
  endpointSelector: { matchLabels: { k8s:io.cilium.k8s.namespace.labels.team: b } }
  ingress: [{ fromEntities: [all] }]
`;

function tell(cluster: ToldCluster): void {
  cluster.set(PAST.CREATED, namespace("shop", "a"));
  cluster.set(PAST.CREATED, namespace("pay", "a"));
  cluster.set(PAST.CREATED, pod("shop", "web-7d9f8b6c5-x2k4p", "web", "10.0.0.1"));
  cluster.set(PAST.CREATED, pod("pay", "cart-5c7b9f8d6-z8v5t", "cart", PAST.ADDRESS));
  cluster.set(PAST.CREATED, egress("api"));
  for (const app of ["cart", "ledger"]) cluster.set(PAST.CREATED, ingress(app));
  cluster.set(PAST.CREATED, ofTeam);
  cluster.remove(PAST.HANDED, "Pod", "pay", "cart-5c7b9f8d6-z8v5t");
  cluster.set(PAST.TAKEN, pod("pay", "ledger-6b8c9d7f4-q9w8r", "ledger", PAST.ADDRESS));
  cluster.set(PAST.POLICY_CHANGED, egress("api", "metrics"));
  cluster.set(PAST.LABELS_CHANGED, namespace("pay", "b"));
  cluster.remove(PAST.REMOVED, "NetworkPolicy", "pay", "of-cart");
}

/** Hubble knew no more of the far end than its address: as it is for a while after a pod began. */
function drop(at: number): Flow {
  return {
    time: new Date(at).toISOString(),
    uuid: crypto.randomUUID(),
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 1, sub_type: 133 },
    traffic_direction: "EGRESS",
    node_name: "n1",
    Type: "L3_L4",
    IP: { source: "10.0.0.1", destination: PAST.ADDRESS, ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: 5432 } },
    source: {
      namespace: "shop",
      pod_name: "web-7d9f8b6c5-x2k4p",
      identity: 1001,
      labels: ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"],
    },
    destination: {},
  };
}

function forward(at: number, pod_name: string): Flow {
  const { drop_reason_desc: _, ...flow } = drop(at);
  return {
    ...flow,
    verdict: "FORWARDED",
    event_type: { type: 4 },
    l4: { TCP: { source_port: 40_000, destination_port: 80 } },
    destination: { namespace: "pay", pod_name, identity: 1002 },
  };
}

export const DROPS = { cart: drop(PAST.CART), ledger: drop(PAST.LEDGER), again: drop(PAST.AGAIN) };
const FLOWS: readonly Flow[] = [
  DROPS.cart,
  DROPS.ledger,
  DROPS.again,
  forward(PAST.CART, "cart-5c7b9f8d6-z8v5t"),
  forward(PAST.LEDGER, "ledger-6b8c9d7f4-q9w8r"),
];

export interface PastCluster {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/** @param webDir folder of the built page @param more flows beside those that the tests are about */
export async function startPastCluster(
  webDir: string,
  more: readonly Flow[] = [],
): Promise<PastCluster> {
  const store = await startTestStore();
  const { client } = store;
  const cluster = toldCluster(PAST.WATCHED);
  tell(cluster);
  const profile = { ...PROFILES.cilium, cluster: "default" };
  const catalog = createLiveCatalog({ sources: [cluster.source], profile, store });
  const correlator = createCorrelator({
    store: createCorrelatorStore(client),
    leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
    knowledge: catalog,
    profile,
    clock: systemClock,
    pollMs: 50,
  });
  await catalog.start();
  await correlator.start();
  await land(client, [...FLOWS, ...more], 2_000);
  await until("everything is explained", async () => (await notDone(client)) === 0, 60_000);
  await correlator.stop(5_000);
  // What was told is in the store, and nobody asks the process that told it.
  await catalog.stop(5_000);
  const knowledge: Knowledge = {
    problems: createProblemReader(client),
    objects: createObjectReader(client),
    views: createViewReader(client),
    compare: createCompareReader(client),
    audit: createAuditReader(client),
    observed: createObservedReader(client),
    saved: createSavedViews(client),
    exporter: createExporter(client),
    space: (now, signal) => readSpace(client, now, signal),
    profile,
  };
  const dashboard = createDashboard({
    listen: { host: "127.0.0.1", port: 0 },
    auth: "none",
    reader: createReader(client),
    knowledge,
    coverage: () => coverageOf(),
    webDir,
    logger: pino({ level: "silent" }),
    version: "0.0.0-test",
  });
  await dashboard.start();
  return {
    url: `http://127.0.0.1:${dashboard.address()?.port}`,
    async close() {
      await dashboard.stop(2_000);
      await store.close();
    },
  };
}
