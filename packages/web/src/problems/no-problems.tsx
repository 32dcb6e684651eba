import type { ProblemsAnswer } from "@dropscope/model";
import { NoFlows } from "../parts/empty-flows.js";
import { WiderRange } from "../parts/empty-flows.js";
import { Empty } from "../parts/states.js";
import { Goto } from "../parts/goto.js";
import { filter, go, range } from "../state/nav.js";
import { coverage, isLive } from "../state/picture.js";

/** Why the list is empty, and what to do next. */
export function NoProblems({ list }: { list: ProblemsAnswer }) {
  // Nothing has ever been stored: then the first step is the answer.
  if (isLive.value && (coverage.value?.lagMs ?? 0) < 0 && list.counts.resolved === 0)
    return (
      <section class="panel first-steps" aria-label="First steps">
        <NoFlows />
      </section>
    );
  const filtered = filter.value !== "";
  return (
    <section class="panel pad-top" aria-label="No problems">
      <Empty
        title={
          filtered
            ? "No problem matches the filter."
            : isLive.value
              ? "Nothing is dropped that anybody has to look at."
              : "Nothing was dropped in this range."
        }
      >
        <p class="dim empty-why">
          {isLive.value
            ? "Every dropped packet is explained and folded into a problem within seconds; the newest comes first."
            : "Problems are kept for as long as drops are."}
        </p>
        <p class="row-of-buttons">
          {filtered && (
            <button type="button" class="button" onClick={() => go({ filter: "" })}>
              Clear the filter
            </button>
          )}
          {!isLive.value && <WiderRange range={range.value} />}
          <Goto to={{ place: "live" }} class="button">
            Watch the flows
          </Goto>
          <Goto to={{ place: "policies" }} class="button">
            Look at the policies
          </Goto>
        </p>
      </Empty>
    </section>
  );
}
