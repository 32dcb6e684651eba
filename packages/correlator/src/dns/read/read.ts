import { enumText, EVENT, type Flow, VERDICTS } from "@dropscope/model";
import { isReply, momentOf, reasonOf, statedDirection } from "../../explain/packet.js";
import { plainFlow } from "../../explain/plain-flow.js";
import { clientOf } from "./client.js";
import type { Observation } from "./observation.js";
import { layerOf, readDns, type Ports } from "./read-dns.js";
import { isResolver } from "./servers.js";

/**
 * What a flow says about name resolution; undefined for one that says nothing. Multicast DNS,
 * replies' drops of other things, and what the resolvers themselves ask upstream are nothing.
 * Never throws: fields that are not of their type count as missing.
 */
export function readObservation(raw: Flow): Observation | undefined {
  const ports = portsOf(raw);
  const isDns =
    raw.l7?.dns !== undefined || isDnsPort(ports?.source) || isDnsPort(ports?.destination);
  const dropped = enumText(VERDICTS, raw.verdict) === "DROPPED";
  if (!isDns && !dropped) return undefined;
  const time = momentOf(raw);
  if (time === undefined) return undefined;
  const flow = plainFlow(raw);
  // A Service may send its port 53 to any port of the resolver's pods.
  const atResolver = dropped && !isDns && ports !== undefined && isResolver(flow, "destination");
  if (isDns || atResolver) {
    const found = readDns(raw, flow, time, ports);
    if (found !== undefined) return found;
    // A drop on port 5353 that is not DNS is a drop like any other.
  }
  return dropped && ports !== undefined && ports.source !== 53
    ? otherDrop(flow, time, ports)
    : undefined;
}

/** Ports of flows that may be DNS, read without looking at anything else. */
function portsOf({ l4 }: Flow): Ports | undefined {
  if (typeof l4 !== "object" || l4 === null) return undefined;
  for (const protocol of ["UDP", "TCP", "SCTP"] as const) {
    const found = l4[protocol];
    if (typeof found !== "object" || found === null) continue;
    return {
      protocol,
      source: whole(found.source_port),
      destination: whole(found.destination_port),
    };
  }
  return undefined;
}

function whole(port: unknown): number {
  return typeof port === "number" && Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

function isDnsPort(port: number | undefined): boolean {
  return port === 53 || port === 5353;
}

/** The end that opens a connection fails with it; of an ingress drop the client is the source all the same. */
function otherDrop(
  flow: Flow,
  time: number,
  { protocol, destination }: Ports,
): Observation | undefined {
  if (isReply(flow) || flow.event_type?.type === EVENT.l7) return undefined;
  const base = {
    kind: "other-drop",
    time,
    uuid: flow.uuid ?? "",
    node: flow.node_name ?? "",
    client: clientOf(flow, "source"),
    layer: layerOf(flow),
    flow,
  } as const;
  const address = flow.IP?.destination ?? "";
  const outside =
    destination > 0 &&
    address !== "" &&
    reasonOf(flow).number === 133 &&
    statedDirection(flow) === "egress" &&
    isOutside(flow);
  if (!outside) return base;
  const names = flow.destination_names ?? [];
  return { ...base, outside: { address, protocol, port: destination, names } };
}

/** World, or an address that has an identity of its own on this node. */
function isOutside({ destination = {} }: Flow): boolean {
  const { identity = 0, labels = [], pod_name, namespace } = destination;
  if (pod_name !== undefined || namespace !== undefined) return false;
  if (labels.some((label) => /^reserved:(?!world)/.test(label))) return false;
  if (identity === 2 || identity === 9 || identity === 10) return true;
  if (identity >= 2 ** 24 && identity < 2 ** 25) return true;
  return identity === 0 || labels.some((label) => /^(reserved:world|cidr:|fqdn:)/.test(label));
}
