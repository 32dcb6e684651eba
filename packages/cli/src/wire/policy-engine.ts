import type { AskedEnd, EngineVerdict, PolicyEngine } from "@dropscope/ingester/simulator";
import {
  type Connection,
  createEngine,
  type Endpoint,
  mergeManifests,
  parseLabels,
  parseManifests,
  PROFILES,
  type SideDecision,
} from "@dropscope/policy";

/**
 * The policy language for the simulated data path, so that its traffic obeys whatever policies it
 * is given. It judges by the indexed engine; explanations and fixes are found by the plain walk over
 * every rule, so that a mistake of the one does not hide in the other.
 * @param cluster name of the simulated cluster
 */
export function createPolicyEngine(cluster: string): PolicyEngine {
  const profile = { ...PROFILES.cilium, cluster };
  return {
    refusal({ name, text }) {
      const { problems } = parseManifests(text, name, { cluster });
      const error = problems.find(({ severity }) => severity === "error");
      return error === undefined ? "" : error.message;
    },
    judgeBy(files) {
      const read = files.map(({ name, text }) => parseManifests(text, name, { cluster }));
      const { policies, services, cidrGroups } = mergeManifests(read);
      const engine = createEngine({ profile, services, cidrGroups, maxCached: 1024 });
      engine.setPolicies("all", policies);
      return ({ direction, from, to, protocol, port }) => {
        const connection: Connection = {
          from: endpointOf(from, direction === "egress"),
          to: endpointOf(to, direction === "ingress"),
          protocol,
          port,
        };
        return verdictOf(engine.decide(connection)[direction]);
      };
    },
  };
}

function endpointOf(end: AskedEnd, isSubject: boolean): Endpoint {
  const { kind, name, namespace, labels, address, names, ports } = end;
  return {
    kind,
    name,
    namespace,
    labels: parseLabels(labels),
    addresses: [address],
    ports,
    fqdns: names,
    hostNetwork: false,
    local: isSubject || kind === "pod" || kind === "host",
  };
}

const DECISIONS: Readonly<Record<SideDecision["outcome"], EngineVerdict["decision"]>> = {
  allowed: "allow",
  redirected: "redirect",
  denied: "deny-rule",
  "default-denied": "default-deny",
  "not-enforced": "unpoliced",
  "no-endpoint": "unpoliced",
};

function verdictOf({ outcome, by, alsoNamed = [], derived }: SideDecision): EngineVerdict {
  // A denial that nobody wrote is a default denial, however the data path carries it out.
  const decision =
    outcome === "denied" && derived !== undefined ? "default-deny" : DECISIONS[outcome];
  return {
    decision,
    by: [...by, ...alsoNamed].map(({ policy: { kind, namespace, name, place }, rule }) => ({
      kind,
      namespace,
      name,
      file: place.file,
      peers: rule.peers !== "any",
      ports: rule.ports !== "any",
    })),
  };
}
