import { mergeManifests, parseManifests, type Profile, PROFILES } from "@dropscope/policy";
import { stringify } from "yaml";
import { clusterOfManifests, type TuningCluster } from "../../cluster/index.js";
import { type Random, randomOf } from "./random.js";

type Fields = Record<string, unknown>;

/** A policy as an object and as somebody wrote it. */
export interface WrittenPolicy {
  readonly file: string;
  readonly object: Fields;
  readonly text: string;
}

/** A small cluster whose policies hit, and just miss, its pods. */
export interface RandomWorld {
  readonly seed: number;
  readonly profile: Profile;
  /** Namespaces and pods. */
  readonly objects: string;
  readonly policies: readonly WrittenPolicy[];
}

const NAMESPACES = ["shop", "bank"];
const APPS = ["web", "db", "api"];
/** As somebody mistypes them. */
const SLIPS: Readonly<Record<string, string>> = { web: "wbe", db: "dd", api: "ap1" };
export const PORTS = [53, 80, 443, 8080, 9090] as const;
export const OUTSIDE = ["203.0.113.7", "198.51.100.9"];
const BLOCKS = ["203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0"];

export function worldOfSeed(seed: number): RandomWorld {
  const random = randomOf(seed);
  const cilium = random.chance(60);
  const profile = cilium ? PROFILES.cilium : PROFILES.kubernetes;
  const count = 1 + random.below(4);
  return {
    seed,
    profile,
    objects: objectsOf(random),
    policies: Array.from({ length: count }, (_, at) => {
      const object = policyOf(random, `p${at}`, cilium);
      return { file: `p${at}.yaml`, object, text: textOf(random, object) };
    }),
  };
}

/** The cluster with the texts of some files in place of its own, or beside them. */
export function clusterOfWorld(
  { objects, policies, profile }: RandomWorld,
  changed: ReadonlyMap<string, string> = new Map(),
): TuningCluster {
  const files = new Map([...policies.map(({ file, text }) => [file, text] as const), ...changed]);
  const read = [["world.yaml", objects] as const, ...files].map(([file, text]) =>
    parseManifests(text, file),
  );
  return clusterOfManifests(mergeManifests(read), { at: 0, profile });
}

function objectsOf(random: Random): string {
  const manifests: Fields[] = NAMESPACES.map((name, at) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { team: at === 0 ? "red" : "blue" } },
  }));
  let address = 1;
  for (let workload = 0; workload < 3 + random.below(3); workload++) {
    const namespace = random.pick(NAMESPACES);
    const labels: Record<string, string> = {};
    if (random.chance(90)) labels["app"] = random.pick(APPS);
    if (random.chance(40)) labels["tier"] = random.pick(["front", "back"]);
    // What every rollout sets anew must not come into a selector.
    if (random.chance(50)) labels["pod-template-hash"] = `6d4cf56db${workload}`;
    for (let replica = 0; replica < 1 + random.below(2); replica++)
      manifests.push({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `w${workload}-${replica}`, namespace, labels },
        spec: {
          containers: [{ name: "c", image: "i", ports: [{ name: "http", containerPort: 8080 }] }],
        },
        status: { podIP: `10.0.0.${address++}` },
      });
  }
  return manifests.map((one) => stringify(one)).join("---\n");
}

function policyOf(random: Random, name: string, cilium: boolean): Fields {
  const namespace = random.pick(NAMESPACES);
  const kind = !cilium || random.chance(50) ? "NetworkPolicy" : "CiliumNetworkPolicy";
  if (kind === "NetworkPolicy") {
    const ingress = random.chance(60);
    const egress = !ingress || random.chance(40);
    return {
      apiVersion: "networking.k8s.io/v1",
      kind,
      metadata: { name, namespace },
      spec: {
        podSelector: selectorOf(random, 40),
        policyTypes: [...(ingress ? ["Ingress"] : []), ...(egress ? ["Egress"] : [])],
        ...(ingress ? { ingress: rulesOf(random, () => networkRule(random, "from")) } : {}),
        ...(egress ? { egress: rulesOf(random, () => networkRule(random, "to")) } : {}),
      },
    };
  }
  const direction = random.pick(["ingress", "egress"] as const);
  const prefix = direction === "ingress" ? "from" : "to";
  const rules = rulesOf(random, () => ciliumRule(random, prefix));
  const clusterwide = random.chance(20);
  return {
    apiVersion: "cilium.io/v2",
    kind: clusterwide ? "CiliumClusterwideNetworkPolicy" : kind,
    metadata: { name, ...(clusterwide ? {} : { namespace }) },
    spec: {
      endpointSelector: selectorOf(random, 40),
      // No rule at all is no default deny in Cilium; an empty one is.
      [direction]: rules.length === 0 ? [{}] : rules,
      ...(random.chance(20)
        ? { [`${direction}Deny`]: [{ [`${prefix}Endpoints`]: [selectorOf(random, 0)] }] }
        : {}),
    },
  };
}

function rulesOf(random: Random, rule: () => Fields): Fields[] {
  return Array.from({ length: random.below(4) }, rule);
}

/** @param everybody per cent that select all */
function selectorOf(random: Random, everybody: number): Fields {
  if (random.chance(everybody)) return {};
  const app = random.pick(APPS);
  if (random.chance(15)) return { matchLabels: { app: SLIPS[app] } };
  if (random.chance(20))
    return { matchExpressions: [{ key: "app", operator: "In", values: [app] }] };
  return {
    matchLabels: {
      app,
      ...(random.chance(25) ? { tier: random.pick(["front", "back"]) } : {}),
    },
  };
}

function networkRule(random: Random, side: "from" | "to"): Fields {
  const peers = Array.from({ length: 1 + random.below(2) }, (): Fields => {
    if (random.chance(15)) return { ipBlock: { cidr: random.pick(BLOCKS) } };
    const team = random.pick(["red", "blue"]);
    const where = random.chance(50)
      ? {
          namespaceSelector: {
            matchLabels: random.chance(80)
              ? { "kubernetes.io/metadata.name": random.pick(NAMESPACES) }
              : random.chance(50)
                ? { name: random.pick(NAMESPACES) }
                : { team },
          },
        }
      : {};
    return { ...where, podSelector: selectorOf(random, 10) };
  });
  return {
    ...(random.chance(90) ? { [side]: peers } : {}),
    ...(random.chance(85) ? { ports: portsOf(random, (port) => port) } : {}),
  };
}

function ciliumRule(random: Random, prefix: "from" | "to"): Fields {
  const peer = random.below(10);
  const { matchLabels, matchExpressions } = selectorOf(random, 0);
  const namespace = random.chance(50)
    ? { "k8s:io.kubernetes.pod.namespace": random.pick(NAMESPACES) }
    : {};
  const labels = { ...namespace, ...(matchLabels as Fields | undefined) };
  const endpoints = {
    ...(Object.keys(labels).length > 0 ? { matchLabels: labels } : {}),
    ...(matchExpressions === undefined ? {} : { matchExpressions }),
  };
  return {
    ...(peer < 7
      ? { [`${prefix}Endpoints`]: [endpoints] }
      : peer < 8
        ? { [`${prefix}Entities`]: [random.pick(["world", "cluster", "host"])] }
        : { [`${prefix}CIDR`]: [random.pick(BLOCKS)] }),
    ...(random.chance(85) ? { toPorts: [{ ports: portsOf(random, (port) => String(port)) }] } : {}),
  };
}

function portsOf(random: Random, written: (port: number) => unknown): Fields[] {
  return Array.from({ length: 1 + random.below(2) }, () => {
    const port = random.pick(PORTS);
    const protocol = port === 53 && random.chance(70) ? "UDP" : "TCP";
    return {
      protocol,
      port: written(port),
      ...(random.chance(10) ? { endPort: port + 20 } : {}),
    };
  });
}

/** With comments wherever a list begins, and now and then in flow style. */
function textOf(random: Random, object: Fields): string {
  const indentSeq = random.chance(50);
  const text = random.chance(10)
    ? stringify(object, { collectionStyle: "flow" })
    : stringify(object, { indentSeq });
  let count = 0;
  const commented = text.replaceAll(/^( *)- (?=\w)/gm, (dash, indent: string) =>
    random.chance(50) ? `${indent}# note ${(count += 1)}\n${dash}` : dash,
  );
  return `# ${String((object["metadata"] as Fields)["name"])}: written by hand\n${commented}`;
}
