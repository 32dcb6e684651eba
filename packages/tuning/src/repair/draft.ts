import {
  applyOperations,
  type Connection,
  type DecisionExplanation,
  explain,
  type MatchContext,
  parseManifests,
  type PatchOperation,
  type Policy,
  type SourceObject,
} from "@dropscope/policy";
import type { Values } from "./allow.js";
import { type Candidate, nameOf, type PolicyId } from "./candidate.js";

/** Policies with some edits made. Immutable. */
export interface Draft {
  /** All of the cluster. */
  readonly policies: readonly Policy[];
  /** In the order in which they were made. */
  readonly edits: readonly Candidate[];
  /** By `nameOf`. */
  readonly changed: ReadonlyMap<string, ChangedObject>;
}

export interface ChangedObject {
  readonly policy: PolicyId;
  /** All edits of it; of a new object none. */
  readonly operations: readonly PatchOperation[];
  /** Undefined for a new object. */
  readonly source: SourceObject | undefined;
  /** What it now says. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly before: readonly Policy[];
  readonly after: readonly Policy[];
}

/** Makes edits and judges by what they come to. Texts are not written here. */
export interface Drafting {
  readonly start: Draft;
  /** Undefined when the edit cannot be made, or what it makes would be refused. */
  apply(draft: Draft, candidate: Candidate): Draft | undefined;
  judge(draft: Draft): DecisionExplanation;
  valuesOf(draft: Draft): Values;
  /** Policies that may have a say: of the namespaces of both ends, and of the cluster. */
  relevant(draft: Draft): readonly Policy[];
}

export function createDrafting(asked: {
  readonly connection: Connection;
  readonly policies: readonly Policy[];
  readonly sources: ReadonlyMap<string, SourceObject>;
  readonly context: MatchContext;
}): Drafting {
  const { connection, policies, sources, context } = asked;
  const { cluster } = context.profile;
  const namespaces = new Set(["", connection.from.namespace, connection.to.namespace]);
  const relevant = (draft: Draft): Policy[] =>
    draft.policies.filter(({ namespace }) => namespaces.has(namespace));

  /** What is written is read as any manifest is, so that what the API server would refuse is no edit. */
  const read = (value: unknown, { namespace, name }: PolicyId): readonly Policy[] | undefined => {
    const text = JSON.stringify(value);
    const options = { cluster, ...(namespace === "" ? {} : { namespace }) };
    const parsed = parseManifests(text, `${name}.yaml`, options);
    const isWrong = parsed.problems.some(({ severity }) => severity === "error");
    return isWrong || parsed.policies.length === 0 ? undefined : parsed.policies;
  };

  const changeOf = (draft: Draft, candidate: Candidate): ChangedObject | undefined => {
    const { policy, operations = [], object } = candidate;
    const key = nameOf(policy);
    const before = draft.changed.get(key);
    if (object !== undefined) {
      if (before !== undefined || sources.has(key)) return undefined;
      const after = read(object, policy);
      return (
        after && { policy, operations: [], source: undefined, value: object, before: [], after }
      );
    }
    const source = sources.get(key);
    if (source === undefined) return undefined;
    const all = [...(before?.operations ?? []), ...operations];
    const wanted = applyOperations(source.value, all);
    const after = wanted && read(wanted.value, policy);
    if (after === undefined) return undefined;
    return {
      policy,
      operations: all,
      source,
      value: wanted?.value as Readonly<Record<string, unknown>>,
      before: before?.before ?? policies.filter((one) => nameOf(one) === key),
      after,
    };
  };

  return {
    start: { policies, edits: [], changed: new Map() },
    relevant,
    apply(draft, candidate) {
      const change = changeOf(draft, candidate);
      if (change === undefined) return undefined;
      const key = nameOf(candidate.policy);
      return {
        policies: [...draft.policies.filter((one) => nameOf(one) !== key), ...change.after],
        edits: [...draft.edits, candidate],
        changed: new Map([...draft.changed, [key, change]]),
      };
    },
    judge: (draft) => explain(connection, relevant(draft), context),
    valuesOf: (draft) => (policy) =>
      (draft.changed.get(nameOf(policy)) ?? sources.get(nameOf(policy)))?.value,
  };
}
