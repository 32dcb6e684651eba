import type { SuggestedKind, SuggestedMode } from "@dropscope/model";
import type { Connection, Direction, Profile } from "@dropscope/policy";
import { type Prefixes } from "./blocks.js";
import type { Directory, PodClass } from "./directory.js";
import type { NamesOf } from "./names.js";
import { needsCilium, partiesOf, type Wording } from "./parties.js";
import { isLookup, type Resolver } from "./resolvers.js";
import type { Ask, Party, Seen } from "./traffic.js";

/** Of resolvers outside as well. */
const DNS_PORT = 53;

/** Whose policies are proposed. */
export interface Scope {
  readonly namespaces: readonly string[];
  /** Name of a workload; all when absent. */
  readonly workload?: string | undefined;
  readonly directions: readonly Direction[];
  readonly mode: SuggestedMode;
}

export interface AskOptions {
  readonly scope: Scope;
  readonly kind: SuggestedKind;
  readonly profile: Profile;
  readonly prefixes: Prefixes;
  readonly namesOf: NamesOf;
  /** Whether its lookups pass the proxy: else no name means an address for it. */
  readonly looksUp: (subject: PodClass) => boolean;
  readonly directory: Directory;
}

/** What the pods in scope ask their policies for. */
export interface Asked {
  readonly asks: readonly Ask[];
  /** What this kind of policy has no word for. */
  readonly unworded: readonly { readonly seen: Seen; readonly says: string }[];
  /** Edges from a pod's own node, which need no rule. */
  readonly fromOwnNode: number;
}

/** The pods in scope at one end of a connection; undefined where there are none. */
export function subjectOf(
  seen: Seen,
  direction: Direction,
  { namespaces, workload }: Scope,
  directory: Directory,
): PodClass | undefined {
  const { from, to } = seen.connection;
  const [end, name] =
    direction === "egress" ? [from, seen.clientWorkload] : [to, seen.serverWorkload];
  if (end.kind !== "pod" || !end.local || end.hostNetwork || !namespaces.includes(end.namespace))
    return undefined;
  const found = directory.classOf(end, name);
  return found === undefined || workload === undefined || found.names.includes(workload)
    ? found
    : undefined;
}

/** Whether some of it can only be said in Cilium's own kinds. */
export function asksForCilium(wanted: readonly Seen[], options: Omit<AskOptions, "kind">): boolean {
  const { scope, directory, namesOf, looksUp, profile } = options;
  return wanted.some((seen) =>
    scope.directions.some((direction) => {
      const subject = subjectOf(seen, direction, scope, directory);
      if (subject === undefined) return false;
      const { from, to, protocol } = seen.connection;
      if (isFromOwnNode(seen.connection, direction, profile)) return false;
      const names = direction === "egress" && looksUp(subject) ? namesOf(seen) : [];
      return (
        protocol === "ICMP" ||
        protocol === "ICMPv6" ||
        needsCilium(direction === "egress" ? to : from, direction, names)
      );
    }),
  );
}

export function asksOf(wanted: readonly Seen[], options: AskOptions): Asked {
  const { scope, kind, profile, prefixes, namesOf, looksUp, directory } = options;
  const wording: Wording = { kind, cidrMatchesPods: profile.cidrMatchesPods, prefixes };
  const asks: Ask[] = [];
  const unworded: { seen: Seen; says: string }[] = [];
  let fromOwnNode = 0;
  for (const seen of wanted)
    for (const direction of scope.directions) {
      const subject = subjectOf(seen, direction, scope, directory);
      if (subject === undefined) continue;
      const { connection } = seen;
      const { protocol, port } = connection;
      if (isFromOwnNode(connection, direction, profile)) {
        fromOwnNode++;
        continue;
      }
      if (kind === "NetworkPolicy" && (protocol === "ICMP" || protocol === "ICMPv6")) {
        unworded.push({ seen, says: "A NetworkPolicy has no word for ICMP." });
        continue;
      }
      const names = direction === "egress" && looksUp(subject) ? namesOf(seen) : [];
      const peers = peersOf(seen, direction, wording, names, directory);
      if (typeof peers === "string") {
        unworded.push({ seen, says: peers });
        continue;
      }
      const dns = isLookup(connection);
      // What does not fit into UDP is asked again by TCP: a rule for one of them is half a rule.
      const isDns = dns || (port === DNS_PORT && (protocol === "UDP" || protocol === "TCP"));
      const protocols = isDns ? (["UDP", "TCP"] as const) : [protocol];
      for (const peer of peers)
        for (const one of protocols)
          asks.push({
            direction,
            subject,
            peer: coarse(peer, scope.mode, dns),
            protocol: one,
            first: port,
            last: port,
            dns: dns && direction === "egress",
            seen,
          });
    }
  return { asks, unworded, fromOwnNode };
}

function peersOf(
  seen: Seen,
  direction: Direction,
  wording: Wording,
  names: readonly string[],
  directory: Directory,
): readonly Party[] | string {
  const { from, to } = seen.connection;
  const [end, name] =
    direction === "egress" ? [to, seen.serverWorkload] : [from, seen.clientWorkload];
  return partiesOf(end, directory.classOf(end, name), direction, names, wording);
}

/** Who asks for something else needs names first, whether it was seen asking or not. */
export function withLookups(asks: readonly Ask[], resolver: Resolver, wording: Wording): Ask[] {
  const parties =
    resolver.end === undefined
      ? ([{ of: "pods", pods: resolver.pods as PodClass }] as const)
      : partiesOf(resolver.end, resolver.pods, "egress", [], wording);
  if (typeof parties === "string") return [...asks];
  const egress = asks.filter(({ direction }) => direction === "egress");
  const served = new Set([
    ...egress.filter(({ dns }) => dns === true).map(({ subject }) => subject),
    // Who answers asks somebody outside, which was seen if it was so.
    ...(resolver.pods === undefined ? [] : [resolver.pods]),
  ]);
  const lacking = new Set(
    egress.map(({ subject }) => subject).filter((subject) => !served.has(subject)),
  );
  const more = [...lacking].flatMap((subject) =>
    parties.flatMap((peer) =>
      (["UDP", "TCP"] as const).map((protocol): Ask => ({
        direction: "egress",
        subject,
        peer,
        protocol,
        first: resolver.port,
        last: resolver.port,
        dns: true,
      })),
    ),
  );
  return [...asks, ...more];
}

/** A pod's own node reaches it whatever policies say: probes need no rule. */
function isFromOwnNode(
  { from }: Connection,
  direction: Direction,
  { allowLocalHost }: Profile,
): boolean {
  return direction === "ingress" && from.kind === "host" && allowLocalHost;
}

/** By namespaces, peers are namespaces; whom names are asked of stays what it is. */
function coarse(peer: Party, mode: SuggestedMode, dns: boolean): Party {
  return mode === "namespace" && peer.of === "pods" && peer.pods.cluster === "" && !dns
    ? { of: "namespace", namespace: peer.pods.namespace }
    : peer;
}
