import type { Problem, ProblemState } from "@dropscope/model";

/** How much a state alone says that somebody should look. */
const STATES: Readonly<Record<ProblemState, number>> = { new: 4, back: 3, ongoing: 0, resolved: 0 };

/**
 * What matters now comes first: what is going on before what is over; there, what is new, hits
 * many or is frequent. Frequency counts by its order of size: ten times as many drops are a
 * step, not a landslide. What audit mode let through waits behind what was really dropped.
 */
export function byImportance(a: Problem, b: Problem): number {
  const over = Number(a.state === "resolved") - Number(b.state === "resolved");
  if (over !== 0) return over;
  const weight = a.state === "resolved" ? 0 : importance(b) - importance(a);
  return weight || compare(b.lastSeen, a.lastSeen) || compare(a.id, b.id);
}

function importance(problem: Problem): number {
  const { state, rate, podCount, peerCount, explanation, outcome } = problem;
  return (
    STATES[state] +
    Math.log2(1 + rate) +
    Math.log2(1 + podCount) +
    Math.log2(1 + peerCount) / 2 -
    (explanation.audited ? 6 : 0) -
    // Nobody can change a policy against these, and many are harmless.
    (outcome === "not-policy" ? 3 : 0)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
