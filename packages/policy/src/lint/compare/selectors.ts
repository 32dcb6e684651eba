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
  if ([...known.values()].some(contradicts)) return true;
  const pods = ofPods(inner.requirements);
  return outer.requirements.every((requirement) => implies(known, requirement, pods));
}

/** Whether no endpoint can be selected by both. */
export function selectorsDisjoint(a: Selector, b: Selector): boolean {
  const both = { requirements: [...a.requirements, ...b.requirements] };
  return [...knowledge(both).values()].some(contradicts);
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

function knowledge({ requirements }: Selector): Map<string, Known> {
  const pods = ofPods(requirements);
  const byKey = new Map<string, Known>();
  for (const requirement of requirements) {
    const name = nameOf(requirement, pods);
    const known = byKey.get(name) ?? {
      in: undefined,
      notIn: new Set(),
      exists: false,
      absent: false,
    };
    byKey.set(name, known);
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
  return byKey;
}

function contradicts(known: Known): boolean {
  if (known.exists && known.absent) return true;
  return known.in !== undefined && [...known.in].every((value) => known.notIn.has(value));
}

function implies(known: Map<string, Known>, wanted: Requirement, pods: boolean): boolean {
  const candidates = [known.get(nameOf(wanted, pods))];
  // A label that one source is known to have is also there for a selector that asks every source.
  if (wanted.source === "any" && (wanted.operator === "In" || wanted.operator === "Exists"))
    candidates.push(known.get(nameOf({ ...wanted, source: "k8s" }, pods)));
  if (pods && wanted.operator === "Exists" && wanted.key === POD_NAMESPACE && ofPods([wanted]))
    return true;
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

/** Whether only pods can match: they alone have a namespace. */
function ofPods(requirements: readonly Requirement[]): boolean {
  return requirements.some(
    ({ source, key, operator }) =>
      (source === "k8s" || source === "any") &&
      (operator === "In" || operator === "Exists") &&
      (key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX)),
  );
}

/** One name for what is the same: a pod's labels are all of source k8s, and a namespace is its metadata.name. */
function nameOf({ source, key }: Requirement, pods: boolean): string {
  const plain =
    key === `${NAMESPACE_LABEL_PREFIX}kubernetes.io/metadata.name` ? POD_NAMESPACE : key;
  return `${pods && source === "any" ? "k8s" : source}:${plain}`;
}

function intersection(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...a].filter((value) => b.has(value)));
}
