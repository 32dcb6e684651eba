import type { RuleView } from "../../context/network-policies.js";
import { has } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";

/** Ports whose service speaks UDP, or UDP first. */
const UDP_PORTS: ReadonlyMap<number, string> = new Map([
  [53, "DNS"],
  [67, "DHCP"],
  [68, "DHCP"],
  [69, "TFTP"],
  [123, "NTP"],
  [161, "SNMP"],
  [162, "SNMP traps"],
  [500, "IKE"],
  [514, "syslog"],
  [1812, "RADIUS"],
  [1813, "RADIUS"],
  [3478, "STUN"],
  [4500, "IPsec"],
  [4789, "VXLAN"],
  [6081, "Geneve"],
  [8125, "StatsD"],
  [8472, "VXLAN"],
  [51820, "WireGuard"],
]);

/** Where TCP is never what is meant. */
const UDP_ONLY = new Set([123, 161, 162]);

export const NP008: LintRule = {
  id: "NP008",
  title: "UDP service named without a protocol",
  severity: "high",
  needs: "spec",
  help: {
    why: "A port without protocol is TCP. `port: 53` thus blocks DNS queries, which are UDP.",
    fix: "Write protocol: UDP, or two entries when the service speaks both.",
  },
  *check({ networkPolicies }) {
    for (const { source, title, rules } of networkPolicies)
      for (const rule of rules)
        for (const { path, value } of rule.ports) {
          const { port } = value;
          if (typeof port !== "number" || has(value, "protocol") || has(value, "endPort")) continue;
          const service = UDP_PORTS.get(port);
          if (service === undefined || namesUdp(rule, port)) continue;
          const index = path.at(-1) as number;
          const list = path.slice(0, -1);
          yield {
            on: source,
            path,
            severity: port === 53 ? "high" : "medium",
            message: `${rule.title} of NetworkPolicy ${title} allows port ${port} (${service}) without a protocol, which means TCP alone.`,
            ...(port === 53
              ? {
                  fix: "Add an entry with protocol: UDP, and keep TCP for large answers.",
                  operations: [
                    { op: "add", path: [...list, index + 1], value: { protocol: "UDP", port } },
                  ],
                }
              : UDP_ONLY.has(port)
                ? {
                    fix: "Write protocol: UDP.",
                    operations: [{ op: "add", path: [...path, "protocol"], value: "UDP" }],
                  }
                : {}),
          };
        }
  },
};

/** Whether another entry of the rule allows the port by UDP: then TCP was meant beside it. */
function namesUdp({ ports }: RuleView, port: number): boolean {
  return ports.some(({ value }) => {
    if (value["protocol"] !== "UDP") return false;
    const { port: first = 1, endPort } = value;
    if (typeof first !== "number") return false;
    if (!has(value, "port")) return true;
    return first <= port && port <= (typeof endPort === "number" ? endPort : first);
  });
}
