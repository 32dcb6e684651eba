import type { Direction } from "../policy.js";
import { type ConnectionSet, intersect, type ListProtocol, ofProtocol } from "./connection-set.js";
import type { End } from "./ends.js";
import { portSet } from "./ports.js";

/** What part of a list is asked for. Empty lists ask for everything. */
export interface Focus {
  /** `name` or `ns/name`, or `ingress-controller`. */
  readonly workloads: readonly string[];
  /** Workloads that the other end must be one of. */
  readonly peers: readonly string[];
  /** As seen from the workloads in focus. */
  readonly direction?: Direction;
  readonly connection?: { readonly protocol: ListProtocol; readonly port: number };
}

export const NO_FOCUS: Focus = { workloads: [], peers: [] };

export function inFocus(names: readonly string[], end: End): boolean {
  return names.length === 0 || names.some((name) => isNamed(end, name));
}

/** Whether a connection between the two belongs to what is asked for. */
export function pairInFocus({ workloads, peers, direction }: Focus, from: End, to: End): boolean {
  const asTarget = inFocus(workloads, to) && inFocus(peers, from);
  const asSource = inFocus(workloads, from) && inFocus(peers, to);
  return (direction !== "egress" && asTarget) || (direction !== "ingress" && asSource);
}

/** The part of a connection set that is asked for. */
export function narrowed({ connection }: Focus, set: ConnectionSet): ConnectionSet {
  if (connection === undefined) return set;
  const { protocol, port } = connection;
  return intersect(set, ofProtocol(protocol, portSet([[port, port]])));
}

/** `tcp-80`; undefined for what is no such text. */
export function parseFocusConnection(text: string): Focus["connection"] {
  const match = /^(tcp|udp|sctp)-(\d{1,5})$/i.exec(text);
  if (match === null) return undefined;
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) return undefined;
  return { protocol: (match[1] as string).toUpperCase() as ListProtocol, port };
}

function isNamed(end: End, name: string): boolean {
  switch (end.of) {
    case "workload":
      return (
        end.workload.name === name || `${end.workload.namespace}/${end.workload.name}` === name
      );
    case "ingress-controller":
      return end.endpoint.name.endsWith(`/${name}`);
    case "range":
      return false;
  }
}
