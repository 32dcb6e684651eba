import {
  type Connection,
  decide,
  type Direction,
  type Endpoint,
  isDenial,
  matchContext,
  parseManifests,
  type Policy,
  selectsEndpoint,
} from "@dropscope/policy";
import type { TuningCluster } from "../../cluster/index.js";
import { lasting, ownLabels } from "../../suggest/labels.js";
import { nameOf } from "../candidate.js";
import { worldOfObjects } from "../ends.js";

type Fields = Record<string, unknown>;
type Labels = Readonly<Record<string, string>>;

/** One edit: the objects that it changes or adds, whole. */
export type BruteEdit = readonly Fields[];

/**
 * Every edit of the kinds that repair knows, made on plain objects without looking at what any rule says to the
 * connection: each port and each peer added to each rule, each selector given each label of the end, each rule added
 * to each policy, and new policies; every end named by every set of its labels.
 */
export function bruteEdits(
  cluster: TuningCluster,
  objects: readonly Fields[],
  connection: Connection,
  direction: Direction,
): BruteEdit[] {
  const { from, to } = connection;
  const [subject, peer] = direction === "egress" ? [from, to] : [to, from];
  if (subject.kind !== "pod") return [];
  const selectedBefore = new Set(
    cluster.policies.filter((policy) => selectsAny(policy, cluster)).map(nameOf),
  );
  const found: BruteEdit[] = [];
  for (const object of objects) {
    const spec = object["spec"] as Fields;
    const namespace = ((object["metadata"] as Fields)["namespace"] ?? "") as string;
    const kind = object["kind"] as string;
    const add = (change: (spec: Fields) => void): void => {
      const copy = structuredClone(object);
      change(copy["spec"] as Fields);
      found.push([copy]);
    };
    const list = (spec[direction] ?? []) as Fields[];
    const peers = peerTexts(peer, kind, namespace, direction);
    const port = portTexts(kind, connection);
    for (const [at, rule] of list.entries()) {
      const rules = (copy: Fields): Fields => (copy[direction] as Fields[])[at]!;
      const key = kind === "NetworkPolicy" ? "ports" : "toPorts";
      if (Array.isArray(rule[key])) add((copy) => (rules(copy)[key] as unknown[]).push(port.entry));
      for (const { field, entry } of peers)
        if (Array.isArray(rule[field]))
          add((copy) => (rules(copy)[field] as unknown[]).push(entry));
      for (const [field, entries] of Object.entries(rule))
        if (Array.isArray(entries))
          for (const index of entries.keys())
            for (const [label, value] of labelsOf(peer))
              for (const selector of ["podSelector", "namespaceSelector", ""])
                add((copy) =>
                  setLabel((rules(copy)[field] as Fields[])[index], selector, label, value),
                );
    }
    for (const { field, entry } of peers)
      add((copy) => {
        const rule = { [field]: [entry], ...port.rule };
        copy[direction] = [...((copy[direction] as Fields[] | undefined) ?? []), rule];
      });
    const own = kind === "NetworkPolicy" ? "podSelector" : "endpointSelector";
    const denies = (spec[`${direction}Deny`] ?? []) as Fields[];
    for (const [at, rule] of denies.entries())
      for (const field of Object.keys(rule).filter((one) => one.endsWith("Endpoints")))
        for (const label of Object.entries(lasting(ownLabels(peer.labels))))
          add((copy) =>
            notIn(((copy[`${direction}Deny`] as Fields[])[at]![field] as Fields[])[0], label),
          );
    if (denies.length > 0)
      for (const label of Object.entries(lasting(ownLabels(subject.labels))))
        add((copy) => notIn(copy[own] as Fields, label));
    for (const [label, value] of labelsOf(subject))
      add((copy) => setLabel(copy, own, label, value));
  }
  for (const kind of ["NetworkPolicy", "CiliumNetworkPolicy"])
    for (const { field, entry } of peerTexts(peer, kind, subject.namespace, direction))
      for (const labels of subsets(lasting(ownLabels(subject.labels)))) {
        const isNetwork = kind === "NetworkPolicy";
        const selector = Object.keys(labels).length === 0 ? {} : { matchLabels: labels };
        const port = portTexts(kind, connection);
        found.push([
          {
            apiVersion: isNetwork ? "networking.k8s.io/v1" : "cilium.io/v2",
            kind,
            metadata: { name: "brute", namespace: subject.namespace },
            spec: {
              [isNetwork ? "podSelector" : "endpointSelector"]: selector,
              ...(isNetwork
                ? { policyTypes: [direction === "egress" ? "Egress" : "Ingress"] }
                : {}),
              [direction]: [{ [field]: [entry], ...port.rule }],
            },
          },
        ]);
      }
  return found.filter((edit) => {
    const policies = withEdits(cluster, [edit]);
    // One that is for nobody any more is as good as taken away.
    return policies?.every(
      (policy) => selectsAny(policy, cluster) || !selectedBefore.has(nameOf(policy)),
    );
  });
}

/** The policies with edits made; undefined where the API server would refuse one. */
export function withEdits(
  { policies, profile }: Pick<TuningCluster, "policies" | "profile">,
  edits: readonly BruteEdit[],
): readonly Policy[] | undefined {
  let all = policies;
  for (const object of edits.flat()) {
    const read = parseManifests(JSON.stringify(object), "-", { cluster: profile.cluster });
    if (read.problems.some(({ severity }) => severity === "error")) return undefined;
    const names = new Set(read.policies.map(nameOf));
    all = [...all.filter((policy) => !names.has(nameOf(policy))), ...read.policies];
  }
  return all;
}

/** The policies with the edits, where they let the connection pass: at both ends, or at one. */
export function allowedBy(
  cluster: TuningCluster,
  edits: readonly BruteEdit[],
  connection: Connection,
  direction?: Direction,
): readonly Policy[] | undefined {
  const policies = withEdits(cluster, edits);
  if (policies === undefined) return undefined;
  const decision = decide(connection, policies, matchContext(cluster.profile));
  const passes =
    direction === undefined ? decision.allowed : !isDenial(decision[direction].outcome);
  return passes ? policies : undefined;
}

function selectsAny(policy: Policy, { objects, profile }: TuningCluster): boolean {
  const context = matchContext(profile);
  return worldOfObjects(objects, profile).endpoints.some((endpoint) =>
    selectsEndpoint(policy, endpoint, context),
  );
}

function notIn(entry: Fields | undefined, [key, value]: readonly [string, string]): void {
  if (entry === undefined) return;
  const before = (entry["matchExpressions"] ?? []) as unknown[];
  entry["matchExpressions"] = [...before, { key, operator: "NotIn", values: [value] }];
}

function setLabel(entry: Fields | undefined, selector: string, label: string, value: string): void {
  if (typeof entry !== "object" || entry === null) return;
  const within = (selector === "" ? entry : entry[selector]) as Fields | undefined;
  const labels = within?.["matchLabels"] as Fields | undefined;
  if (labels !== undefined && Object.hasOwn(labels, label)) labels[label] = value;
}

function labelsOf(end: Endpoint): [string, string][] {
  if (end.kind !== "pod") return [];
  return [
    ...Object.entries(ownLabels(end.labels)),
    ["kubernetes.io/metadata.name", end.namespace],
    ["k8s:io.kubernetes.pod.namespace", end.namespace],
  ];
}

function peerTexts(
  end: Endpoint,
  kind: string,
  own: string,
  direction: Direction,
): { field: string; entry: unknown }[] {
  const side = direction === "egress" ? "to" : "from";
  const isNetwork = kind === "NetworkPolicy";
  if (end.kind === "address") {
    const cidr = `${end.addresses[0]}/32`;
    return [
      isNetwork
        ? { field: side, entry: { ipBlock: { cidr } } }
        : { field: `${side}CIDR`, entry: cidr },
    ];
  }
  if (end.kind !== "pod") return [];
  const isOwn = end.namespace === own;
  return subsets(lasting(ownLabels(end.labels))).flatMap(
    (labels): { field: string; entry: unknown }[] => {
      if (!isNetwork) {
        const where = isOwn ? {} : { "k8s:io.kubernetes.pod.namespace": end.namespace };
        return [{ field: `${side}Endpoints`, entry: { matchLabels: { ...where, ...labels } } }];
      }
      const where = isOwn
        ? {}
        : {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": end.namespace } },
          };
      return [{ field: side, entry: { ...where, podSelector: { matchLabels: labels } } }];
    },
  );
}

/** Name lookups are asked for in both protocols, as repair does it. */
function portTexts(kind: string, { protocol, port }: Connection): { entry: Fields; rule: Fields } {
  const isNetwork = kind === "NetworkPolicy";
  const protocols = port === 53 && protocol !== "SCTP" ? ["UDP", "TCP"] : [protocol];
  const entryOf = (one: string): Fields => ({
    protocol: one,
    port: isNetwork ? port : String(port),
  });
  const entries = protocols.map(entryOf);
  return isNetwork
    ? { entry: entryOf(protocol), rule: { ports: entries } }
    : { entry: { ports: [entryOf(protocol)] }, rule: { toPorts: [{ ports: entries }] } };
}

function subsets(labels: Labels): Labels[] {
  const all: Labels[] = [{}];
  for (const [key, value] of Object.entries(labels))
    all.push(...all.map((one) => Object.assign({ [key]: value }, one)));
  return all;
}
