import type { FlowFilter } from "./flow-filter.js";
import { FilterError } from "./filter-error.js";

/**
 * Flags that exclude one another, as in the real CLI. Only the first pair found is told.
 */
const CONFLICTS: readonly (readonly string[])[] = [
  [
    "from-fqdn",
    "from-ip",
    "ip",
    "fqdn",
    "from-namespace",
    "namespace",
    "from-all-namespaces",
    "all-namespaces",
  ],
  ["from-fqdn", "from-ip", "ip", "fqdn", "from-pod", "pod"],
  [
    "to-fqdn",
    "to-ip",
    "ip",
    "fqdn",
    "to-namespace",
    "namespace",
    "to-all-namespaces",
    "all-namespaces",
  ],
  ["to-fqdn", "to-ip", "ip", "fqdn", "to-pod", "pod"],
  ["to-pod", "namespace", "all-namespaces"],
  ["from-pod", "namespace", "all-namespaces"],
  ["to-service", "namespace", "all-namespaces"],
  ["from-service", "namespace", "all-namespaces"],
  ["label", "from-label"],
  ["label", "to-label"],
  ["service", "from-service"],
  ["service", "to-service"],
  ["port", "to-port"],
  ["port", "from-port"],
  ["identity", "to-identity"],
  ["identity", "from-identity"],
  ["workload", "to-workload"],
  ["workload", "from-workload"],
  ["cluster", "to-cluster"],
  ["cluster", "from-cluster"],
  ["encrypted", "unencrypted"],
];

type Lists = { [K in keyof FlowFilter]?: unknown[] };
/** Fields that a two-sided flag fills, by the end it speaks of. */
export interface Field {
  readonly source: keyof FlowFilter;
  readonly destination: keyof FlowFilter;
}

/**
 * Collects the flags of one list (allow or deny) into at most two filters: a flag about
 * either end puts its value at the source in one and at the destination in the other;
 * every other flag goes into both. The flow must match one of the two.
 */
export class FilterTracker {
  readonly #left: Lists = {};
  readonly #right: Lists = {};
  readonly #changed: string[] = [];
  readonly #namespaces: { either: string[]; from: string[]; to: string[] } = {
    either: [],
    from: [],
    to: [],
  };

  /** @throws FilterError when the flag cannot be combined with one given before */
  touch(flag: string): void {
    if (!this.#changed.includes(flag)) this.#changed.push(flag);
    for (const group of CONFLICTS) {
      const [first, second] = group.filter((name) => this.#changed.includes(name));
      if (first !== undefined && second !== undefined) {
        throw new FilterError(
          `filters --${first} and --${second} cannot be combined`,
          "Keep one of the two.",
        );
      }
    }
  }

  addFlow(field: keyof FlowFilter, value: unknown): void {
    push(this.#left, field, value);
    push(this.#right, field, value);
  }

  addEnd(side: "either" | "from" | "to", field: Field, value: unknown): void {
    push(this.#left, side === "to" ? field.destination : field.source, value);
    push(this.#right, side === "from" ? field.source : field.destination, value);
  }

  addNamespace(side: "either" | "from" | "to", namespace: string): void {
    this.#namespaces[side].push(namespace);
  }

  /** @throws FilterError when a namespace and the name of a pod or service contradict each other */
  checkNamespaces(): void {
    for (const lists of [this.#left, this.#right]) {
      const { either, from, to } = this.#namespaces;
      const source = [...names(lists.source_pod), ...names(lists.source_service)];
      const destination = [...names(lists.destination_pod), ...names(lists.destination_service)];
      conflict(either, [...source, ...destination]);
      conflict(from, source);
      conflict(to, destination);
      inconsistent(names(lists.source_pod), names(lists.source_service));
      inconsistent(names(lists.destination_pod), names(lists.destination_service));
    }
  }

  filters(): FlowFilter[] {
    const { either, from, to } = this.#namespaces;
    if (this.#changed.length === 0) return [];
    const left = structuredClone(this.#left);
    const right = structuredClone(this.#right);
    for (const lists of [left, right]) {
      if (to.length > 0) apply(lists, to, "destination");
      if (from.length > 0) apply(lists, from, "source");
    }
    if (either.length > 0) {
      apply(left, either, "source");
      apply(right, either, "destination");
    }
    const filters = [left, right] as [FlowFilter, FlowFilter];
    return canonical(filters[0]) === canonical(filters[1]) ? [filters[0]] : filters;
  }
}

function push(lists: Lists, field: keyof FlowFilter, value: unknown): void {
  (lists[field] ??= []).push(value);
}

function names(list: unknown[] | undefined): string[] {
  return (list ?? []) as string[];
}

/** Names with their namespaces in one list. */
const MAX_NAMES = 1000;

/** A namespace goes before every name that has none; with no name at all it stands for its pods. */
function apply(lists: Lists, namespaces: readonly string[], end: "source" | "destination"): void {
  const pod = `${end}_pod` as const;
  const service = `${end}_service` as const;
  if (names(lists[pod]).length === 0 && names(lists[service]).length === 0) lists[pod] = [""];
  for (const field of [pod, service]) {
    const list = names(lists[field]);
    if (list.length === 0) continue;
    if (list.length * namespaces.length > MAX_NAMES)
      throw new FilterError(
        `${list.length} names in ${namespaces.length} namespaces are more than ${MAX_NAMES} to look for`,
        "Name fewer, or a beginning that they share.",
      );
    lists[field] = list.flatMap((name) =>
      name.includes("/") ? [name] : namespaces.map((namespace) => `${namespace}/${name}`),
    );
  }
}

function namespaceOf(name: string): string {
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
}

function conflict(namespaces: readonly string[], list: readonly string[]): void {
  for (const namespace of namespaces) {
    for (const name of list) {
      const own = namespaceOf(name);
      if (own !== "" && own !== namespace) {
        throw new FilterError(
          `namespace conflict: ${JSON.stringify(namespace)} does not contain ${JSON.stringify(name)}`,
          "Name the namespace once: in front of the name, or by its own flag.",
        );
      }
    }
  }
}

function inconsistent(pods: readonly string[], services: readonly string[]): void {
  for (const pod of pods) {
    const namespace = namespaceOf(pod);
    if (namespace === "") continue;
    for (const service of services) {
      if (namespaceOf(service) !== namespace) {
        throw new FilterError(
          `namespace of service ${JSON.stringify(service)} conflicts with pod ${JSON.stringify(pod)}`,
          "Give pod and service of one namespace.",
        );
      }
    }
  }
}

function canonical(filter: FlowFilter): string {
  const entries = Object.entries(filter).filter(([, value]) => value !== undefined);
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
