import type { SuggestedKind } from "@dropscope/model";
import { type Asked, type Scope, subjectOf } from "./asks.js";
import { listed } from "./ports.js";
import type { Proposal } from "./propose.js";
import type { Resolver } from "./resolvers.js";
import { classText } from "./says.js";
import type { Sorted } from "./sort-out.js";
import type { Ask, Seen } from "./traffic.js";
import type { Verifier } from "./verify.js";

export interface Remarkable {
  readonly sorted: Sorted;
  readonly asked: Asked;
  readonly asks: readonly Ask[];
  readonly scope: Scope;
  readonly kind: SuggestedKind;
  readonly resolver: Resolver;
  readonly proposals: readonly Proposal[];
  readonly verifier: Verifier;
  /** Namespaces that get a default deny. */
  readonly denied: readonly string[];
  /** Namespaces that would, were they not the cluster's own. */
  readonly spared: readonly string[];
  readonly existing: readonly string[];
  readonly replaced: readonly Proposal[];
  readonly scannersLetIn: number;
}

/** More addresses of one rule are better said as blocks, or as the world. */
const MANY_BLOCKS = 20;

/** What somebody should know before he applies it; the gravest first. */
export function* remarksOf(all: Remarkable): Generator<string> {
  const { scope, kind, resolver, existing, replaced, scannersLetIn } = all;
  yield* deniedRemarks(all);
  if (all.proposals.length === 0)
    yield "Nothing that was observed asks for a rule, so no policy is proposed.";
  if (scannersLetIn > 0)
    yield `${scannersLetIn} ${scannersLetIn === 1 ? "try of a scanner meets" : "tries of scanners meet"} a rule that somebody else needs, and would pass.`;
  if (replaced.length > 0)
    yield `Applying it replaces ${listed(replaced.map(({ kind: of, namespace, name }) => `${of} ${namespace}/${name}`))}, which says what it says now no longer.`;
  if (existing.length > 0)
    yield `What ${listed(existing)} ${existing.length === 1 ? "allows" : "allow"} stays allowed beside it: policies add up.`;
  if (all.spared.length > 0)
    yield `${listed(all.spared)} gets no default-deny: what the cluster itself runs there is rarely seen in full.`;
  yield* unseenRemarks(all);
  const once = new Set(all.asks.flatMap(({ seen }) => (seen?.pattern === "once" ? [seen] : [])));
  if (once.size > 0)
    yield `${once.size} ${once.size === 1 ? "connection was" : "connections were"} seen in one short while alone and ${once.size === 1 ? "is" : "are"} allowed: take out what was a one-off.`;
  if (all.asked.fromOwnNode > 0)
    yield "Probes from a pod's own node are always let through; they need no rule and have none.";
  const lookups = all.asks.some(({ dns, seen }) => dns === true && seen === undefined);
  if (lookups && resolver.assumed)
    yield `Nobody was seen looking up names; the rules for it are for ${resolver.pods === undefined ? "the cluster's DNS" : `${resolver.pods.namespace}/${classText(resolver.pods)}`}, port ${resolver.port}.`;
  const byName = all.asks.some(({ peer }) => peer.of === "name");
  if (byName)
    yield "Rules by DNS name hold for addresses that the pod looked up through Cilium's DNS proxy, to which the rule for lookups sends it.";
  if (kind === "NetworkPolicy" && all.asks.some(hasName))
    yield "Some addresses go by DNS names, which a NetworkPolicy cannot say: they may change. --kind CiliumNetworkPolicy can.";
  yield* blockRemarks(all.proposals);
  for (const one of new Set(all.asks.map(({ subject }) => subject)))
    if (!one.exact)
      yield `No lasting label tells ${classText(one)} in ${one.namespace} from others: its policy selects those too.`;
  if (scope.directions.length === 1) yield `Only ${scope.directions.join("")} is restricted by it.`;
}

const hasName = ({ direction, seen }: Ask): boolean =>
  direction === "egress" && (seen?.connection.to.fqdns.length ?? 0) > 0;

/** What a proposal is for and does not allow would be a mistake of ours: it is said, never hidden. */
function* deniedRemarks({ asks, verifier }: Remarkable): Generator<string> {
  const denied = new Set<Seen>();
  for (const { seen, direction } of asks)
    if (seen !== undefined && !verifier.allows(seen, direction)) denied.add(seen);
  if (denied.size > 0)
    yield `Replayed over the flows it was made from, it denies ${denied.size} ${denied.size === 1 ? "connection" : "connections"} that it should allow: ${listed([...denied].map(({ client, server, connection }) => `${client.name} to ${server.name} on ${connection.protocol} ${connection.port}`))}.`;
}

/** Pods of which nothing was seen are cut off all the same. */
function* unseenRemarks(all: Remarkable): Generator<string> {
  const { sorted, scope, denied, asks, proposals } = all;
  const reachNothing = proposals.flatMap(({ subject, rules, directions }) =>
    subject !== undefined && rules.egress.length === 0 && directions.includes("egress")
      ? [classText(subject)]
      : [],
  );
  if (reachNothing.length > 0)
    yield `${listed(reachNothing)} ${reachNothing.length === 1 ? "was" : "were"} not seen connecting to anybody, and may then reach nobody, not even to look up names.`;
  const served = new Set(asks.map(({ subject }) => subject));
  for (const { seen } of sorted.unwanted)
    for (const direction of scope.directions) {
      const subject = subjectOf(seen, direction, scope, sorted.directory);
      if (subject !== undefined) served.add(subject);
    }
  const unseen = denied.flatMap((namespace) =>
    sorted.directory.classes(namespace).filter((one) => !served.has(one)),
  );
  if (unseen.length > 0)
    yield `Nothing was observed of ${listed(unseen.map(classText))}: default-deny leaves ${unseen.length === 1 ? "it" : "them"} without any connection.`;
}

function* blockRemarks(proposals: readonly Proposal[]): Generator<string> {
  for (const { namespace, name, rules } of proposals)
    for (const direction of ["ingress", "egress"] as const)
      for (const { draft } of rules[direction]) {
        const blocks = draft.peers.filter(({ of }) => of === "block").length;
        if (blocks > MANY_BLOCKS)
          yield `A rule of ${namespace}/${name} lists ${blocks} addresses: --cidr 24 gathers them, --cidr 0 allows all.`;
      }
}
