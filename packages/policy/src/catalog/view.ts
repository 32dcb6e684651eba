import type { Decision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { Engine } from "../engine/index.js";
import { explainDecision } from "../explain/explain.js";
import type { DecisionExplanation } from "../explain/explanation.js";
import { matchContext, type MatchContext } from "../match/context.js";
import type { Policy, Protocol } from "../policy.js";
import type { Profile } from "../profile.js";
import type { Certainty } from "./certainty.js";
import type { EndsOverTime } from "./ends.js";
import { isPolicy, POLICY_KINDS, type CatalogObject, type ObjectKind } from "./objects.js";
import type { VersionStore } from "./store.js";

/** The cluster at one moment. */
export interface CatalogView {
  /** In ms since 1970. */
  readonly time: number;
  /** False before the first list and while nothing was watched: what is there is then a guess. */
  readonly isCertain: boolean;
  /** From when on it is known what there was, ms since 1970; −∞ when it always is. */
  readonly knownSince: number;
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
  /** Why: as `decide`, with what every rule of the policies that select the ends says. */
  explain(
    from: Endpoint | string,
    to: Endpoint | string,
    protocol: Protocol,
    port: number,
  ): DecisionExplanation | undefined;
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
  const objectsOf = (kinds: readonly ObjectKind[]): CatalogObject[] =>
    [...store.ofKinds(kinds)]
      .filter(({ from, to }) => from <= time && time < to)
      .map(({ object }) => object);
  const context = (): MatchContext => {
    const objects = objectsOf(["CiliumCIDRGroup", "Service"]);
    return matchContext(profile, {
      cidrGroups: objects.flatMap((one) => (one.kind === "CiliumCIDRGroup" ? [one.value] : [])),
      services: objects.flatMap((one) => (one.kind === "Service" ? [one.value] : [])),
    });
  };
  const connection = (
    fromRef: Endpoint | string,
    toRef: Endpoint | string,
    protocol: Protocol,
    port: number,
  ): Connection | undefined => {
    const [from, to] = [endpoint(fromRef), endpoint(toRef)];
    return from === undefined || to === undefined ? undefined : { from, to, protocol, port };
  };
  return {
    time,
    get isCertain() {
      return certainty.isCertain(time);
    },
    get knownSince() {
      return certainty.knownSince();
    },
    policies: () =>
      objectsOf(POLICY_KINDS)
        .flatMap((object) => (isPolicy(object) ? object.value : []))
        .sort((a, b) => compare(nameOf(a), nameOf(b))),
    context,
    endpoint: (ref) => endpoint(ref),
    namespaceLabels: (name) => ends.namespaceLabels(name, time),
    decide: (from, to, protocol, port) => {
      const asked = connection(from, to, protocol, port);
      return asked && parts.engine().decide(asked, time);
    },
    explain: (from, to, protocol, port) => {
      const asked = connection(from, to, protocol, port);
      if (asked === undefined) return undefined;
      const engine = parts.engine();
      const selecting = engine.selecting(asked, time);
      return explainDecision(asked, engine.decide(asked, time), selecting, context());
    },
  };
}

function nameOf({ kind, namespace, name, specIndex }: Policy): string {
  return `${kind}/${namespace}/${name}/${String(specIndex).padStart(6, "0")}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
