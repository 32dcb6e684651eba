import { enumText, EVENT, type Flow, L7_TYPES, TEXT_CAPS, VERDICTS } from "@dropscope/model";
import { normalizeName } from "@dropscope/policy";
import { isReply, reasonOf, statedDirection } from "../../explain/packet.js";
import { type DnsClient, clientOf } from "./client.js";
import type { Observation } from "./observation.js";
import { type DnsServer, dnsServerOf, isResolver } from "./servers.js";

export interface Ports {
  readonly protocol: "UDP" | "TCP" | "SCTP";
  readonly source: number;
  readonly destination: number;
}

/** More addresses in one answer are not looked at. */
const MAX_IPS = 64;

/** @param raw as it came @param flow the same without what is not of its type */
export function readDns(
  raw: Flow,
  flow: Flow,
  time: number,
  ports: Ports | undefined,
): Observation | undefined {
  if (flow.event_type?.type === EVENT.socket) return undefined;
  const back = isFromServer(flow, ports);
  const [serverEnd, clientEnd] = back
    ? (["source", "destination"] as const)
    : (["destination", "source"] as const);
  const serverPort = (back ? ports?.source : ports?.destination) ?? (flow.l7?.dns ? 53 : 0);
  const service = raw.source_service;
  const withService =
    back && typeof service === "object" && service !== null
      ? { ...flow, source_service: service }
      : flow;
  const server = dnsServerOf(withService, serverEnd, serverPort);
  // A resolver's own questions are nobody's but its own.
  if (server === undefined || isResolver(flow, clientEnd)) return undefined;
  const dropped = enumText(VERDICTS, flow.verdict) === "DROPPED";
  // Metrics and health ports of the resolver's pods; whether a drop is on one of them, its Service tells.
  if (serverPort !== 53 && serverPort !== 5353 && (back || !dropped)) return undefined;
  if (ports?.protocol === "SCTP") return undefined;
  const client = clientOf(flow, clientEnd);
  const base = {
    time,
    uuid: flow.uuid ?? "",
    node: flow.node_name ?? "",
    client,
    layer: layerOf(flow),
    flow,
    server,
    socket: socketOf(flow, clientEnd, back ? ports?.destination : ports?.source),
    protocol: ports?.protocol ?? "UDP",
    port: serverPort,
  } as const;
  return flow.l7?.dns === undefined ? packet(flow, base, back) : logged(raw, flow, base);
}

/** A reply comes from port 53; drops do not say whether they are replies. */
function isFromServer(flow: Flow, ports: Ports | undefined): boolean {
  const toServer = ports?.destination === 53 || ports?.destination === 5353;
  const fromServer = ports?.source === 53 || ports?.source === 5353;
  if (toServer !== fromServer) return fromServer;
  return isReply(flow) || (flow.l7 !== undefined && typeOf(flow) === "RESPONSE");
}

function socketOf(flow: Flow, end: "source" | "destination", port: number | undefined): string {
  const address = flow.IP?.[end] ?? "";
  return address === "" || !port ? "" : `${address}:${port}`;
}

type Base = {
  readonly time: number;
  readonly uuid: string;
  readonly node: string;
  readonly client: DnsClient;
  readonly layer: string;
  readonly flow: Flow;
  readonly server: DnsServer;
  readonly socket: string;
  readonly protocol: "UDP" | "TCP";
  readonly port: number;
};

function packet(flow: Flow, base: Base, back: boolean): Observation | undefined {
  const verdict = enumText(VERDICTS, flow.verdict);
  const dropped = verdict === "DROPPED";
  if (back) return { ...base, kind: "reply", dropped };
  // Nothing that a client without an address or a name asks can be told apart.
  if (isReply(flow)) return undefined;
  const direction = statedDirection(flow);
  const type = flow.event_type?.type;
  if (dropped) {
    return { ...base, kind: "dropped-query", direction, reason: reasonOf(flow).number };
  }
  if (!["FORWARDED", "REDIRECTED", "TRACED", "TRANSLATED", "AUDIT"].includes(verdict))
    return undefined;
  // What the server's node saw of it has that node's clock, and says nothing new.
  if (direction === "ingress") return undefined;
  return {
    ...base,
    kind: "passed-query",
    redirected: verdict === "REDIRECTED",
    traced: type === undefined || type === 0 || type === EVENT.trace,
  };
}

/** Requests carry no rcode, and an answer without one is a success: only the type tells them apart. */
function logged(raw: Flow, flow: Flow, base: Base): Observation | undefined {
  const dns = flow.l7?.dns;
  const verdict = enumText(VERDICTS, flow.verdict);
  const refused = verdict === "DROPPED";
  const query = normalizeName(dns?.query ?? "").slice(0, TEXT_CAPS.name);
  const types = (dns?.qtypes ?? []).join(",");
  const type = typeOf(flow);
  if (type === "REQUEST") return { ...base, kind: "request", query, types, refused };
  if (type !== "RESPONSE") return undefined;
  const { ips, ttl } = raw.l7?.dns ?? {};
  return {
    ...base,
    kind: "answer",
    query,
    types,
    rcode: dns?.rcode ?? 0,
    refused,
    ips: (Array.isArray(ips) ? ips : [])
      .filter((ip): ip is string => typeof ip === "string" && ip !== "")
      .slice(0, MAX_IPS),
    ttl: typeof ttl === "number" && ttl >= 0 ? ttl : 0,
  };
}

function typeOf(flow: Flow): string {
  return enumText(L7_TYPES, flow.l7?.type);
}

const LAYERS: ReadonlySet<number> = new Set([
  EVENT.drop,
  EVENT.trace,
  EVENT.policyVerdict,
  EVENT.l7,
]);

/** Different packets of one layer; one packet in several layers. */
export function layerOf({ event_type: { type = 0 } = {} }: Flow): string {
  return LAYERS.has(type) ? String(type) : "other";
}
