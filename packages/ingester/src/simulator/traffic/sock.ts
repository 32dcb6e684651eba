import type { Flow } from "@dropscope/model";
import type { Pod, Service } from "../cluster/types.js";
import { seenFrom } from "../cluster/world.js";
import type { Traffic } from "./context.js";
import { US } from "./timeline.js";

/**
 * The socket load balancer turns a Service address into a backend before the first
 * packet exists (event type 7): once as the application asked, once as it became.
 */
export function reportTranslation(
  traffic: Traffic,
  client: Pod,
  service: Service,
  backend: Pod,
  at: number,
): void {
  const protocol = service.port === 53 ? "UDP" : "TCP";
  const cookie = String(4000 + traffic.random.below(60_000));
  const cgroup = String(5000 + client.endpointId);
  const event = (before: boolean): Flow => ({
    Type: "SOCK",
    verdict: before ? "TRACED" : "TRANSLATED",
    event_type: { type: 7, sub_type: before ? 1 : 2 },
    sock_xlate_point: before
      ? "SOCK_XLATE_POINT_PRE_DIRECTION_FWD"
      : "SOCK_XLATE_POINT_POST_DIRECTION_FWD",
    socket_cookie: cookie,
    cgroup_id: cgroup,
    IP: {
      source: client.ip,
      destination: before ? service.clusterIp : backend.ip,
      ipVersion: "IPv4",
    },
    l4: { [protocol]: { destination_port: before ? service.port : service.targetPort } },
    source: client.local,
    destination: before ? {} : seenFrom(backend, client.node),
    ...(before
      ? { destination_service: { name: service.name, namespace: service.namespace } }
      : {}),
    Summary: protocol,
  });
  traffic.report(client.node, at, event(true));
  traffic.report(client.node, at + 9 * US, event(false));
}
