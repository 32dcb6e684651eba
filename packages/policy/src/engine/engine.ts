import type { Decision, SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { Selecting } from "../explain/explain.js";
import { matchContext } from "../match/context.js";
import type { CidrGroup, Service } from "../objects.js";
import type { Direction, Policy, Protocol } from "../policy.js";
import type { Profile } from "../profile.js";
import { createClasses, type End } from "./classes.js";
import { createCompiler, type CompiledPolicy } from "./compile.js";
import { createDecisionCache } from "./decision-cache.js";
import { createFqdnMatchers } from "./fqdns.js";
import { createKeptDecisions } from "./kept-decisions.js";
import { createLabelSets } from "./label-sets.js";
import { createPortClasses, PROTOCOL_INDEX, PROTOCOLS } from "./ports.js";
import { createPrefixes } from "./prefixes.js";
import { createSelectors } from "./selectors.js";
import { createStates, type State } from "./states.js";
import { createClassIndex } from "./subject-index.js";
import { createRuleTables, decideByTable } from "./tables.js";
import { createPolicyVersions, type PolicyVersion, type ReferenceVersion } from "./versions.js";
import { createVocabulary } from "./vocabulary.js";

/** Number of an interned endpoint, from 0; of one engine only. */
export type EndpointId = number;

/**
 * Judges connections by policies that change, with the answers of `decide` and
 * without its walk over everything.
 *
 *   endpoint ─ label set, CIDR atoms, FQDN matchers ─► class   (ends that no policy tells apart)
 *   class + policies that select it ─► state                   (one per direction; names its content)
 *   (state of from, state of to, port class) ─► decision       (cache, bounded)
 *
 * A change of policies resets the states of the classes that they select, and
 * nothing else. What was ever told apart stays so: an engine grows with the
 * versions that it judged by, and a new one is made now and then (`Catalog.forget`). Times are ms since 1970, fractions count; without a time the
 * answer is by the latest versions.
 */
export interface Engine {
  /** From `at` on, the object `key` says these policies; without `at` it always did. */
  setPolicies(key: string, policies: readonly Policy[], at?: number): void;
  /** From `at` on, the object is gone; without `at` it never was. */
  removePolicies(key: string, at?: number): void;
  /** Replaces all that is known of the object, in any order of events. Versions must not overlap. */
  setHistory(key: string, versions: readonly PolicyVersion[]): void;
  /** What policies refer to, from `at` on; without `at` always. */
  setReferences(objects: References, at?: number): void;
  /** Replaces all that is known of the references over time. Versions must not overlap. */
  setReferenceHistory(versions: readonly ReferenceVersion[]): void;
  /** Equal endpoints get equal numbers. A number stays valid, whatever policies say later. */
  intern(endpoint: Endpoint): EndpointId;
  /** The answer is frozen, and the same object for equal answers. Throws RangeError for a port outside 0–65535 and for a protocol that policies cannot name. */
  decide(connection: Connection, at?: number): Decision;
  /** As `decide`; a known answer allocates nothing. */
  decideInterned(
    from: EndpointId,
    to: EndpointId,
    protocol: Protocol,
    port: number,
    at?: number,
  ): Decision;
  /**
   * Policies that select each end and have a say in its direction, be it by rules
   * that are inert; what `explainDecision` takes.
   */
  selecting(connection: Connection, at?: number): Selecting;
  stats(): EngineStats;
}

export interface References {
  readonly cidrGroups?: readonly CidrGroup[];
  readonly services?: readonly Service[];
}

export interface EngineStats {
  readonly objects: number;
  readonly endpoints: number;
  readonly labelSets: number;
  readonly classes: number;
  readonly ruleTables: number;
  readonly states: number;
  readonly decisions: number;
  readonly cacheBytes: number;
  readonly hits: number;
  readonly misses: number;
}

export interface EngineOptions extends References {
  readonly profile: Profile;
  /** Cached answers, rounded up to a power of two; 16 bytes each. Default 2^20. */
  readonly maxCached?: number;
  /** Different answers that are kept as objects; beyond, all are forgotten at once. Default 2^17. */
  readonly maxDecisions?: number;
}

export function createEngine(options: EngineOptions): Engine {
  const { profile, maxCached = 2 ** 20, maxDecisions = 2 ** 17 } = options;
  const context = matchContext(profile);
  const vocabulary = createVocabulary();
  const selectors = createSelectors(vocabulary);
  const prefixes = createPrefixes();
  const ports = createPortClasses();
  const fqdns = createFqdnMatchers();
  const labelSets = createLabelSets(vocabulary);
  const classIndex = createClassIndex();
  const classes = createClasses({
    vocabulary,
    labelSets,
    prefixes,
    ports,
    fqdns,
    context,
    onNew: (added) => classIndex.add(added),
  });
  const compiler = createCompiler({ vocabulary, selectors, prefixes, ports, fqdns });
  const versions = createPolicyVersions(profile, compiler);
  const tables = createRuleTables(context);
  const states = createStates(classes, versions, tables);
  const cache = createDecisionCache(maxCached);
  const kept = createKeptDecisions(profile);

  const ids = new Map<string, EndpointId>();
  const ends: End[] = [];
  /** Class per endpoint of the epoch; 0 until it is asked for. */
  let classOf = new Uint32Array(1024);
  let epoch = classes.epoch();
  const endOf = new WeakMap<Endpoint, End>();
  let hits = 0;
  let misses = 0;

  const changed = (policy: CompiledPolicy): void =>
    classIndex.selectedBy(policy, (end) => states.invalidate(end));
  /** New distinctions may part ends that were of one class. */
  const afterChange = (): void => {
    if (classes.epoch() === epoch) return;
    epoch = classes.epoch();
    classOf.fill(0);
  };

  const classify = (id: EndpointId): number => {
    const end = ends[id];
    if (end === undefined) throw new RangeError(`there is no endpoint ${id}`);
    const found = classes.of(end).id;
    classOf[id] = found;
    return found;
  };

  const side = (direction: Direction, from: State, to: State, portClass: number): SideDecision =>
    decideByTable(
      direction === "egress" ? from.table : to.table,
      from.end,
      to.end,
      PROTOCOLS[portClass >>> 16] ?? "TCP",
      portClass & 0xffff,
      context,
    );

  const miss = (fromState: number, toState: number, portClass: number): number => {
    misses++;
    if (kept.count() >= maxDecisions) {
      kept.clear();
      cache.clear();
    }
    const from = states.get(fromState);
    const to = states.get(toState);
    const number = kept.keep(
      side("egress", from, to, portClass),
      side("ingress", from, to, portClass),
    );
    cache.set(fromState, toState, portClass, number);
    return number;
  };

  const judge = (
    from: number,
    to: number,
    protocol: Protocol,
    port: number,
    at?: number,
  ): Decision => {
    const index: number | undefined = PROTOCOL_INDEX[protocol];
    const portClass = index === undefined ? undefined : ports.table[(index << 16) | port];
    if (portClass === undefined || port < 0 || port > 0xffff)
      throw new RangeError(`${protocol} has no port ${port}`);
    const fromState = at === undefined ? states.now(from, "egress") : states.at(from, "egress", at);
    const toState = at === undefined ? states.now(to, "ingress") : states.at(to, "ingress", at);
    const number = cache.get(fromState, toState, portClass);
    if (number === 0) return kept.get(miss(fromState, toState, portClass));
    hits++;
    return kept.get(number);
  };

  const classOfEndpoint = (endpoint: Endpoint): number => {
    let end = endOf.get(endpoint);
    if (end === undefined) {
      end = classes.end(endpoint);
      endOf.set(endpoint, end);
    }
    return classes.of(end).id;
  };

  const setHistory = (key: string, history: readonly PolicyVersion[]): void => {
    versions.set(key, history, changed);
    afterChange();
  };
  const setReferenceHistory = (history: readonly ReferenceVersion[]): void => {
    versions.setReferences(history, changed);
    afterChange();
  };
  const setReferences = ({ cidrGroups = [], services = [] }: References, at?: number): void =>
    setReferenceHistory(withVersion(versions.references(), { cidrGroups, services }, at));
  if (options.cidrGroups !== undefined || options.services !== undefined) setReferences(options);

  return {
    setPolicies: (key, policies, at) =>
      setHistory(key, withVersion(versions.get(key), { policies }, at)),
    removePolicies: (key, at) =>
      setHistory(key, at === undefined ? [] : until(versions.get(key), at)),
    setHistory,
    setReferences,
    setReferenceHistory,
    intern: (endpoint) => {
      const end = classes.end(endpoint);
      const name = classes.nameOf(end);
      let id = ids.get(name);
      if (id === undefined) {
        id = ends.push(end) - 1;
        ids.set(name, id);
        if (id >= classOf.length) {
          const larger = new Uint32Array(classOf.length * 2);
          larger.set(classOf);
          classOf = larger;
        }
      }
      return id;
    },
    decide: ({ from, to, protocol, port }, at) =>
      judge(classOfEndpoint(from), classOfEndpoint(to), protocol, port, at),
    decideInterned: (from, to, protocol, port, at) =>
      judge(classOf[from] || classify(from), classOf[to] || classify(to), protocol, port, at),
    selecting: ({ from, to }, at) => {
      const of = (endpoint: Endpoint, direction: Direction): Policy[] => {
        const end = classes.byId(classOfEndpoint(endpoint));
        const policies =
          at === undefined ? versions.selectingNow(end) : versions.selectingAt(end, at);
        return policies.map(({ policy }) => policy).filter((policy) => mentions(policy, direction));
      };
      return { egress: of(from, "egress"), ingress: of(to, "ingress") };
    },
    stats: () => ({
      objects: versions.count(),
      endpoints: ends.length,
      labelSets: labelSets.count(),
      classes: classes.count(),
      ruleTables: tables.count(),
      states: states.count(),
      decisions: kept.count(),
      cacheBytes: cache.bytes(),
      hits,
      misses,
    }),
  };
}

/** What was known up to `at`. */
function until<V extends { readonly from: number; readonly to: number }>(
  versions: readonly V[],
  at: number,
): V[] {
  return versions
    .filter(({ from }) => from < at)
    .map((version) => (version.to > at ? endedAt(version, at) : version));
}

function endedAt<V extends object>(version: V, to: number): V {
  return { ...version, to };
}

function withVersion<
  T extends object,
  V extends T & { readonly from: number; readonly to: number },
>(versions: readonly V[], value: T, at = Number.NEGATIVE_INFINITY): V[] {
  return [
    ...until(versions, at),
    { ...value, from: at, to: Number.POSITIVE_INFINITY } as unknown as V,
  ];
}

function mentions({ isolates, rules }: Policy, direction: Direction): boolean {
  return isolates[direction] || rules.some((rule) => rule.direction === direction);
}
