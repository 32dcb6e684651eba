import { matchesPorts } from "../../match/port.js";
import { rulesIn } from "../../match/rules.js";
import type { Service, ServicePort } from "../../objects.js";
import type { Entity, Peer, Policy, Protocol } from "../../policy.js";
import { targetNumber } from "../../explain/port-hints.js";
import type { Evidence } from "../finding.js";
import type { Pod } from "./pods.js";

/** A port of a pod that a Service leads to. */
export interface Target {
  readonly pod: Pod;
  readonly protocol: Protocol;
  readonly port: number;
}

/** The ports of the Service's pods; `entries` are the Service's ports that count. */
export function targetsOf(
  service: Service,
  pods: readonly Pod[],
  entries: readonly ServicePort[] = service.ports,
): Target[] {
  return pods.flatMap((pod) =>
    entries.flatMap((entry) => {
      const port = targetNumber(entry, pod.endpoint);
      return port === undefined ? [] : { pod, protocol: entry.protocol, port };
    }),
  );
}

/** Whether a rule lets any of the sources in that `may` knows. What a rule denies is not asked. */
export function admits(
  policies: readonly Policy[],
  { pod, protocol, port }: Target,
  may: (peer: Peer) => boolean,
): boolean {
  return policies.some((policy) =>
    rulesIn(policy, "ingress").some(
      (rule) =>
        rule.action === "allow" &&
        matchesPorts(rule, protocol, port, pod.endpoint) &&
        (rule.peers === "any" || rule.peers.some(may)),
    ),
  );
}

/** Entities that are, or may be, a node or an address outside. */
const OUTSIDE: ReadonlySet<Entity> = new Set([
  "all",
  "world",
  "world-ipv4",
  "world-ipv6",
  "cluster",
  "host",
  "remote-node",
  "kube-apiserver",
]);

/** Whether the peer may be something that is no pod: an address, a node. Selectors of pods never are. */
export function isOutside(peer: Peer): boolean {
  switch (peer.of) {
    case "endpoints":
      return peer.selector.requirements.some(({ source }) => source === "reserved");
    case "entity":
      return OUTSIDE.has(peer.entity);
    case "service":
      return false;
    default:
      return true;
  }
}

export function serviceEvidence(
  { namespace, name, place }: Pick<Service, "namespace" | "name" | "place">,
  note?: string,
): Evidence {
  return { kind: "Service", namespace, name, place, note };
}
