import { link } from "../state/live.js";
import { loading } from "../state/history.js";
import { isLive, picture } from "../state/picture.js";
import { failure, refresh } from "../state/history.js";
import { DropsPanel } from "./drops-panel.js";
import { EdgesTable } from "./edges-table.js";
import { FlowTable } from "./flow-table.js";
import { Headline } from "./headline.js";
import { ErrorBox } from "./states.js";
import { VerdictMix } from "./verdict-mix.js";

/** Live and past are one page: in order, is something wrong, what and who, and the evidence. */
export function Overview() {
  const old = isLive.value ? link.value.state === "lost" : loading.value;
  // Nothing to show and a reason for it: one message instead of four empty panels.
  if (!isLive.value && failure.value && !picture.value && !loading.value) {
    return (
      <div class="overview">
        <ErrorBox error={failure.value} retry={refresh} />
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
