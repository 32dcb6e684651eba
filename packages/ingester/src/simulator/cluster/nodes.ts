import type { Random } from "../random.js";
import { mac } from "./mac.js";
import type { HealthPeer, HostPeer, Node } from "./types.js";

/** `count` nodes; the API server runs on the first. */
export function createNodes(cluster: string, count: number, random: Random): Node[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `node-${index + 1}`;
    const ip = `192.168.10.${11 + index}`;
    const node = {
      name,
      hubbleName: cluster === "default" ? name : `${cluster}/${name}`,
      index,
      ip,
      hostMac: mac(random),
      overlayMac: mac(random),
      labels: [
        "kubernetes.io/arch=amd64",
        `kubernetes.io/hostname=${name}`,
        "kubernetes.io/os=linux",
        `topology.kubernetes.io/zone=zone-${"abc".charAt(index % 3)}`,
      ],
    };
    const made = node as Node;
    made.host = { kind: "host", node: made, ip, apiServer: index === 0 } satisfies HostPeer;
    made.health = {
      kind: "health",
      node: made,
      ip: `10.0.${index}.3`,
      endpointId: 3000 + random.below(1000),
    } satisfies HealthPeer;
    return made;
  });
}
