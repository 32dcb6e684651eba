import type { Flow } from "@dropscope/model";
import {
  type Connection,
  type Direction,
  isDenial,
  type L7List,
  l7ListsOf,
  type MatchContext,
  type SideExplanation,
} from "@dropscope/policy";
import { allowCandidates } from "./allow.js";
import { type Candidate, nameOf } from "./candidate.js";
import { exceptCandidates } from "./deny.js";
import type { Draft, Drafting } from "./draft.js";
import type { CountedEnd } from "./ends.js";
import { l7Candidates } from "./l7.js";
import type { Naming } from "./naming.js";
import { newPolicyCandidates } from "./new-policy.js";
import { selectorCandidates } from "./selector.js";

export interface SearchAsked {
  readonly connection: Connection;
  /** A request that the proxy refused; undefined where packets were dropped. */
  readonly request: Flow | undefined;
  readonly drafting: Drafting;
  readonly ends: readonly CountedEnd[];
  readonly naming: Naming;
  readonly context: MatchContext;
}

export interface Search {
  passes(side: SideExplanation): boolean;
  /** Every way that was found to let the connection pass at one end, beside what the draft says already. */
  solutions(draft: Draft, direction: Direction): Draft[];
  candidates(draft: Draft, direction: Direction): Candidate[];
}

/** Edits of one end that are evaluated; a rule that many policies nearly have makes more. */
const MOST_TRIED = 64;
/** Exceptions and allowances that it takes together, at most. */
const MOST_STEPS = 4;

export function createSearch(asked: SearchAsked): Search {
  const { connection, request, drafting, ends, naming, context } = asked;

  const listsOf = (side: SideExplanation): L7List[] =>
    request === undefined ? [] : l7ListsOf(side, connection, request);
  const passes = (side: SideExplanation): boolean => {
    if (isDenial(side.outcome)) return false;
    const lists = listsOf(side);
    // Without a list the proxy has no say.
    return lists.length === 0 || lists.some(({ answer }) => answer.passes === "yes");
  };

  const candidates = (draft: Draft, direction: Direction): Candidate[] => {
    const side = drafting.judge(draft)[direction];
    const values = drafting.valuesOf(draft);
    if (passes(side)) return [];
    if (!isDenial(side.outcome))
      return request === undefined ? [] : l7Candidates(listsOf(side), request, values);
    if (side.by.length > 0) return exceptCandidates({ side, values, context, ends, naming });
    const policies = drafting.relevant(draft);
    const taken = new Set(policies.map(nameOf));
    return [
      ...selectorCandidates({ side, connection, policies, values, ends, context }),
      ...allowCandidates(side, connection, values, naming),
      ...newPolicyCandidates(side, connection, naming, (kind, namespace, name) =>
        taken.has(`${kind}/${namespace}/${name}`),
      ),
    ].sort((a, b) => a.order - b.order);
  };

  const solutions = (draft: Draft, direction: Direction, steps = MOST_STEPS): Draft[] => {
    const before = drafting.judge(draft)[direction];
    if (passes(before)) return [draft];
    if (steps === 0) return [];
    return candidates(draft, direction)
      .slice(0, MOST_TRIED)
      .flatMap((candidate) => {
        const next = drafting.apply(draft, candidate);
        if (next === undefined) return [];
        const after = drafting.judge(next)[direction];
        if (passes(after)) return [next];
        // Out of reach of one deny rule, others may deny it still, or nothing allows it: that takes another edit.
        const isStep = before.by.length > 0 && after.by.length < before.by.length;
        return isStep ? solutions(next, direction, steps - 1) : [];
      });
  };
  return { passes, solutions, candidates };
}
