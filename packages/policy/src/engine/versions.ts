import { matchContext, type MatchContext } from "../match/context.js";
import type { CidrGroup, Service } from "../objects.js";
import type { Policy } from "../policy.js";
import type { Profile } from "../profile.js";
import type { EndpointClass } from "./classes.js";
import { hasReferences, type CompiledPolicy, type Compiler } from "./compile.js";
import { createPolicyIndex } from "./subject-index.js";

/** From the first moment to before the second, in ms since 1970; fractions count, ±Infinity is no bound. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

/** What one object said over time: the policies that its versions compile to. */
export interface PolicyVersion extends Validity {
  readonly policies: readonly Policy[];
}

/** What policies refer to, over time. */
export interface ReferenceVersion extends Validity {
  readonly cidrGroups: readonly CidrGroup[];
  readonly services: readonly Service[];
}

/** Which policies are in force when. */
export interface PolicyVersions {
  /** Everything that the object `key` ever said; an empty list forgets it. Calls back for every policy whose validity changed. */
  set(
    key: string,
    versions: readonly PolicyVersion[],
    changed: (policy: CompiledPolicy) => void,
  ): void;
  get(key: string): readonly PolicyVersion[];
  setReferences(
    versions: readonly ReferenceVersion[],
    changed: (policy: CompiledPolicy) => void,
  ): void;
  references(): readonly ReferenceVersion[];
  /** By the latest versions, ascending by id. */
  selectingNow(end: EndpointClass): CompiledPolicy[];
  /** By the versions of a moment, ascending by id. */
  selectingAt(end: EndpointClass, time: number): CompiledPolicy[];
  /** Moments at which it changes which policies select the class, in no order, ±∞ among them. */
  momentsOf(end: EndpointClass): number[];
  /** Objects that have a version. */
  count(): number;
}

interface Effective extends Validity {
  readonly policy: CompiledPolicy;
}

interface Source {
  readonly versions: readonly PolicyVersion[];
  readonly effective: readonly Effective[];
  readonly hasReferences: boolean;
}

export function createPolicyVersions(profile: Profile, compiler: Compiler): PolicyVersions {
  const sources = new Map<string, Source>();
  const now = createPolicyIndex();
  const ever = createPolicyIndex();
  const validities = new Map<CompiledPolicy, Effective[]>();
  let references: readonly ReferenceVersion[] = [];
  let contexts: (Validity & { context: MatchContext })[] = [];

  const compileVersion = (version: PolicyVersion): Effective[] =>
    version.policies.flatMap((policy) => {
      const parts = contexts.flatMap(({ from, to, context }) => {
        const part = { from: Math.max(from, version.from), to: Math.min(to, version.to) };
        return part.from < part.to ? [{ ...part, policy: compiler.compile(policy, context) }] : [];
      });
      return joined(parts);
    });

  const apply = (
    before: readonly Effective[],
    after: readonly Effective[],
    changed: (policy: CompiledPolicy) => void,
  ): void => {
    const touched = new Set([...difference(before, after), ...difference(after, before)]);
    for (const policy of touched) {
      const gone = new Set(before);
      const validity = [
        ...(validities.get(policy) ?? []).filter((part) => !gone.has(part)),
        ...after.filter((part) => part.policy === policy),
      ];
      if (validity.length > 0) {
        validities.set(policy, validity);
        ever.add(policy);
      } else {
        validities.delete(policy);
        ever.remove(policy);
      }
      if (validity.some(({ to }) => to === Number.POSITIVE_INFINITY)) now.add(policy);
      else now.remove(policy);
    }
    for (const policy of touched) changed(policy);
  };

  const setContexts = (): void => {
    contexts = withoutGaps(references).map(({ from, to, ...objects }) => ({
      from,
      to,
      context: matchContext(profile, objects),
    }));
  };
  setContexts();

  const replace = (
    key: string,
    versions: readonly PolicyVersion[],
    changed: (policy: CompiledPolicy) => void,
  ): void => {
    const before = sources.get(key)?.effective ?? [];
    const kept = new Map(before.map((part) => [nameOf(part), part]));
    const effective = versions
      .flatMap(compileVersion)
      .map((part) => kept.get(nameOf(part)) ?? part);
    if (versions.length === 0) sources.delete(key);
    else
      sources.set(key, {
        versions,
        effective,
        hasReferences: versions.some(({ policies }) => policies.some(hasReferences)),
      });
    apply(before, effective, changed);
  };

  return {
    set: replace,
    get: (key) => sources.get(key)?.versions ?? [],
    setReferences: (versions, changed) => {
      references = versions;
      setContexts();
      for (const [key, source] of sources)
        if (source.hasReferences) replace(key, source.versions, changed);
    },
    references: () => references,
    selectingNow: (end) => now.selecting(end),
    selectingAt: (end, time) =>
      ever
        .selecting(end)
        .filter((policy) =>
          (validities.get(policy) ?? []).some(({ from, to }) => from <= time && time < to),
        ),
    momentsOf: (end) =>
      ever
        .selecting(end)
        .flatMap((policy) => validities.get(policy) ?? [])
        .flatMap(({ from, to }) => [from, to]),
    count: () => sources.size,
  };
}

function nameOf({ policy, from, to }: Effective): string {
  return `${policy.id} ${from} ${to}`;
}

/** Policies of the parts that the other list lacks. */
function difference(parts: readonly Effective[], others: readonly Effective[]): CompiledPolicy[] {
  const known = new Set(others);
  return parts.filter((part) => !known.has(part)).map(({ policy }) => policy);
}

/** Neighbouring parts that mean the same are one. */
function joined(parts: readonly Effective[]): Effective[] {
  const result: Effective[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (last !== undefined && last.policy === part.policy && last.to === part.from)
      result[result.length - 1] = { ...last, to: part.to };
    else result.push(part);
  }
  return result;
}

/** While nothing is known of the references there are none. */
function withoutGaps(versions: readonly ReferenceVersion[]): ReferenceVersion[] {
  const all: ReferenceVersion[] = [];
  let known = Number.NEGATIVE_INFINITY;
  for (const version of [...versions].sort((a, b) => a.from - b.from)) {
    if (version.from > known)
      all.push({ from: known, to: version.from, cidrGroups: [], services: [] });
    all.push(version);
    known = version.to;
  }
  if (known < Number.POSITIVE_INFINITY)
    all.push({ from: known, to: Number.POSITIVE_INFINITY, cidrGroups: [], services: [] });
  return all;
}
