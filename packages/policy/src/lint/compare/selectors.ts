import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  type Requirement,
  type Selector,
} from "../../selector.js";

/**
 * What a selector says about one key. Only what is certain is told: "not contained"
 * and "not disjoint" mean that no proof was found, so that a lint built on them is silent
 * rather than wrong.
 */
interface Known {
  in: ReadonlySet<string> | undefined;
  notIn: ReadonlySet<string>;
  exists: boolean;
  absent: boolean;
}

/** Whether every endpoint that `inner` selects is selected by `outer`. */
export function selectorContains(outer: Selector, inner: Selector): boolean {
  const known = knowledge(inner);
  return known.impossible || outer.requirements.every((requirement) => implies(known, requirement));
}

/** Whether no endpoint can be selected by both. */
export function selectorsDisjoint(a: Selector, b: Selector): boolean {
  const [one, other] = [knowledge(a), knowledge(b)];
  if (one.impossible || other.impossible) return true;
  const pods = one.pods || other.pods;
  for (const [name, known] of one.keys)
    if (namesOf(name, pods).some((alias) => excludes(known, other.keys.get(alias)))) return true;
  return false;
}

export function selectorsEqual(a: Selector, b: Selector): boolean {
  return selectorContains(a, b) && selectorContains(b, a);
}

/** The requirements that somebody wrote, without those that scoping added. */
export function written({ requirements }: Selector): readonly Requirement[] {
  return requirements.filter(({ place }) => place !== undefined);
}

/** `app=web, tier in (a, b)`, in the words of kubectl. */
export function selectorText(requirements: readonly Requirement[]): string {
  return requirements
    .map(({ key, operator, values }) => {
      const short = key.startsWith(NAMESPACE_LABEL_PREFIX)
        ? key.slice(NAMESPACE_LABEL_PREFIX.length)
        : key;
      switch (operator) {
        case "In":
          return values.length === 1
            ? `${short}=${values[0]}`
            : `${short} in (${values.join(", ")})`;
        case "NotIn":
          return `${short} notin (${values.join(", ")})`;
        case "Exists":
          return short;
        case "DoesNotExist":
          return `!${short}`;
      }
    })
    .join(", ");
}

interface Knowledge {
  readonly keys: ReadonlyMap<string, Known>;
  /** Only pods can match: they alone have a namespace. */
  readonly pods: boolean;
  /** Its requirements contradict each other. */
  readonly impossible: boolean;
}

/** Selectors are compared with many others. */
const remembered = new WeakMap<Selector, Knowledge>();

function knowledge(selector: Selector): Knowledge {
  let known = remembered.get(selector);
  if (known === undefined) {
    known = learn(selector.requirements);
    remembered.set(selector, known);
  }
  return known;
}

function learn(requirements: readonly Requirement[]): Knowledge {
  const pods = requirements.some(isOfPods);
  const keys = new Map<string, Known>();
  for (const requirement of requirements) {
    const name = nameOf(requirement, pods);
    const known = keys.get(name) ?? {
      in: undefined,
      notIn: new Set(),
      exists: false,
      absent: false,
    };
    keys.set(name, known);
    const values = new Set(requirement.values);
    switch (requirement.operator) {
      case "In":
        known.in = known.in === undefined ? values : intersection(known.in, values);
        known.exists = true;
        break;
      case "NotIn":
        known.notIn = new Set([...known.notIn, ...values]);
        break;
      case "Exists":
        known.exists = true;
        break;
      case "DoesNotExist":
        known.absent = true;
        break;
    }
  }
  return { keys, pods, impossible: [...keys.values()].some((known) => excludes(known, known)) };
}

/** Whether no value, and no absence of one, satisfies both. */
function excludes(a: Known, b: Known | undefined): boolean {
  if (b === undefined) return false;
  if ((a.exists && b.absent) || (a.absent && b.exists)) return true;
  const possible = a.in ?? b.in;
  return (
    possible !== undefined &&
    [...possible].every(
      (value) =>
        (a.in !== undefined && !a.in.has(value)) ||
        (b.in !== undefined && !b.in.has(value)) ||
        a.notIn.has(value) ||
        b.notIn.has(value),
    )
  );
}

function implies({ keys, pods }: Knowledge, wanted: Requirement): boolean {
  if (pods && wanted.operator === "Exists" && wanted.key === POD_NAMESPACE && isOfPods(wanted))
    return true;
  const candidates = [keys.get(nameOf(wanted, pods))];
  // A label that one source is known to have is also there for a selector that asks every source.
  if (wanted.source === "any" && (wanted.operator === "In" || wanted.operator === "Exists"))
    candidates.push(keys.get(nameOf({ ...wanted, source: "k8s" }, pods)));
  return candidates.some((about) => about !== undefined && holdsGiven(about, wanted));
}

function holdsGiven(about: Known, { operator, values }: Requirement): boolean {
  const possible =
    about.in === undefined ? undefined : [...about.in].filter((value) => !about.notIn.has(value));
  switch (operator) {
    case "In":
      return possible !== undefined && possible.every((value) => values.includes(value));
    case "NotIn":
      return (
        about.absent ||
        (possible !== undefined && !possible.some((value) => values.includes(value))) ||
        values.every((value) => about.notIn.has(value))
      );
    case "Exists":
      return about.exists;
    case "DoesNotExist":
      return about.absent;
  }
}

function isOfPods({ source, key, operator }: Requirement): boolean {
  return (
    (source === "k8s" || source === "any") &&
    (operator === "In" || operator === "Exists") &&
    (key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX))
  );
}

/** One name for what is the same: a pod's labels are all of source k8s, and a namespace is its metadata.name. */
function nameOf({ source, key }: Requirement, pods: boolean): string {
  const plain =
    key === `${NAMESPACE_LABEL_PREFIX}kubernetes.io/metadata.name` ? POD_NAMESPACE : key;
  return `${pods && source === "any" ? "k8s" : source}:${plain}`;
}

/** Of pods, `any:` and `k8s:` are the same label. */
function namesOf(name: string, pods: boolean): readonly string[] {
  if (!pods) return [name];
  const key = name.slice(name.indexOf(":") + 1);
  if (name.startsWith("any:")) return [name, `k8s:${key}`];
  return name.startsWith("k8s:") ? [name, `any:${key}`] : [name];
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((value) => b.has(value)));
}
