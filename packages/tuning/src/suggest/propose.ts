import type { SuggestedKind, SuggestedMode } from "@dropscope/model";
import type { Direction } from "@dropscope/policy";
import { ciliumRules } from "./cilium-policy.js";
import type { Directory, PodClass } from "./directory.js";
import { compare, groupBy } from "./group.js";
import { networkRules, selectorValue, type Value, type WrittenRule } from "./network-policy.js";
import { classKey } from "./parties.js";
import { rulesOf } from "./rules.js";
import type { Ask } from "./traffic.js";

/** A policy as it is to be written. */
export interface Proposal {
  readonly kind: SuggestedKind;
  readonly namespace: string;
  readonly name: string;
  /** The pods it is for; undefined for all of the namespace. */
  readonly subject: PodClass | undefined;
  /** By direction, in the order in which they are written. */
  readonly rules: Readonly<Record<Direction, readonly WrittenRule[]>>;
  readonly directions: readonly Direction[];
}

const DEFAULT_DENY = "default-deny";
/** Who connects anywhere has a rule for lookups of its own; the others need none. */
const SILENCED = { "dropscope.io/ignore": "NP101" };

export interface ProposeOptions {
  readonly kind: SuggestedKind;
  readonly mode: SuggestedMode;
  readonly directions: readonly Direction[];
  readonly directory: Directory;
  /** Namespaces that get a policy that denies what no other allows. */
  readonly defaultDeny: readonly string[];
  /** Directions that a policy of these pods restricts. */
  readonly directionsOf?: (subject: PodClass, asks: readonly Ask[]) => readonly Direction[];
  /** Whether the name belongs to a policy about other pods. */
  readonly isTaken: (kind: string, namespace: string, name: string, subject: Value) => boolean;
}

/** The smallest policies that allow what is asked: one for each workload, or one for each namespace. */
export function propose(asks: readonly Ask[], options: ProposeOptions): Proposal[] {
  const { kind, mode, directions, directory, directionsOf = () => directions } = options;
  const groups = groupBy(asks, ({ subject }) =>
    mode === "namespace" ? subject.namespace : classKey(subject),
  );
  const proposals = [...groups.values()].map((some): Proposal => {
    const [{ subject }] = some as [Ask, ...Ask[]];
    const { namespace } = subject;
    const drafts = (direction: Direction) => rulesOf(some, direction, directory);
    const egress = drafts("egress");
    const byName = egress.some(({ peers }) => peers.some(({ of }) => of === "name"));
    const written = (direction: Direction): WrittenRule[] => {
      const own = direction === "egress" ? egress : drafts(direction);
      return kind === "NetworkPolicy"
        ? networkRules(own, namespace)
        : ciliumRules(own, namespace, byName);
    };
    return {
      kind,
      namespace,
      name: mode === "namespace" ? namespace : nameOf(subject),
      subject: mode === "namespace" ? undefined : subject,
      directions: mode === "namespace" ? directions : directionsOf(subject, some),
      rules: { ingress: written("ingress"), egress: written("egress") },
    };
  });
  const denials = options.defaultDeny.map((namespace): Proposal => ({
    kind,
    namespace,
    name: "default-deny",
    subject: undefined,
    directions,
    rules: { ingress: [], egress: [] },
  }));
  return named([...denials, ...proposals], options).toSorted(
    (a, b) =>
      compare(a.namespace, b.namespace) ||
      Number(b.name === DEFAULT_DENY) - Number(a.name === DEFAULT_DENY) ||
      compare(a.name, b.name),
  );
}

/** What the API server takes for a name. */
function nameOf({ names }: PodClass): string {
  const text = (names[0] ?? "pods").toLowerCase().replace(/[^a-z0-9.-]+/g, "-");
  return text.replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "").slice(0, 200) || "pods";
}

/** Names that nobody else has. */
function named(proposals: readonly Proposal[], { isTaken }: ProposeOptions): Proposal[] {
  const used = new Set<string>();
  return proposals.map((proposal) => {
    const { kind, namespace } = proposal;
    for (let at = 0; ; at++) {
      const name =
        at === 0 ? proposal.name : `${proposal.name}-${at === 1 ? "traffic" : `traffic-${at}`}`;
      const key = `${namespace}/${name}`;
      if (used.has(key) || (at < 100 && isTaken(kind, namespace, name, subjectValue(proposal))))
        continue;
      used.add(key);
      return { ...proposal, name };
    }
  });
}

export function subjectValue({ subject }: Pick<Proposal, "subject">): Value {
  return subject === undefined ? {} : selectorValue(subject.selector);
}

/** The object to be applied. */
export function objectOf(proposal: Proposal): Value {
  const { kind, namespace, name, directions, rules } = proposal;
  const isDenial = rules.ingress.length === 0 && rules.egress.length === 0;
  const silenced = isDenial && proposal.subject === undefined && directions.includes("egress");
  const metadata = { name, namespace, ...(silenced ? { annotations: SILENCED } : {}) };
  const lists = (direction: Direction): Value => {
    const values = rules[direction].map(({ value }) => value);
    return values.length === 0 ? {} : { [direction]: values };
  };
  if (kind === "NetworkPolicy")
    return {
      apiVersion: "networking.k8s.io/v1",
      kind,
      metadata,
      spec: {
        podSelector: subjectValue(proposal),
        policyTypes: directions.map((one) => (one === "ingress" ? "Ingress" : "Egress")),
        ...lists("ingress"),
        ...lists("egress"),
      },
    };
  // A rule that names nobody is how Cilium writes that nothing is allowed.
  const orNobody = (direction: Direction): Value =>
    directions.includes(direction) && rules[direction].length === 0
      ? { [direction]: [{}] }
      : lists(direction);
  return {
    apiVersion: "cilium.io/v2",
    kind,
    metadata,
    spec: {
      endpointSelector: subjectValue(proposal),
      ...orNobody("ingress"),
      ...orNobody("egress"),
    },
  };
}
