import type { OutsidePeer, Peer, Pod, Workload } from "../cluster/types.js";
import { workloadOf } from "../cluster/world.js";
import type { Traffic } from "./context.js";
import { lookUp, type Lookup } from "./dns.js";
import { reportHttp } from "./http.js";
import type { Connection } from "./packets.js";
import type { Pattern } from "./patterns.js";
import { reportTranslation } from "./sock.js";
import { carry, connectTcp, firstPacket, judgeEnd } from "./tcp.js";
import { MS, SECOND, US } from "./timeline.js";

/** glibc gives up a lookup of which no packet comes back after this long. */
const LOOKUP_TIMEOUT = 20 * SECOND;

/** One time of what a pattern describes: lookup, connection, request. */
export function converse(traffic: Traffic, pattern: Pattern, at: number): void {
  const { random } = traffic;
  const server = pickServer(traffic, pattern.to);
  const client = server === undefined ? undefined : pickClient(traffic, pattern.from, server);
  if (client === undefined || server === undefined) return;
  let time = at + random.below(900) * US;

  if (
    pattern.lookup !== undefined &&
    client.kind === "pod" &&
    random.chance(pattern.lookup.chance)
  ) {
    const answered = lookUp(traffic, client, lookupOf(traffic, pattern, server), time);
    if (answered === undefined) {
      failForUpstream(traffic, client, time + LOOKUP_TIMEOUT);
      return;
    }
    time = answered + random.between(0.05, 0.6) * MS;
  }
  const connection: Connection = {
    client,
    server,
    protocol: pattern.protocol ?? "TCP",
    clientPort: 32_768 + random.below(28_000),
    serverPort: pattern.port,
    ...(server.kind === "outside" && server.name !== "" ? { serverName: server.name } : {}),
  };
  if (client.kind === "pod" && server.kind === "pod" && random.chance(0.12)) {
    const service = serviceOf(traffic, server.workload);
    if (service?.targetPort === pattern.port) {
      reportTranslation(traffic, client, service, server, time);
      time += 40 * US;
    }
  }
  if (connection.protocol === "UDP") {
    exchangeUdp(traffic, connection, time);
    return;
  }
  const reset = random.chance(pattern.resets ?? 0);
  const exchange = pattern.http?.(random);
  const outcome = connectTcp(traffic, connection, time, {
    reset,
    ...(exchange === undefined ? {} : { holdMs: exchange.latencyMs + 1 }),
  });
  if (outcome.proxy !== undefined && exchange !== undefined && !reset) {
    reportHttp(traffic, connection, outcome.proxy, exchange, time + 2 * MS);
  }
}

function exchangeUdp(traffic: Traffic, connection: Connection, at: number): void {
  const { client, server } = connection;
  const egress = judgeEnd(traffic, "egress", client, server, connection);
  const ingress = judgeEnd(traffic, "ingress", server, client, connection);
  const sent = firstPacket(traffic, connection, at, egress, ingress);
  carry(traffic, connection, sent + 4 * MS, { reply: true, reason: "REPLY" });
}

/** A checkout that cannot resolve a name keeps its caller waiting, and then resets it. */
function failForUpstream(traffic: Traffic, victim: Pod, at: number): void {
  const callers = running(traffic, "web/frontend");
  const port = victim.workload.ports[0]?.port;
  if (callers.length === 0 || port === undefined || victim.namespace !== "web") return;
  const connection: Connection = {
    client: traffic.random.pick(callers),
    server: victim,
    protocol: "TCP",
    clientPort: 32_768 + traffic.random.below(28_000),
    serverPort: port,
  };
  traffic.timeline.at(at, (time) => connectTcp(traffic, connection, time, { reset: true }));
}

function pickServer(traffic: Traffic, to: string): Peer | undefined {
  const { random, world } = traffic;
  const nodes = world.nodes;
  if (nodes.length === 0) return undefined;
  if (to === "nodes") return random.pick(nodes).host;
  if (to === "apiserver") return nodes[0]?.host;
  if (!to.includes("/")) return random.pick(world.outside.named.get(to) ?? ([] as OutsidePeer[]));
  const pods = running(traffic, to);
  return pods.length === 0 ? undefined : random.pick(pods);
}

function pickClient(traffic: Traffic, from: string, server: Peer): Peer | undefined {
  if (from === "shoppers") return traffic.random.pick(traffic.world.outside.shoppers);
  if (from === "kubelet") return server.kind === "pod" ? server.node.host : undefined;
  const pods = running(traffic, from).filter((pod) => pod !== server);
  return pods.length === 0 ? undefined : traffic.random.pick(pods);
}

/** Pods of a workload, or of its next version when that is the one rolled out. */
export function running(traffic: Traffic, path: string): Pod[] {
  const workload = workloadOf(traffic.world, path);
  if (workload.running) return workload.pods;
  const next = traffic.world.workloads.get(`${path}-v2`);
  return next?.running === true ? next.pods : [];
}

function lookupOf(traffic: Traffic, pattern: Pattern, server: Peer): Lookup {
  const name = pattern.lookup?.name ?? "";
  if (server.kind === "outside") {
    const peers = traffic.world.outside.named.get(name) ?? [];
    return { name, inCluster: false, ips: peers.map((peer) => peer.ip) };
  }
  const service = server.kind === "pod" ? serviceOf(traffic, server.workload) : undefined;
  return { name, inCluster: true, ips: service === undefined ? [] : [service.clusterIp] };
}

function serviceOf(traffic: Traffic, workload: Workload) {
  for (const service of traffic.world.services.values()) {
    if (service.workloads.includes(workload)) return service;
  }
  return undefined;
}
