import { link, ready, trouble } from "../state/live.js";
import { loading } from "../state/history.js";
import { coverage, isLive, picture, rows } from "../state/picture.js";
import { failure, refresh } from "../state/history.js";
import { DropsPanel } from "./drops-panel.js";
import { EdgesTable } from "./edges-table.js";
import { NoFlows } from "./empty-flows.js";
import { FlowTable } from "./flow-table.js";
import { Headline } from "./headline.js";
import { ErrorBox } from "./states.js";
import { VerdictMix } from "./verdict-mix.js";

/** Live and past are one page: in order, is something wrong, what and who, and the evidence. */
export function Overview() {
  const old = isLive.value
    ? link.value.state === "lost" || trouble.value !== undefined
    : loading.value;
  // Nothing to show and a reason for it: one message instead of four empty panels.
  if (!isLive.value && failure.value && !picture.value && !loading.value) {
    return (
      <div class="overview">
        <ErrorBox error={failure.value} retry={refresh} />
      </div>
    );
  }
  // Nothing has ever been stored: four empty panels would say less than one.
  if (isLive.value && ready.value && (coverage.value?.lagMs ?? 0) < 0 && rows.value.length === 0) {
    return (
      <div class="overview">
        <Headline />
        <section class="panel first-steps" aria-label="First steps">
          <NoFlows />
        </section>
      </div>
    );
  }
  return (
    <div class={old && picture.value ? "overview old" : "overview"} aria-busy={!picture.value}>
      <Headline />
      <div class="overview-top">
        <DropsPanel />
        <VerdictMix />
      </div>
      <EdgesTable />
      <FlowTable />
    </div>
  );
}
