import type { Flow, Problem } from "@dropscope/model";
import {
  type CatalogView,
  type Connection,
  type Endpoint,
  normalizeName,
  parseLabel,
  parseLabels,
  type Protocol,
} from "@dropscope/policy";

type Side = "source" | "destination";

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  TCP: "TCP",
  UDP: "UDP",
  SCTP: "SCTP",
  ICMPv4: "ICMP",
  ICMPv6: "ICMPv6",
};

/**
 * The connection of a problem as policies see it, from one of its flows; undefined where the
 * flow does not tell both ends, protocol and port.
 */
export function connectionOf(
  problem: Problem,
  flow: Flow,
  view: CatalogView,
): Connection | undefined {
  const protocol = PROTOCOLS[problem.protocol];
  // A refusal may be logged with the answer, which goes the other way.
  const [client, server] =
    flow.is_reply === true
      ? (["destination", "source"] as const)
      : (["source", "destination"] as const);
  const from = endOf(flow, client, view, problem.direction === "egress");
  const to = endOf(flow, server, view, problem.direction === "ingress");
  if (protocol === undefined || from === undefined || to === undefined) return undefined;
  const icmp = flow.l4?.ICMPv4?.type ?? flow.l4?.ICMPv6?.type ?? 0;
  const port = protocol === "ICMP" || protocol === "ICMPv6" ? icmp : problem.port;
  return { from, to, protocol, port };
}

/** Labels of the flow count, for they were captured with the packet; the catalog adds container ports. */
function endOf(
  flow: Flow,
  side: Side,
  view: CatalogView,
  isSubject: boolean,
): Endpoint | undefined {
  const end = flow[side] ?? {};
  const address = flow.IP?.[side] ?? "";
  const labels = (end.labels ?? []).map((text) => (/^[^=]*:/.test(text) ? text : `k8s:${text}`));
  const reserved = labels.flatMap((text) => {
    const { source, key } = parseLabel(text);
    return source === "reserved" ? [key] : [];
  });
  const addresses = address === "" ? [] : [address];
  const base = { addresses, ports: [], fqdns: [], namespace: "", hostNetwork: false } as const;
  const names = (flow[`${side}_names`] ?? []).map(normalizeName);
  const outside = reserved.some((name) => name.startsWith("world")) || isCidr(labels);
  if (outside) {
    const fqdns = [...new Set(names)];
    const name = fqdns[0] ?? address;
    return { ...base, kind: "address", name, labels: parseLabels(labels), fqdns, local: false };
  }
  const [entity] = reserved;
  if (entity !== undefined) {
    const kind = entity === "host" ? "host" : NODES.has(entity) ? "remote-node" : "reserved";
    return { ...base, kind, name: entity, labels: parseLabels(labels), local: kind === "host" };
  }
  const namespace = end.namespace ?? "";
  const pod = end.pod_name ?? "";
  const known = pod === "" ? undefined : view.endpoint(`${namespace}/${pod}`);
  if (labels.length === 0)
    return known ?? (addresses.length > 0 ? view.endpoint(address) : undefined);
  return {
    ...base,
    kind: "pod",
    name: pod === "" ? `a pod of ${namespace}` : `${namespace}/${pod}`,
    namespace,
    labels: parseLabels(labels),
    ports: known?.ports ?? [],
    local: isSubject || (known?.local ?? true),
  };
}

const NODES: ReadonlySet<string> = new Set(["remote-node", "kube-apiserver"]);

function isCidr(labels: readonly string[]): boolean {
  return labels.some((text) => /^(cidr|fqdn|cidrgroup):/.test(text));
}
