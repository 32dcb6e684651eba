import type { Agent } from "./agent.js";
import type { ObserverOptions } from "./observer-options.js";

/** The Hubble that is imitated. */
export const VERSION = "1.19.4";

const HOUR_NS = 3600e9;

/** observer.ServerStatusResponse: of one agent, or summed up by relay. */
export function serverStatus(options: ObserverOptions): object {
  const { mode, now } = options;
  const agents = mode === "agent" ? options.agents.slice(0, 1) : options.agents;
  const up = agents.filter((agent) => agent.reachable);
  const down = agents.filter((agent) => !agent.reachable);
  const sum = (of: (agent: Agent) => number): number =>
    up.reduce((all, agent) => all + of(agent), 0);
  const oldest = Math.min(...up.map((agent) => agent.startedAt), now());
  return {
    num_flows: text(sum((agent) => agent.ring.end - agent.ring.oldest)),
    max_flows: text(sum((agent) => agent.ring.capacity)),
    seen_flows: text(sum((agent) => agent.flows)),
    uptime_ns: text(now() - oldest),
    flows_rate: sum(rate(now())),
    version: mode === "agent" ? `cilium ${VERSION}` : "hubble-relay",
    ...(mode === "agent"
      ? {}
      : {
          num_connected_nodes: up.length,
          num_unavailable_nodes: down.length,
          unavailable_nodes: down.slice(0, 10).map((agent) => agent.node.hubbleName),
        }),
  };
}

/** observer.GetNodesResponse. */
export function nodes(options: ObserverOptions): object {
  return {
    nodes: options.agents.map((agent) => ({
      name: agent.node.hubbleName,
      address: `${agent.node.ip}:4244`,
      tls: options.tls
        ? {
            enabled: true,
            server_name: `${agent.node.name}.${options.cluster}.hubble-grpc.cilium.io`,
          }
        : {},
      ...(agent.reachable
        ? {
            state: "NODE_CONNECTED",
            version: `cilium ${VERSION}`,
            uptime_ns: text(options.now() - agent.startedAt),
            num_flows: text(agent.ring.end - agent.ring.oldest),
            max_flows: text(agent.ring.capacity),
            seen_flows: text(agent.flows),
          }
        : { state: "NODE_UNAVAILABLE" }),
    })),
  };
}

/** observer.GetNamespacesResponse: those that flows of the last hour named. */
export function namespaces(options: ObserverOptions): object {
  const since = options.now() - HOUR_NS;
  const agents = options.mode === "agent" ? options.agents.slice(0, 1) : options.agents;
  const names = new Set(
    agents.flatMap((agent) =>
      [...agent.namespaces].filter(([, at]) => at >= since).map(([name]) => name),
    ),
  );
  return {
    namespaces: [...names].sort().map((namespace) => ({ cluster: options.cluster, namespace })),
  };
}

function rate(now: number): (agent: Agent) => number {
  return (agent) => {
    const seconds = (now - agent.startedAt) / 1e9;
    return seconds > 0 ? agent.flows / seconds : 0;
  };
}

function text(count: number): string {
  return String(Math.max(0, Math.round(count)));
}
