import type { Peer, Policy, PortMatch, Rule } from "../../../policy.js";
import { groupsOf } from "../../../match/peer.js";
import { circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { list } from "../../context/raw.js";
import type { Draft, LintRule } from "../../rule.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";
import { portEntries } from "./l3.js";
import { settingText } from "./setting.js";

const MAX_PORTS = 40;
/** `bpf-policy-map-max`, per endpoint. */
const MAP_SIZE = 16_384;

export const CN025: LintRule = {
  id: "CN025",
  title: "More ports or peers than Cilium can hold",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "Cilium refuses a toPorts entry of more than 40 ports. Each endpoint's policy map has 16,384 entries unless configured otherwise, one for each pair of peer identity and port prefix; " +
      "when it overflows, allowed traffic is dropped.",
    fix: "Use a port range (endPort), fewer and wider CIDRs or selectors, or raise bpf.policyMapMax.",
  },
  *check(context) {
    for (const { source, title, rules } of context.ciliumSpecs)
      for (const rule of rules)
        for (const { path, value } of portEntries(rule)) {
          const { length } = list(value["ports"]);
          if (length <= MAX_PORTS) continue;
          yield {
            on: source,
            path: [...path, "ports"],
            message:
              `${ruleName({ section: rule.section, index: Number(rule.path.at(-1)) })} of ${source.kind} ${title} lists ${length} ports in one entry, ` +
              `and Cilium refuses more than ${MAX_PORTS}.`,
            fix: "Split the list over several toPorts entries, or use ranges with endPort.",
          };
        }
    yield* checkMaps(context);
  },
};

function* checkMaps(context: LintContext): Iterable<Draft> {
  const limit = Number(settingText(context, "bpf-policy-map-max")) || MAP_SIZE;
  const sizes = new Map<Rule, { peers: readonly string[]; ports: readonly string[] }>();
  const sizeOf = (rule: Rule) => {
    const known = sizes.get(rule) ?? { peers: identities(context, rule), ports: prefixes(rule) };
    sizes.set(rule, known);
    return known;
  };
  const bound = (policy: Policy): number =>
    policy.rules.reduce(
      (sum, rule) => sum + sizeOf(rule).peers.length * sizeOf(rule).ports.length,
      0,
    );
  for (const policy of context.manifests.policies) {
    if (!policy.kind.startsWith("Cilium")) continue;
    for (const { pods, policies } of circlesOf(context, policy)) {
      // Without pods it is not known that the policies meet on one.
      const together = pods.length === 0 ? [policy] : policies;
      const bounds = together.map(bound);
      // Said at the policy that adds most, and nowhere else.
      if (bounds.reduce((a, b) => a + b, 0) <= limit || bound(policy) < Math.max(...bounds))
        continue;
      const entries = new Set<string>();
      for (const other of together)
        for (const rule of other.rules)
          for (const peer of sizeOf(rule).peers)
            for (const port of sizeOf(rule).ports) entries.add(`${rule.direction} ${peer} ${port}`);
      const where = at(context, policy, policy.place);
      if (entries.size <= limit || !where) continue;
      const largest = policy.rules.toSorted((a, b) => weight(b) - weight(a))[0]!;
      yield {
        ...where,
        severity: "medium",
        message:
          `${policyName(policy)} ${together.length > 1 ? "and the policies beside it need" : "needs"} about ${entries.size} ` +
          `policy map entries for each of its pods, and the map holds ${limit}.`,
        evidence: [
          ruleEvidence(
            policy,
            largest,
            `${ruleName(largest)}: ${sizeOf(largest).peers.length} peers × ${sizeOf(largest).ports.length} port prefixes`,
          ),
          ...pods.map((pod) => podEvidence(pod)),
        ],
        basis: "an estimate: identities of the input's pods, CIDRs and port prefixes",
      };
      break;
    }
  }
  function weight(rule: Rule): number {
    return sizeOf(rule).peers.length * sizeOf(rule).ports.length;
  }
}

/** One text for each identity that the rule's peers stand for. What cannot be counted is one. */
function identities(context: LintContext, { peers }: Rule): string[] {
  if (peers === "any") return ["any"];
  return [...new Set(peers.flatMap((peer) => identitiesOf(context, peer)))];
}

function identitiesOf(context: LintContext, peer: Peer): string[] {
  switch (peer.of) {
    case "cidr":
      return [peer.cidr];
    case "cidr-group":
      return groupsOf(peer.group, context.match).flatMap(({ cidrs }) => cidrs);
    case "endpoints": {
      const sets = context.pods
        .of(peer)
        .map(({ workload }) =>
          JSON.stringify([workload.namespace, workload.serviceAccount, workload.labels]),
        );
      return sets.length > 0 ? [...new Set(sets)] : [peer.place.path];
    }
    case "entity":
      return [peer.entity];
    default:
      return [peer.place.path];
  }
}

/** A range takes an entry for each aligned power of two in it. */
function prefixes({ ports }: Rule): string[] {
  return ports === "any" ? ["any"] : [...new Set(ports.flatMap(prefixesOf))];
}

function prefixesOf(port: PortMatch): string[] {
  if (port.of === "name") return port.protocols.map((protocol) => `${protocol} ${port.name}`);
  const blocks: string[] = [];
  if (port.first <= 1 && port.last >= 65_535) blocks.push("all");
  else
    for (let next = port.first; next <= port.last;) {
      // The largest block that begins here and ends within the range; 0 is aligned to everything.
      let size = next === 0 ? 65_536 : next & -next;
      while (next + size - 1 > port.last) size /= 2;
      blocks.push(`${next}/${size}`);
      next += size;
    }
  return port.protocols.flatMap((protocol) => blocks.map((block) => `${protocol} ${block}`));
}
