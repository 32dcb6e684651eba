import type { CompareAnswer } from "@dropscope/model";
import { useComputed } from "@preact/signals";
import { PageHead } from "../parts/page-head.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { useAgain, useAsked } from "../state/asked.js";
import { serverNow } from "../state/clock.js";
import { filter, range, view } from "../state/nav.js";
import { againstOf, boundsOf } from "../state/view.js";
import { EdgeChanges } from "./edges.js";
import { Reasons } from "./reasons.js";
import { Sides } from "./sides.js";
import { ChangeAxis } from "./axis.js";
import { compareHeadline } from "./words.js";

const REFRESH_MS = 30_000;

/** Two ranges side by side: what is different in the later one, and what changed in between. */
export function ComparePage() {
  const wanted = useComputed(() => JSON.stringify([range.value, view.value.against]));
  const asked = useAsked<CompareAnswer>(
    () => ({
      path: "compare",
      query: { filter: filter.value },
      key: wanted.value,
      ...(range.value.kind === "live" && { every: REFRESH_MS }),
    }),
    () => {
      const bounds = boundsOf(range.peek(), serverNow());
      const shown = { from: Math.floor(bounds.from), to: Math.ceil(bounds.to) };
      const other = againstOf(view.peek().against, shown);
      return {
        since: shown.from,
        until: shown.to,
        ...(other && { withSince: other.from, withUntil: other.to }),
      };
    },
  );
  useAgain(asked.value.again);
  const { answer, failure, loading, again } = asked.value;
  const head = answer && compareHeadline(answer);
  return (
    <div class="place-page compare-page" aria-busy={loading}>
      <PageHead
        title="Compare"
        wrong={head?.wrong === true}
        {...(head && { text: head.text, rest: head.rest, asked: asked.value })}
      />
      <Sides answer={answer} loading={loading} />
      {!answer && (
        <section class="panel pad-top" aria-label="Differences">
          {failure && !loading ? (
            <ErrorBox error={failure} retry={again} />
          ) : (
            <Skeleton rows={8} label="Comparing" />
          )}
        </section>
      )}
      {answer && (
        <>
          <ChangeAxis answer={answer} />
          <div class="compare-grid">
            <EdgeChanges answer={answer} />
            <Reasons answer={answer} />
          </div>
        </>
      )}
    </div>
  );
}
