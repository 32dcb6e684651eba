import type { Flow } from "@dropscope/model";
import type { OutsidePeer } from "../cluster/types.js";
import type { Traffic } from "../traffic/context.js";
import { running } from "../traffic/conversation.js";
import { drop, type Connection } from "../traffic/packets.js";
import { summaryOf } from "../traffic/summary.js";
import { SECOND } from "../traffic/timeline.js";
import type { Incident } from "./types.js";

// Drops that no policy decided: they must never be blamed on one.

/** A client keeps the address of a pod that is gone. */
export const staleIp: Incident = {
  name: "stale-ip",
  summary: "cart holds on to the address of a redis pod that was deleted",
  phases: [
    {
      name: "stale",
      from: 150,
      to: 175,
      attempts: [
        {
          everyMs: 1500,
          run(traffic, at) {
            const [client] = running(traffic, "web/cart");
            if (client === undefined) return;
            const gone: OutsidePeer = {
              kind: "outside",
              ip: `10.0.${client.node.index}.250`,
              name: "",
              labels: ["reserved:unknown"],
              identities: traffic.world.nodes.map(() => 0),
            };
            const connection = tcp(traffic, client, gone, 6379);
            for (const wait of [0, 1, 3]) {
              const reason = { code: 151, name: "STALE_OR_UNROUTABLE_IP", line: 1187 };
              const flow = drop(connection, client.node, "egress", reason);
              traffic.report(client.node, at + wait * SECOND, flow);
            }
          },
        },
      ],
    },
  ],
};

/** One node's connection tracking table is full for a moment. */
export const conntrackFull: Incident = {
  name: "conntrack-full",
  summary: "the connection tracking table of one node is full: new connections fail, whoever asks",
  phases: [
    {
      name: "full",
      from: 178,
      to: 190,
      attempts: [
        {
          everyMs: 350,
          run(traffic, at) {
            const node = traffic.world.nodes[1] ?? traffic.world.nodes[0];
            const local = running(traffic, "web/frontend").find((pod) => pod.node === node);
            const servers = running(traffic, "web/catalog");
            if (node === undefined || local === undefined || servers.length === 0) return;
            const connection = tcp(traffic, local, traffic.random.pick(servers), 8080);
            const reason = { code: 155, name: "CT_MAP_INSERTION_FAILED", line: 902 };
            traffic.report(node, at, drop(connection, node, "egress", reason));
          },
        },
      ],
    },
  ],
};

/** IPv6 chatter in a cluster without IPv6: the most common harmless drop there is. */
export const routerSolicitations: Incident = {
  name: "router-solicitations",
  summary: "pods send IPv6 router solicitations into a cluster without IPv6",
  phases: [
    {
      name: "chatter",
      from: 6,
      to: 230,
      attempts: [
        {
          everyMs: 17_000,
          run(traffic, at) {
            const pods = running(traffic, "default/ci-runner");
            if (pods.length === 0) return;
            const pod = traffic.random.pick(pods);
            const l4 = { ICMPv6: { type: 133 } };
            const flow: Flow = {
              verdict: "DROPPED",
              drop_reason: 139,
              drop_reason_desc: "UNSUPPORTED_L3_PROTOCOL",
              Type: "L3_L4",
              event_type: { type: 1, sub_type: 139 },
              ethernet: { source: pod.mac, destination: "33:33:00:00:00:02" },
              IP: {
                source: `fe80::${pod.mac.slice(0, 2)}ff:fe${pod.mac.slice(9, 11)}:${pod.mac.slice(12, 14)}01`,
                destination: "ff02::2",
                ipVersion: "IPv6",
              },
              l4,
              source: pod.local,
              destination: { labels: ["reserved:unknown"] },
              traffic_direction: "EGRESS",
              file: { name: "bpf_lxc.c", line: 1593 },
              Summary: summaryOf(l4),
            };
            traffic.report(pod.node, at, flow);
          },
        },
      ],
    },
  ],
};

/** The kernel's ring overflows for a moment: events are gone before any agent saw them. */
export const lostEvents: Incident = {
  name: "lost-events",
  summary: "one node's perf ring overflows: some flows were never seen",
  phases: [
    {
      name: "overflow",
      from: 45,
      to: 48,
      attempts: [
        {
          everyMs: 1200,
          run(traffic, _at, lose) {
            const node = traffic.world.nodes.at(-1);
            if (node !== undefined) lose(node, 7 + traffic.random.below(40));
          },
        },
      ],
    },
  ],
};

function tcp(
  traffic: Traffic,
  client: Connection["client"],
  server: Connection["server"],
  serverPort: number,
): Connection {
  const clientPort = 32_768 + traffic.random.below(28_000);
  return { client, server, protocol: "TCP", clientPort, serverPort };
}
