import type { OutsideDrop } from "../ledger/slot.js";
import type { NameSighting } from "../names/history.js";
import { packetsOf } from "../ledger/tally.js";
import type { Around, DnsRuleDefinition } from "./rule.js";
import { number, peerName, policiesText } from "./words.js";

/** Addresses of one name that Cilium keeps for an endpoint (`tofqdns-endpoint-max-ip-per-hostname`). */
const ADDRESS_LIMIT = 1000;
/** A drop so soon after the answer came before the address was in the policy map, ms. */
const RACE_MS = 1000;

/**
 * D11: the policy allows the name, and the data path does not know the address by it. Evidence:
 * a drop at egress to an address outside, a DNS answer of the last day (or the agent's own word)
 * that gives the address a name, and an evaluation that denies the address as such and allows it
 * under that name on that very port. Detail: `no-proxy-rule` (no answer was seen on the node before
 * it), `ttl-expired` (the newest one had expired), `propagation-race` (it was less than a second
 * old), `eviction` (the name has more addresses than are kept); empty when none of these is so.
 */
export const D11: DnsRuleDefinition = {
  rule: "D11",
  *judge(ledger, slot, around) {
    for (const drop of slot.outside.values()) {
      const at = drop.tally.first;
      const sightings = around.names.namesOf(drop.address, at);
      const names = new Set([...sightings.map(({ name }) => name), ...drop.names]);
      for (const name of [...names].sort()) {
        const policies = drop.subject.allowedAs(name, drop.protocol, drop.port);
        if (policies === undefined) continue;
        yield {
          rule: "D11",
          client: ledger.client.peer,
          server: { kind: "ip", namespace: "", name: drop.address },
          at: "",
          family: name,
          cause: causeOf(
            drop,
            sightings.filter((one) => one.name === name),
            around,
          ),
          tally: drop.tally,
          policies,
          peaks: { known: around.names.addressesOf(name) },
          sets: { addresses: [drop.address] },
          texts: { port: `${drop.protocol} ${drop.port}` },
        };
        break;
      }
    }
  },
  describe: (found) => {
    const cause = CAUSES[found.cause as keyof typeof CAUSES] ?? CAUSES.unknown;
    const times = number(packetsOf(found.tally), "packet");
    return {
      severity: "high",
      query: found.family,
      detail: found.cause,
      stall: null,
      sentence:
        `${times} of ${peerName(found.client)} to ${peerName(found.server)} (${found.texts["port"]}) dropped, which ${policiesText(found)} ` +
        `allows as ${found.family}: ${cause.why(found.peaks["known"] ?? 0)}.`,
      next: cause.next,
    };
  },
};

function causeOf(drop: OutsideDrop, sightings: readonly NameSighting[], around: Around): string {
  const at = drop.tally.first;
  const own = sightings.filter(({ node, pod }) =>
    drop.node === "" ? pod === drop.pod : node === drop.node,
  );
  const newest = own.reduce<NameSighting | undefined>(
    (best, one) => (best === undefined || one.at > best.at ? one : best),
    undefined,
  );
  if (newest === undefined) {
    // The agent's own name for the address says that it saw an answer, and a gap that we might not have.
    const unsure =
      drop.names.length > 0 || around.gaps.overlaps(drop.node, at - around.limits.windowMs, at);
    return unsure ? "" : "no-proxy-rule";
  }
  if (at - newest.at < RACE_MS) return "propagation-race";
  if (around.names.addressesOf(newest.name) > ADDRESS_LIMIT) return "eviction";
  const until = own.reduce((latest, one) => Math.max(latest, one.until), 0);
  return until < at ? "ttl-expired" : "";
}

const CAUSES = {
  "no-proxy-rule": {
    why: () =>
      "the node saw no answer for the name before, because the query did not go through its DNS proxy",
    next: "Send the client's DNS through the proxy with a rule that has rules.dns for the name, and let it ask the cluster's resolver rather than one of its own.",
  },
  "ttl-expired": {
    why: () =>
      "the answer had expired when the client connected, so that the address was no longer known by the name",
    next: "Let the client look the name up again (JVM, connection pools and sidecars keep addresses too long), or raise tofqdns-min-ttl.",
  },
  "propagation-race": {
    why: () => "the answer was less than a second old and not yet in the policy map",
    next: "Expect it to pass on the next attempt; if it goes on, look at the agent's load and tofqdns-proxy-response-max-delay.",
  },
  eviction: {
    why: (known: number) =>
      `the name has at least ${known} addresses, of which the agent keeps ${ADDRESS_LIMIT}`,
    next: "Raise tofqdns-endpoint-max-ip-per-hostname, or allow the service by its address ranges.",
  },
  unknown: {
    why: () => "its node did not know the address by that name",
    next: "Look at the agent's names on that node (cilium fqdn cache list) and at its restarts.",
  },
} as const;
