import type { Connection, Endpoint } from "../endpoint.js";
import type { PortMatch } from "../policy.js";
import type { Failure, NearLabel } from "./explanation.js";
import { nearLabel } from "./near-label.js";
import { connectionText, labelText, listed, peerText, portText, requirementText } from "./text.js";

/** What the rule wants there: `app=web`, `TCP 80`. */
export function wantedText(failure: Failure): string {
  switch (failure.dimension) {
    case "label":
    case "namespace":
    case "cluster":
    case "service-account":
      return requirementText(failure.requirement);
    case "nobody":
      return "nobody";
    case "no-port":
      return "no port";
    case "protocol":
      return failure.port.protocols.join(" or ");
    case "port":
    case "named-port":
      return portText(failure.port);
    default:
      return peerText(failure.peer);
  }
}

/** What the connection has instead: `app=api`, `no label app`, `TCP 5432`. @param peer the end that the rule's peers are held against */
export function gotText(failure: Failure, peer: Endpoint, connection: Connection): string {
  switch (failure.dimension) {
    case "label":
    case "namespace":
    case "cluster":
    case "service-account": {
      const { requirement } = failure;
      const { source, key } = requirement;
      return labelText(requirement, peer.labels.value(key, source === "any" ? undefined : source));
    }
    case "protocol":
      return connection.protocol;
    case "port":
      return connectionText(connection);
    case "named-port":
      return namedPortText(failure.port, connection);
    case "fqdn":
      return peer.fqdns.length === 0
        ? `${peer.name} (no DNS name was observed for it)`
        : `${peer.name} (${listed(peer.fqdns)})`;
    case "cidr":
      if (failure.reason === "no-such-group") return "no such CIDR group";
      return failure.reason === "excepted" ? `${addressText(peer)} (excepted)` : addressText(peer);
    case "kind":
      return kindText(peer, failure.reason === "cidr-covers-pod");
    case "service":
      return failure.reason === "no-such-service" ? "no such Service" : peer.name;
    case "entity":
      return kindText(peer, false);
    case "unknown":
    case "nobody":
    case "no-port":
      return peer.name;
  }
}

/** The endpoint's label that a failure most likely meant; undefined for failures that are not about labels. */
export function nearOf(failure: Failure, peer: Endpoint): NearLabel | undefined {
  return "requirement" in failure ? nearLabel(failure.requirement, peer.labels) : undefined;
}

/** A clause of its own: what the name stands for at the destination. */
function namedPortText(port: PortMatch, connection: Connection): string {
  const { to } = connection;
  const same = to.ports.filter((one) => port.of === "name" && one.name === port.name);
  if (same.length === 0) return `${to.name} has no container port of that name`;
  const numbers = listed(same.map((one) => `${one.protocol} ${one.port}`));
  return `at ${to.name} that name is ${numbers}, not ${connectionText(connection)}`;
}

function addressText({ addresses, name }: Endpoint): string {
  return addresses.length === 0 ? `${name} (its address is not known)` : listed(addresses, 2);
}

/** What kind of end it is: `pod payments/api (10.0.1.7)`, `the node`. */
function kindText(peer: Endpoint, withAddress: boolean): string {
  const { kind, name, hostNetwork } = peer;
  if (hostNetwork) return `${name} (on the host network)`;
  switch (kind) {
    case "pod":
      return `pod ${name}${withAddress ? ` (${addressText(peer)})` : ""}`;
    case "host":
      return "the pod's own node";
    case "remote-node":
      return "another node";
    case "reserved":
      return `the reserved identity ${name}`;
    case "address":
      return `${name} (outside the cluster)`;
  }
}
