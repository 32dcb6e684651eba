import type { Decision } from "../decision.js";
import type { Endpoint } from "../endpoint.js";
import type { Engine } from "../engine/index.js";
import { matchContext, type MatchContext } from "../match/context.js";
import type { Policy, Protocol } from "../policy.js";
import type { Profile } from "../profile.js";
import type { Certainty } from "./certainty.js";
import type { EndsOverTime } from "./ends.js";
import { isPolicy, type ObjectVersion } from "./objects.js";
import type { VersionStore } from "./store.js";

/** The cluster at one moment. */
export interface CatalogView {
  /** In ms since 1970. */
  readonly time: number;
  /** False before the first list and while nothing was watched: what is there is then a guess. */
  readonly isCertain: boolean;
  /** Policies in force, in a stable order. */
  policies(): Policy[];
  /** CIDR groups and services as they were, for explanations. */
  context(): MatchContext;
  /** `ns/name` of a pod, name of a node or entity, or an address; undefined when there was none. */
  endpoint(ref: string): Endpoint | undefined;
  namespaceLabels(name: string): Readonly<Record<string, string>>;
  /** An end by reference, or as a flow names it. Undefined when a reference meant nobody. */
  decide(
    from: Endpoint | string,
    to: Endpoint | string,
    protocol: Protocol,
    port: number,
  ): Decision | undefined;
}

export function viewAt(
  time: number,
  parts: {
    readonly store: VersionStore;
    readonly ends: EndsOverTime;
    readonly certainty: Certainty;
    readonly profile: Profile;
    engine(): Engine;
  },
): CatalogView {
  const { store, ends, certainty, profile } = parts;
  const endpoint = (ref: Endpoint | string): Endpoint | undefined =>
    typeof ref === "string" ? ends.endpoint(ref, time) : ref;
  const valid = (): ObjectVersion[] =>
    [...store.all(false)].filter(({ from, to }) => from <= time && time < to);
  return {
    time,
    get isCertain() {
      return certainty.isCertain(time);
    },
    policies: () =>
      valid()
        .flatMap(({ object }) => (isPolicy(object) ? object.value : []))
        .sort((a, b) => compare(nameOf(a), nameOf(b))),
    context: () => {
      const objects = valid().map(({ object }) => object);
      return matchContext(profile, {
        cidrGroups: objects.flatMap((one) => (one.kind === "CiliumCIDRGroup" ? [one.value] : [])),
        services: objects.flatMap((one) => (one.kind === "Service" ? [one.value] : [])),
      });
    },
    endpoint: (ref) => endpoint(ref),
    namespaceLabels: (name) => ends.namespaceLabels(name, time),
    decide: (fromRef, toRef, protocol, port) => {
      const [from, to] = [endpoint(fromRef), endpoint(toRef)];
      if (from === undefined || to === undefined) return undefined;
      return parts.engine().decide({ from, to, protocol, port }, time);
    },
  };
}

function nameOf({ kind, namespace, name, specIndex }: Policy): string {
  return `${kind}/${namespace}/${name}/${String(specIndex).padStart(6, "0")}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
