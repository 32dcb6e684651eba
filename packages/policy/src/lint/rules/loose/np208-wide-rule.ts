import { parseCidr } from "../../../match/cidr.js";
import type { PortMatch } from "../../../policy.js";
import { reachesPrivateRanges } from "../../compare/cidrs.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

const MAX_PORTS = 1000;

export const NP208: LintRule = {
  id: "NP208",
  title: "Very wide range of addresses or ports",
  severity: "medium",
  needs: "spec",
  help: {
    why:
      "A block wider than /8 that also holds the private ranges means the internet and the own network, on most network plugins every pod too. " +
      "A range of more than 1,000 ports opens what happens to listen there.",
    fix: "Except the private ranges (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) when only the internet is meant; list the ports that are used.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      if (policy.kind !== "NetworkPolicy") continue;
      for (const rule of policy.rules) {
        const name = `${ruleName(rule)} of ${policyName(policy)}`;
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr" || !isWide(peer.cidr) || !reachesPrivateRanges(peer)) continue;
          const where = at(context, policy, peer.place);
          const ports = rule.ports === "any" ? ", on every port and protocol" : "";
          if (where)
            yield {
              ...where,
              message: `${name} allows ${peer.cidr}, the internet and the private networks alike${ports}.`,
              fix: "Except the private ranges (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) if only the internet is meant, or list the blocks.",
            };
        }
        for (const port of rule.ports === "any" ? [] : rule.ports) {
          if (port.of !== "number" || port.last - port.first < MAX_PORTS) continue;
          const where = at(context, policy, port.place);
          if (where)
            yield {
              ...where,
              message: `${name} allows ${portsText(port)}.`,
              fix: "List the ports that are used.",
            };
        }
      }
    }
  },
};

function isWide(cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && block.base.length === 1 && block.bits < 8;
}

function portsText(port: Extract<PortMatch, { of: "number" }>): string {
  const protocol = port.protocols.join(", ");
  if (port.first === 1 && port.last === 65_535) return `every ${protocol} port`;
  return `${port.last - port.first + 1} ${protocol} ports, ${port.first} to ${port.last}`;
}
