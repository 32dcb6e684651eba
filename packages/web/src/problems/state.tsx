import type { ProblemState } from "@dropscope/model";
import { STATE_HINTS, STATE_WORDS } from "./words.js";

const SHAPES: Record<ProblemState, string> = {
  new: "M6 1.8v8.4M1.800 6h8.4",
  back: "M2 6a4 4 0 1 0 1.4-3M3.200 1.200v2.300h2.300",
  ongoing: "M1.500 6h9M8 3.500L10.500 6 8 8.500",
  resolved: "M2 6.300l2.700 2.700L10 3.500",
};

/** A shape and a word; colour is for verdicts. */
export function State({ state }: { state: ProblemState }) {
  return (
    <span class={`state is-${state}`} title={STATE_HINTS[state]}>
      <svg class="mark" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d={SHAPES[state]} />
      </svg>
      {STATE_WORDS[state]}
    </span>
  );
}
