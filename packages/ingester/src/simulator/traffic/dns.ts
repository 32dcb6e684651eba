import type { Flow, Layer7 } from "@dropscope/model";
import type { Node, Pod } from "../cluster/types.js";
import { workloadOf } from "../cluster/world.js";
import type { Traffic } from "./context.js";
import { ends, layer4, type Connection } from "./packets.js";
import { dnsSummary } from "./summary.js";
import { carry, firstPacket, isDenial, judgeEnd } from "./tcp.js";
import { MS, SECOND, US } from "./timeline.js";

/** What the resolver knows about a name: addresses, or nothing. */
export interface Lookup {
  /** As the application asks: `payments-api.payments`, `api.paywell.example`. */
  name: string;
  ips: string[];
  /** Ends in a cluster name that a search domain completes. */
  inCluster: boolean;
}

/** The port on which a node's DNS proxy listens. */
const DNS_PROXY_PORT = 38_427;
/** What Hubble prints as TTL of an answer without records. */
const NO_TTL = 4_294_967_295;
const NXDOMAIN = 3;
/** glibc asks twice, five seconds apart, and then twice more for the name as it stands. */
const GLIBC_TRIES = 4;
const GLIBC_WAIT = 5 * SECOND;

/**
 * One lookup by `pod`: A and AAAA from one socket, through the proxy where a policy
 * has DNS rules, as plain UDP otherwise.
 * @returns when the answer was there, or undefined when the query was dropped.
 */
export function lookUp(traffic: Traffic, pod: Pod, lookup: Lookup, at: number): number | undefined {
  const server = resolverFor(traffic, pod);
  if (server === undefined) return undefined;
  let time = at;
  for (const name of expand(pod, lookup)) {
    const answer = name === `${asked(pod, lookup)}.` ? lookup.ips : [];
    const done = ask(traffic, pod, server, { name, ips: answer }, time);
    if (done === undefined) return undefined;
    time = done;
  }
  return time;
}

function resolverFor(traffic: Traffic, pod: Pod): Pod | undefined {
  const pods = workloadOf(traffic.world, "kube-system/coredns").pods;
  if (pods.length === 0) return undefined;
  // A client keeps to one backend for a while; which one depends on its address.
  return pods[(pod.endpointId + traffic.random.below(10)) % pods.length];
}

/** The full name that will answer. */
function asked(pod: Pod, lookup: Lookup): string {
  if (!lookup.inCluster) return lookup.name;
  return lookup.name.includes(".")
    ? `${lookup.name}.svc.cluster.local`
    : `${lookup.name}.${pod.namespace}.svc.cluster.local`;
}

/** With `ndots:5` nearly every name walks the search list first. */
function expand(pod: Pod, lookup: Lookup): string[] {
  const search = [`${pod.namespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"];
  const names: string[] = [];
  for (const suffix of search) {
    const candidate = `${lookup.name}.${suffix}`;
    names.push(`${candidate}.`);
    if (candidate === asked(pod, lookup)) return names;
  }
  return [...names, `${lookup.name}.`];
}

function ask(
  traffic: Traffic,
  pod: Pod,
  server: Pod,
  question: { name: string; ips: string[] },
  at: number,
  tries = GLIBC_TRIES,
): number | undefined {
  const { random } = traffic;
  const connection: Connection = {
    client: pod,
    server,
    protocol: "UDP",
    clientPort: random.below(28_000) + 32_768,
    serverPort: 53,
  };
  const egress = judgeEnd(traffic, "egress", pod, server, connection);
  const ingress = judgeEnd(traffic, "ingress", server, pod, connection);
  if (isDenial(egress) || isDenial(ingress)) {
    // A and AAAA leave together from one socket; the resolver then waits in silence.
    firstPacket(traffic, connection, at, egress, ingress);
    firstPacket(traffic, connection, at + 35 * US, egress, ingress);
    if (tries > 1) {
      const again = at + GLIBC_WAIT + random.below(3000) * US;
      traffic.timeline.at(again, (time) => ask(traffic, pod, server, question, time, tries - 1));
    }
    return undefined;
  }
  const latency = random.between(0.3, question.ips.length === 0 ? 1.2 : 4) * MS;
  if (egress.decision === "redirect") {
    return askThroughProxy(traffic, connection, question, at, latency);
  }
  const sent = firstPacket(traffic, connection, at, egress, ingress);
  return carry(traffic, connection, sent + latency, { reply: true, reason: "REPLY" });
}

function askThroughProxy(
  traffic: Traffic,
  connection: Connection,
  question: { name: string; ips: string[] },
  at: number,
  latency: number,
): number {
  const pod = connection.client as Pod;
  const server = connection.server as Pod;
  const node = pod.node;
  const egress = judgeEnd(traffic, "egress", pod, server, connection);
  const ingress = judgeEnd(traffic, "ingress", server, pod, connection);
  // The verdict and TO_PROXY; the packet itself goes no further.
  firstPacket(traffic, connection, at, egress, ingress);
  let time = at + 40 * US;
  const types = ["A", "AAAA"] as const;
  for (const type of types) {
    reportDns(traffic, connection, node, false, request(question.name, type), time);
    time += 30 * US;
  }
  // The proxy asks in its own name: the node's.
  const upstream: Connection = {
    client: node.host,
    server,
    protocol: "UDP",
    clientPort: traffic.random.below(28_000) + 32_768,
    serverPort: 53,
  };
  const reached = carry(traffic, upstream, time, { reply: false, reason: "NEW" });
  time = carry(traffic, upstream, reached + latency, { reply: true, reason: "REPLY" });
  for (const type of types) {
    const ips = type === "A" ? question.ips : [];
    const found = question.ips.length > 0;
    reportDns(traffic, connection, node, true, response(question.name, type, ips, found), time);
    time += 25 * US;
  }
  return carry(traffic, connection, time, { reply: true, reason: "REPLY" });
}

function request(query: string, type: string): Layer7 {
  return { type: "REQUEST", dns: { query, observation_source: "proxy", qtypes: [type] } };
}

function response(query: string, type: string, ips: string[], found: boolean): Layer7 {
  const dns: NonNullable<Layer7["dns"]> = {
    query,
    ttl: ips.length > 0 ? 30 : NO_TTL,
    observation_source: "proxy",
    qtypes: [type],
  };
  if (ips.length > 0) {
    dns.ips = ips;
    dns.rrtypes = ips.map(() => type);
  }
  if (!found) dns.rcode = NXDOMAIN;
  return { type: "RESPONSE", dns };
}

function reportDns(
  traffic: Traffic,
  connection: Connection,
  node: Node,
  reply: boolean,
  l7: Layer7,
  at: number,
): void {
  const flow: Flow = ends(connection, node, reply);
  flow.l4 = layer4(connection, reply);
  flow.l7 = l7;
  flow.Type = "L7";
  flow.verdict = "FORWARDED";
  flow.event_type = { type: 129 };
  flow.is_reply = reply;
  if (reply) flow.reply = true;
  flow.traffic_direction = "EGRESS";
  flow.proxy_port = DNS_PROXY_PORT;
  flow.Summary = dnsSummary(l7);
  traffic.report(node, at + traffic.random.between(0.1, 0.9) * MS, flow, at);
}
