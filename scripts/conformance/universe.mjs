// The ends of a universe of the cilium-engine corpus.
import { addressEndpoint, nodeEndpoint, podEndpoint, reservedEndpoint } from "@dropscope/policy";

/** Ends in the order of the universe's peers, which is what rows of verdicts count in. */
export function endsOf({ peers, namespaces, clusterName }) {
  return peers.map((peer) => endOf(peer, namespaces, clusterName));
}

function endOf(peer, namespaces, clusterName) {
  const reserved = peer.reserved ?? [];
  const apiServer = reserved.includes("kube-apiserver");
  switch (peer.kind) {
    case "pod":
      return podEndpoint(
        { ...peer, labels: peer.labels ?? {} },
        namespaces[peer.namespace] ?? {},
        peer.cluster ?? clusterName,
        clusterName,
      );
    case "host":
    case "remote-node": {
      const labels = peer.nodeLabels ?? peer.labels ?? {};
      return nodeEndpoint({ name: peer.name, kind: peer.kind, labels, apiServer }, clusterName);
    }
    case "cidr":
      return addressEndpoint({ name: peer.name, address: peer.ip, fqdns: peer.fqdns, apiServer });
    case "reserved":
      return reservedEndpoint(peer.name, reserved);
    default:
      throw new Error(`peer ${peer.name} is of an unknown kind: ${peer.kind}`);
  }
}

/** CIDR groups as the matcher wants them; the corpus gives them by name or with labels. */
export function cidrGroupsOf({ cidrGroups }) {
  const place = { file: "universes.json", line: 1, column: 1, path: "" };
  return Object.entries(cidrGroups ?? {}).map(([name, group]) => ({
    name,
    labels: Array.isArray(group) ? {} : (group.labels ?? {}),
    cidrs: Array.isArray(group) ? group : (group.cidrs ?? group.externalCIDRs ?? []),
    place,
  }));
}
