import { enumNumber, type Endpoint, type Flow, type Peer, type Problem } from "@dropscope/model";
import { RESERVED_IDENTITIES } from "@dropscope/model";

type End = Pick<Flow, "source" | "source_names"> & { ip?: string };

/** Flows that stand for a problem: every pod, far end and node that it names is in one of them. */
export function flowsLike(problem: Problem): Flow[] {
  const { source, destination } = problem;
  // Whose names the pods are: the source's, and of a source without a namespace the destination's.
  const [sourceNames, destinationNames] =
    source.namespace === "" && destination.namespace !== ""
      ? [problem.peers, problem.pods]
      : [problem.pods, problem.peers];
  const sources = ends(source, sourceNames);
  const destinations = ends(destination, destinationNames);
  const nodes = problem.nodes.length === 0 ? [""] : problem.nodes;
  const length = Math.max(sources.length, destinations.length, nodes.length);
  return Array.from({ length }, (_, at) => {
    const from = sources[at % sources.length] as End;
    const to = destinations[at % destinations.length] as End;
    const node = nodes[at % nodes.length] as string;
    return {
      verdict: problem.explanation.audited ? "AUDIT" : "DROPPED",
      ...(problem.reason === "" ? {} : { drop_reason_desc: problem.reason }),
      ...(problem.direction === "" ? {} : { traffic_direction: problem.direction.toUpperCase() }),
      ...(node === "" ? {} : { node_name: node }),
      ...(from.source === undefined ? {} : { source: from.source }),
      ...(to.source === undefined ? {} : { destination: to.source }),
      ...(from.source_names === undefined ? {} : { source_names: from.source_names }),
      ...(to.source_names === undefined ? {} : { destination_names: to.source_names }),
      IP: {
        ...(from.ip === undefined ? {} : { source: from.ip }),
        ...(to.ip === undefined ? {} : { destination: to.ip }),
      },
      ...layerOf(problem),
      event_type: { type: 1 },
    };
  });
}

function ends(peer: Peer, names: readonly string[]): [End, ...End[]] {
  const all = names.map((name) => endOf(peer, name));
  const [first = endOf(peer, ""), ...rest] = all;
  return [first, ...rest];
}

function endOf(peer: Peer, name: string): End {
  const { kind, namespace } = peer;
  const slash = name.indexOf("/");
  switch (kind) {
    case "workload":
    case "pod": {
      // Folded ends lie in several namespaces; their own name says which.
      const own = slash > 0 ? name.slice(0, slash) : namespace;
      const pod = slash > 0 ? name.slice(slash + 1) : kind === "pod" ? peer.name : `${peer.name}-`;
      const end: Endpoint = { namespace: own, pod_name: pod };
      if (kind === "workload") end.workloads = [{ name: peer.name }];
      return { source: end };
    }
    case "name":
      return { source: { namespace }, source_names: [peer.name], ...addressOf(name) };
    case "entity":
      return {
        source: { namespace, identity: enumNumber(RESERVED_IDENTITIES, peer.name) ?? 0 },
        ...addressOf(name),
      };
    case "ip":
      return { source: { namespace }, ip: name === "" ? peer.name.replace(/\/.*$/, "") : name };
    case "unknown":
      return { source: { namespace } };
  }
}

/** Names of far ends are addresses, or names; only addresses go where an address stands. */
function addressOf(name: string): { ip?: string } {
  return /^[\d.]+$|:/.test(name) ? { ip: name } : {};
}

function layerOf({ protocol, port }: Problem): Pick<Flow, "l4"> {
  switch (protocol) {
    case "TCP":
    case "UDP":
    case "SCTP":
      return { l4: { [protocol]: { destination_port: port } } };
    case "ICMPv4":
    case "ICMPv6":
      return { l4: { [protocol]: {} } };
    default:
      return {};
  }
}
