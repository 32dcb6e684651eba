import type { Random } from "../random.js";
import { METADATA_IP, OUTSIDE_NAMES } from "./shop.js";
import type { Node, OutsidePeer } from "./types.js";

/** Addresses beyond the cluster. */
export interface Outside {
  /** By DNS name; several addresses may answer for one name. */
  named: Map<string, OutsidePeer[]>;
  /** Customers' browsers that call the ingress. */
  shoppers: OutsidePeer[];
  /** The cloud's metadata address, which a deny rule names. */
  metadata: OutsidePeer;
}

/** First identity of the node-local range for CIDRs and names. */
const LOCAL_IDENTITY = 16_777_216;

export function createOutside(nodes: Node[], random: Random): Outside {
  let given = 1;
  // Each agent hands out its own numbers: the same address differs from node to node.
  const local = (): number[] => nodes.map(() => LOCAL_IDENTITY + given++ + random.below(40));
  const named = new Map<string, OutsidePeer[]>();
  for (const { name, ips } of OUTSIDE_NAMES) {
    // Only this name stands in a toFQDNs rule.
    const fqdn = name === "api.paywell.example";
    named.set(
      name,
      ips.map((ip) => ({
        kind: "outside",
        ip,
        name,
        labels: fqdn ? [`fqdn:${name}`, "reserved:world"] : ["reserved:world"],
        identities: fqdn ? local() : [],
      })),
    );
  }
  const shoppers = Array.from({ length: 24 }, (_, i): OutsidePeer => ({
    kind: "outside",
    ip: `198.51.100.${100 + i * 5 + random.below(5)}`,
    name: "",
    labels: ["reserved:world"],
    identities: [],
  }));
  return {
    named,
    shoppers,
    metadata: {
      kind: "outside",
      ip: METADATA_IP,
      name: "",
      labels: [`cidr:${METADATA_IP}/32`, "reserved:world"],
      identities: local(),
    },
  };
}
