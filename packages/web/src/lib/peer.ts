/** How an end of a flow reads, and the conditions that find it again. */
import type { Edge, FilterFlag, FlowRow, Peer } from "@dropscope/model";
import { withFlag } from "./filter-line.js";
import { safe } from "./safe.js";

/** `namespace/workload`, or the name alone where there is no namespace. */
export function peerText(peer: Peer): string {
  if (peer.kind === "unknown" && peer.name === "") return "unknown";
  return safe(peer.namespace === "" ? peer.name : `${peer.namespace}/${peer.name}`, 512);
}

/** `:8443/TCP`, `TCP`, or nothing. */
export function portText(port: number, protocol: string): string {
  return `${port > 0 ? `:${port}` : ""}${protocol === "" ? "" : `${port > 0 ? "/" : ""}${protocol}`}`;
}

type End = "from" | "to";

/** Kubernetes cuts a name here before it adds a random end. */
const GENERATED_NAME = 58;

/**
 * A workload is found by how the names of its pods begin: of a pod on another node Hubble knows the
 * name, but not the workload.
 */
function peerConditions(end: End, peer: Peer): [string, string][] {
  switch (peer.kind) {
    case "workload":
      return [[`--${end}-pod`, `${peer.namespace}/${peer.name.slice(0, GENERATED_NAME)}`]];
    case "pod":
      return [[`--${end}-pod`, `${peer.namespace}/${peer.name}`]];
    case "entity":
      return [[`--${end}-identity`, peer.name]];
    case "name":
      return [[`--${end}-fqdn`, peer.name]];
    case "ip":
      return [[`--${end}-ip`, peer.name]];
    case "unknown":
      return [];
  }
}

function joined(conditions: [string, string][], flags: readonly FilterFlag[]): string {
  return conditions
    .filter(
      ([flag, value]) =>
        value !== "" && (flags.length === 0 || flags.some((known) => known.name === flag)),
    )
    .reduce((line, [flag, value]) => withFlag(line, flag, value), "");
}

/** The filter line that shows an edge's flows. */
export function edgeFilter(edge: Edge, flags: readonly FilterFlag[]): string {
  return joined(
    [
      ["--verdict", edge.verdict],
      ...peerConditions("from", edge.source),
      ...peerConditions("to", edge.destination),
      ["--to-port", edge.port > 0 ? String(edge.port) : ""],
      ["--protocol", edge.protocol.toLowerCase()],
      ["--drop-reason-desc", edge.reason],
    ],
    flags,
  );
}

/** The filter line for all traffic of a workload or pod, in both directions. */
export function podsFilter(peer: Peer, flags: readonly FilterFlag[]): string {
  const [condition] = peerConditions("from", peer);
  return condition === undefined ? "" : joined([["--pod", condition[1]]], flags);
}

/** The filter line for all traffic between the two ends of a flow, whatever became of it. */
export function flowFilter(row: FlowRow, flags: readonly FilterFlag[]): string {
  const replied = row.reply === "yes";
  const port = replied ? row.sourcePort : row.destinationPort;
  return joined(
    [
      ...peerConditions("from", row.source),
      ...peerConditions("to", row.destination),
      [replied ? "--from-port" : "--to-port", port > 0 ? String(port) : ""],
    ],
    flags,
  );
}
