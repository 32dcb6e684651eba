/** A question about the range and the filter of the page, asked again while the range is live. */
import type { ReadonlySignal } from "@preact/signals";
import { type Asked, useAgain, useAsked } from "./asked.js";
import { serverNow } from "./clock.js";
import { filter, range } from "./nav.js";
import { boundsOf } from "./view.js";

/** `everyMs` while live. The answer is for the bounds at the time of asking. */
export function useRanged<Answer>(
  path: string,
  everyMs: number,
  filtered = true,
): ReadonlySignal<Asked<Answer>> {
  const asked = useAsked<Answer>(
    () => ({
      path,
      query: { ...(filtered && { filter: filter.value }) },
      key: JSON.stringify(range.value),
      ...(range.value.kind === "live" && { every: everyMs }),
    }),
    () => {
      const { from, to } = boundsOf(range.peek(), serverNow());
      return { from: Math.floor(from), to: Math.ceil(to) };
    },
  );
  useAgain(asked.value.again);
  return asked;
}
