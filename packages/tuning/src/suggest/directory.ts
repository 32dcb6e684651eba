import { type ObservedEdge, podOwner } from "@dropscope/model";
import {
  type CatalogObject,
  type Endpoint,
  parseLabel,
  POLICY_CLUSTER,
  type Service,
  type Workload,
} from "@dropscope/policy";
import { compare, groupBy } from "./group.js";
import { type Labels, lasting, namesWorkload, ownLabels, shared } from "./labels.js";
import { type PodSelector, selectorFor } from "./selector.js";

/** Workloads that no selector tells apart by labels that last: one to every policy. */
export interface PodClass {
  readonly namespace: string;
  /** Of another cluster; empty for the own one. */
  readonly cluster: string;
  /** Of its workloads, sorted; the first names the policy. */
  readonly names: readonly string[];
  readonly selector: PodSelector;
  /** Whether the selector means nobody else. */
  readonly exact: boolean;
  /** Container ports as `TCP/8080`. */
  readonly ports: ReadonlySet<string>;
  /** Pods that are known, at least 1. */
  readonly pods: number;
}

/** Who there is: the pods of the cluster, and those that flows tell of. */
export interface Directory {
  /**
   * The class of a pod; undefined for an end that is none.
   * @param workload its name as `workloadNames` or the flow tells it
   */
  classOf(endpoint: Endpoint, workload: string): PodClass | undefined;
  /** Every class of a namespace of the own cluster. */
  classes(namespace: string): readonly PodClass[];
  readonly namespaces: readonly string[];
  /** Whether the cluster itself told of the namespace's pods, so that who is silent is known too. */
  isListed(namespace: string): boolean;
}

/** Where `inferObjects` says that its pods stand. */
const INFERRED = "flows";

interface Known {
  readonly namespace: string;
  readonly cluster: string;
  readonly name: string;
  /** Labels of its pods as the cluster has them, without repeats. */
  readonly listed: Map<string, Labels>;
  /** As flows show them: the data path may leave labels out. */
  readonly seen: Map<string, Labels>;
  readonly ports: Set<string>;
  /** Only pods with these lasting labels, of several of the name. */
  readonly only?: string;
  pods: number;
}

/** A pod that a flow showed, the newest first: a workload whose labels changed is what it is now. */
export interface SeenPod {
  readonly endpoint: Endpoint;
  /** Name of its workload, or of the pod where none is known. */
  readonly workload: string;
}

/**
 * @param excluded keys of labels that no selector of this data plane sees
 * @param names of workloads by `namespace/pod`, where they are known better than by the pods' owners
 */
export function createDirectory(
  objects: readonly CatalogObject[],
  pods: Iterable<SeenPod>,
  excluded: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): Directory {
  const known = new Map<string, Known>();
  const of = (namespace: string, cluster: string, name: string): Known => {
    const key = JSON.stringify([namespace, cluster, name]);
    let found = known.get(key);
    if (found === undefined) {
      found = {
        namespace,
        cluster,
        name,
        listed: new Map(),
        seen: new Map(),
        ports: new Set(),
        pods: 0,
      };
      known.set(key, found);
    }
    return found;
  };
  const listed = new Set<string>();
  const services: Service[] = [];
  for (const object of objects) {
    if (object.kind === "Service") services.push(object.value);
    if (object.kind !== "Pod" || object.value.hostNetwork) continue;
    const { namespace, labels, ports, place } = object.value;
    // Those that were made of flows (`inferObjects`) come again with the flows.
    if (place.file === INFERRED) continue;
    listed.add(namespace);
    const name = names.get(`${namespace}/${object.name}`) ?? workloadOf(object.value);
    const one = of(namespace, "", name);
    const visible = Object.fromEntries(
      Object.entries(labels).filter(([key]) => !excluded.includes(key)),
    );
    one.listed.set(labelsText(visible), visible);
    one.pods++;
    for (const { protocol, port } of ports) one.ports.add(`${protocol}/${port}`);
  }
  addTargetPorts(services, known.values());
  for (const { endpoint, workload } of pods) {
    if (endpoint.kind !== "pod") continue;
    const one = of(endpoint.namespace, clusterOf(endpoint), workload);
    const labels = ownLabels(endpoint.labels);
    const text = labelsText(labels);
    if (!one.seen.has(text)) one.seen.set(text, labels);
    for (const { protocol, port } of endpoint.ports) one.ports.add(`${protocol}/${port}`);
  }
  return directoryOf([...known.values()].flatMap(apart), listed);
}

/**
 * Pods whose names look like those of one workload may be others, and labels may have changed meanwhile: where
 * the cluster does not tell, those without a telling label in common are told apart.
 */
function apart(known: Known): Known[] {
  const sets = [...known.seen.values()];
  if (known.listed.size > 0 || sets.length < 2) return [known];
  const common = Object.keys(lasting(shared(sets)));
  const isTold = sets.some((one) => Object.keys(lasting(one)).some(namesWorkload));
  if (isTold ? common.some(namesWorkload) : common.length > 0) return [known];
  const groups = groupBy(known.seen, ([, labels]) => labelsText(lasting(labels)));
  const { namespace, cluster, name, listed, ports, pods } = known;
  return [...groups].map(([only, some]) => {
    const seen = new Map(some);
    return { namespace, cluster, name, listed, seen, ports, pods, only };
  });
}

/** What a Service sends to pods is listened for, whether a container declares it or not. */
function addTargetPorts(services: readonly Service[], all: Iterable<Known>): void {
  const byNamespace = groupBy(services, ({ namespace }) => namespace);
  for (const { namespace, listed, ports } of all)
    for (const service of byNamespace.get(namespace) ?? [])
      if ([...listed.values()].some((labels) => isBehind(service, labels)))
        for (const { protocol, targetPort } of service.ports)
          if (typeof targetPort === "number") ports.add(`${protocol}/${targetPort}`);
}

function isBehind({ selector }: Service, labels: Labels): boolean {
  return (
    selector !== undefined &&
    Object.entries(selector).every(([key, value]) => labels[key] === value)
  );
}

/** Owners that somebody else owns in turn, with what controllers add to a name. */
const MADE_BY_OTHERS: ReadonlySet<string> = new Set(["ReplicaSet", "Job"]);

/** The workload that a pod belongs to: of a ReplicaSet its Deployment, of a Job its CronJob, as flows name them. */
export function workloadOf({
  kind,
  name,
  owner,
}: Pick<Workload, "kind" | "name" | "owner">): string {
  if (kind !== "Pod" || owner === undefined || owner.kind === "Node") return name;
  if (!MADE_BY_OTHERS.has(owner.kind)) return owner.name;
  // As it would be told by the name of a pod of it.
  return podOwner(`${owner.name}-bcdfg`) || owner.name;
}

/**
 * Names of workloads by `namespace/pod`: as flows tell them, else by the pod's owner; of a pod that nobody owns its
 * own, however it looks.
 */
export function workloadNames(
  objects: readonly CatalogObject[],
  edges: readonly ObservedEdge[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const { namespace, name, ...one } of objects)
    if (one.kind === "Pod" && one.value.place.file !== INFERRED)
      names.set(`${namespace}/${name}`, workloadOf(one.value));
  for (const { flow, sources, destinations } of edges)
    for (const [end, pods] of [
      [flow.source, sources],
      [flow.destination, destinations],
    ] as const) {
      const told = end?.workloads?.[0]?.name ?? "";
      if (told !== "") for (const pod of pods.names) if (names.has(pod)) names.set(pod, told);
    }
  return names;
}

/** Name of the foreign cluster that a pod belongs to; empty for the own one. */
export function clusterOf({ local, labels }: Endpoint): string {
  if (local) return "";
  const label = labels.texts.map(parseLabel).find(({ key }) => key === POLICY_CLUSTER);
  return label?.value ?? "";
}

function directoryOf(all: readonly Known[], listed: ReadonlySet<string>): Directory {
  const classOfWorkload = new Map<string, PodClass>();
  const byNamespace = new Map<string, PodClass[]>();
  const groups = groupBy(all, ({ namespace, cluster }) => JSON.stringify([cluster, namespace]));
  for (const key of [...groups.keys()].toSorted()) {
    const members = groups.get(key) ?? [];
    for (const found of classesOf(members)) {
      for (const one of found.members) classOfWorkload.set(keyOf(one), found.made);
      if (found.made.cluster !== "") continue;
      const list = byNamespace.get(found.made.namespace);
      if (list === undefined) byNamespace.set(found.made.namespace, [found.made]);
      else list.push(found.made);
    }
  }
  return {
    isListed: (namespace) => listed.has(namespace),
    namespaces: [...byNamespace.keys()].toSorted(),
    classOf: (endpoint, name) => {
      if (endpoint.kind !== "pod") return undefined;
      const of = { namespace: endpoint.namespace, cluster: clusterOf(endpoint), name };
      const found = classOfWorkload.get(keyOf(of));
      if (found !== undefined) return found;
      const only = labelsText(lasting(ownLabels(endpoint.labels)));
      return classOfWorkload.get(keyOf({ ...of, only }));
    },
    classes: (namespace) => byNamespace.get(namespace) ?? [],
  };
}

const keyOf = ({
  namespace,
  cluster,
  name,
  only = "",
}: Pick<Known, "namespace" | "cluster" | "name" | "only">): string =>
  JSON.stringify([namespace, cluster, name, only]);

function labelsText(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => compare(a, b)));
}

function allLabels({ listed, seen }: Known): Labels[] {
  return [...(listed.size > 0 ? listed : seen).values()];
}

/** Labels that last and that selectors see: where flows show the pods, only what they show too. */
function lastingOf({ listed, seen }: Known): Labels {
  const newest: Labels | undefined = [...seen.values()][0];
  if (listed.size === 0) {
    const common = lasting(shared([...seen.values()]));
    return Object.keys(common).length > 0 ? common : lasting(newest ?? {});
  }
  const common = lasting(shared([...listed.values()]));
  if (newest === undefined) return common;
  const visible = Object.fromEntries(
    Object.entries(common).filter(([key]) => Object.hasOwn(newest, key)),
  );
  // Labels that changed since are of now in the cluster; none in common says that flows cut them off.
  return Object.keys(visible).length > 0 ? visible : common;
}

function classesOf(members: readonly Known[]): { made: PodClass; members: readonly Known[] }[] {
  const byLabels = groupBy(members, (one) => labelsText(lastingOf(one)));
  return [...byLabels.entries()]
    .toSorted(([a], [b]) => compare(a, b))
    .map(([, some]) => {
      const own = some.flatMap(allLabels);
      const others = members.filter((one) => !some.includes(one)).flatMap(allLabels);
      const common = lastingOf(some[0] as Known);
      const selector = selectorFor(common, own, others);
      const { namespace, cluster } = some[0] as Known;
      return {
        members: some,
        made: {
          namespace,
          cluster,
          names: [...new Set(some.map(({ name }) => name))].toSorted(compare),
          selector: selector ?? { labels: common, absent: [] },
          exact: selector !== undefined,
          ports: new Set(some.flatMap(({ ports }) => [...ports])),
          pods: Math.max(
            1,
            some.reduce((sum, { pods }) => sum + pods, 0),
          ),
        },
      };
    });
}
