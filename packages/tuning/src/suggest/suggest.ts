import {
  DropscopeError,
  type Evidence,
  EXIT,
  type ObservedTraffic,
  type SuggestedKind,
  type SuggestedMode,
  type SuggestedPolicy,
  type SuggestionAnswer,
} from "@dropscope/model";
import type { Direction } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import { evidenceOf } from "../traffic/evidence.js";
import {
  type Asked,
  type AskOptions,
  asksForCilium,
  asksOf,
  type Scope,
  subjectOf,
  withLookups,
} from "./asks.js";
import { type Prefixes, SINGLE } from "./blocks.js";
import { describe } from "./describe.js";
import { existingAbout } from "./existing.js";
import { leftOutOf, type LeftOutList } from "./left-out.js";
import { createNames } from "./names.js";
import { propose } from "./propose.js";
import { remarksOf } from "./remarks.js";
import { isLookup, type Resolver, resolverOf } from "./resolvers.js";
import { type Sorted, sortOut } from "./sort-out.js";
import { createVerifier } from "./verify.js";
import { joined } from "./write.js";

export interface SuggestOptions {
  /** Namespaces whose pods get policies. */
  readonly namespaces: readonly string[];
  /** Name of one workload; of all when absent. */
  readonly workload?: string | undefined;
  /** What the traffic needs when absent: Cilium's where a NetworkPolicy has no word for some of it. */
  readonly kind?: SuggestedKind | undefined;
  readonly mode?: SuggestedMode | undefined;
  /** Ids of edges that are to be allowed too, or `dropped`, `audited` or `once` for all such. */
  readonly include?: readonly string[];
  readonly directions?: readonly Direction[];
  /** `needed`: whoever asks for anything else may look names up; `seen`: only who was seen doing so. */
  readonly dns?: "needed" | "seen";
  /** Whether a namespace gets a policy that denies what no other allows. Default: where all of it is asked for. */
  readonly defaultDeny?: boolean;
  /** Blocks that addresses are gathered in; an address stands alone by default. */
  readonly prefixes?: Prefixes;
  /** Whether the text tells counts and times as well: it then differs from run to run. */
  readonly annotate?: boolean;
}

/** Namespaces of the cluster itself: too much of them is rarely seen for a default deny. */
const SYSTEM = /^(kube-(system|public|node-lease)|openshift(-.*)?)$/;

/** Groups of edges that `include` may name as one. */
export const INCLUDED_GROUPS: readonly string[] = ["dropped", "audited", "once"];

/**
 * Policies that allow what was observed and nothing else, each rule with what it rests on. Scans, tries that
 * nobody answered and what was dropped is left out, and told. Equal traffic gives equal text.
 * @throws DropscopeError `TUNING_EMPTY`, `TUNING_NO_NAMESPACE`, `TUNING_NO_WORKLOAD`, `TUNING_NO_EDGE`
 */
export function suggest(
  traffic: ObservedTraffic,
  cluster: TuningCluster,
  options: SuggestOptions,
): SuggestionAnswer {
  const { include = [] } = options;
  const scope = scopeOf(options);
  refuseEmpty(traffic);
  const sorted = sortOut(traffic, cluster, new Set(include), answersOf(traffic));
  refuseUnknown(scope, sorted, cluster, include);
  const { asked, kind, resolver, asks } = askedFor(sorted, cluster, scope, options);
  const existing = existingAbout(cluster, scope);
  const defaultDeny =
    options.defaultDeny ?? (scope.workload === undefined && scope.mode === "workload");
  const mayDeny = (namespace: string): boolean =>
    options.defaultDeny === true || !SYSTEM.test(namespace);
  const denied = defaultDeny ? scope.namespaces.filter(mayDeny) : [];
  const proposals = propose(asks, {
    kind,
    mode: scope.mode,
    directions: scope.directions,
    directory: sorted.directory,
    defaultDeny: denied,
    // Whom a resolver asks is mostly not seen: a policy that lets it ask nobody would be one against names.
    directionsOf: (subject, some) =>
      subject === resolver.pods && some.every(({ direction }) => direction === "ingress")
        ? scope.directions.filter((one) => one === "ingress")
        : scope.directions,
    isTaken: existing.isTaken,
  });
  const evidence = evidenceOf(traffic, sorted.unknown);
  const policies = proposals.map((one) => describe(one, evidence, options.annotate === true));
  const yaml = joined(policies.map((one) => one.yaml));
  const verifier = createVerifier(yaml, cluster);
  const left = leftOutOf(sorted, asked, scope, verifier);
  const replaced = proposals.filter(({ kind: of, namespace, name }) =>
    existing.has(of, namespace, name),
  );
  return answerOf(cluster, evidence, policies, yaml, left, [
    ...remarksOf({
      sorted,
      asked,
      asks,
      scope,
      kind,
      resolver,
      proposals,
      verifier,
      denied,
      spared: defaultDeny ? scope.namespaces.filter((one) => !mayDeny(one)) : [],
      existing: existing.beside(proposals),
      replaced,
      scannersLetIn: left.scannersLetIn,
    }),
  ]);
}

/** DNS names by the address that answers gave for them. */
function answersOf({ answers = [] }: ObservedTraffic): Map<string, readonly string[]> {
  return new Map(answers.map(({ address, names }) => [address, names]));
}

function scopeOf({ namespaces, workload, mode = "workload", directions }: SuggestOptions): Scope {
  if (workload !== undefined && mode === "namespace")
    throw new DropscopeError(
      "USAGE",
      "One workload, and a policy for the whole namespace, exclude one another.",
      {
        next: "Leave out --workload, or choose --mode workload.",
        exitCode: EXIT.usage,
      },
    );
  return { namespaces, workload, mode, directions: directions ?? ["ingress", "egress"] };
}

function askedFor(
  sorted: Sorted,
  cluster: TuningCluster,
  scope: Scope,
  { kind: wish, prefixes = SINGLE, dns = "needed" }: SuggestOptions,
): {
  asked: Asked;
  kind: SuggestedKind;
  resolver: Resolver;
  asks: Asked["asks"];
} {
  const { directory, wanted } = sorted;
  const { profile } = cluster;
  const resolver = resolverOf(wanted, directory);
  const asking = new Set(
    wanted
      .filter(({ connection }) => isLookup(connection))
      .map((seen) => subjectOf(seen, "egress", scope, directory)),
  );
  const options: Omit<AskOptions, "kind"> = {
    scope,
    looksUp: (subject) => asking.has(subject) || (dns === "needed" && subject !== resolver.pods),
    profile,
    prefixes,
    directory,
    namesOf: createNames([...wanted, ...sorted.unwanted.map(({ seen }) => seen)]),
  };
  const isCilium = profile.name === "cilium" && asksForCilium(wanted, options);
  const kind = wish ?? (isCilium ? "CiliumNetworkPolicy" : "NetworkPolicy");
  const asked = asksOf(wanted, { ...options, kind });
  const wording = { kind, cidrMatchesPods: profile.cidrMatchesPods, prefixes };
  const asks = dns === "needed" ? withLookups(asked.asks, resolver, wording) : asked.asks;
  return { asked, kind, resolver, asks };
}

function answerOf(
  { at }: TuningCluster,
  evidence: Evidence,
  policies: readonly SuggestedPolicy[],
  yaml: string,
  { leftOut, more }: LeftOutList,
  remarks: readonly string[],
): SuggestionAnswer {
  return { at, evidence, policies, yaml, leftOut, leftOutMore: more, remarks };
}

function refuseEmpty({ edges, flows, gaps }: ObservedTraffic): void {
  if (edges.length > 0) return;
  throw new DropscopeError(
    "TUNING_EMPTY",
    flows > 0
      ? `Of ${flows} flows none tells of a connection.`
      : `Nothing was observed in this time${gaps.length > 0 ? `, in which ${gaps.length} losses are known` : ""}.`,
    {
      next: "Choose a longer or another time, or look with `dropscope status` whether flows arrive.",
      exitCode: EXIT.noInput,
    },
  );
}

function refuseUnknown(
  { namespaces, workload }: Scope,
  { directory, wanted, unwanted, unplaced }: Sorted,
  { objects }: TuningCluster,
  include: readonly string[],
): void {
  const told = new Set(objects.flatMap((one) => (one.kind === "Namespace" ? [one.name] : [])));
  for (const namespace of namespaces) {
    if (directory.classes(namespace).length > 0) continue;
    const isThere = told.has(namespace);
    throw new DropscopeError(
      isThere ? "TUNING_EMPTY" : "TUNING_NO_NAMESPACE",
      isThere
        ? `Nothing was observed of the pods of namespace ${namespace}.`
        : `There is no namespace ${JSON.stringify(namespace)}, neither in the cluster nor in the flows.`,
      {
        next: isThere
          ? "Choose a longer or another time."
          : `Name one of those that are: ${named(directory.namespaces)}.`,
        exitCode: EXIT.noInput,
      },
    );
  }
  const names = namespaces.flatMap((one) => directory.classes(one).flatMap((some) => some.names));
  if (workload !== undefined && !names.includes(workload))
    throw new DropscopeError(
      "TUNING_NO_WORKLOAD",
      `There is no workload ${JSON.stringify(workload)} in ${namespaces.join(", ")}.`,
      { next: `Name one of those that are: ${named(names.toSorted())}.`, exitCode: EXIT.noInput },
    );
  const ids = new Set([...wanted, ...unwanted.map(({ seen }) => seen)].map((seen) => seen.id));
  const missing = include.find((one) => !INCLUDED_GROUPS.includes(one) && !ids.has(one));
  if (missing !== undefined)
    throw new DropscopeError(
      "TUNING_NO_EDGE",
      `No connection that was observed has the id ${JSON.stringify(missing)}.`,
      {
        next: `Take an id from what a suggestion leaves out${unplaced.length > 0 ? "; what has no known ends cannot be allowed" : ""}, or one of ${INCLUDED_GROUPS.join(", ")}.`,
        exitCode: EXIT.usage,
      },
    );
}

const named = (names: readonly string[]): string =>
  names.length === 0
    ? "none is known"
    : names.slice(0, 10).join(", ") + (names.length > 10 ? " …" : "");
