import type { ReadinessAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { safe } from "../lib/safe.js";
import { NoFlows } from "../parts/empty-flows.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, Skeleton } from "../parts/states.js";
import { useAsked } from "../state/asked.js";
import { item } from "../state/nav.js";
import { useNamespaces } from "./controls.js";
import { PolicyEdit } from "./policy-edit.js";
import { Proposal } from "./proposal.js";
import { scope, trafficItem } from "./scope.js";
import { Stage } from "./stage.js";
import { TuningTabs } from "./tabs.js";
import { useSpan } from "./use-span.js";
import type { Span } from "./use-span.js";
import type { ReadonlySignal } from "@preact/signals";

/** From the traffic that was seen to policies that allow it, tried out before they are applied. */
export function TuningPage() {
  const about = scope.value;
  const span = useSpan();
  return (
    <div class="place-page tuning-page">
      <TuningTabs namespace={about.what === "none" ? "" : about.namespace} />
      {about.what === "none" && <PickNamespace span={span} />}
      {about.what === "traffic" && (
        <Proposal
          namespace={about.namespace}
          workload={about.workload}
          span={span}
          key={item.value}
        />
      )}
      {about.what === "policy" && <PolicyEdit policy={about.policy} span={span} key={item.value} />}
    </div>
  );
}

/** Where to begin: the namespaces that were seen, with how far each is where that is known. */
function PickNamespace({ span }: { span: ReadonlySignal<Span> }) {
  const names = useNamespaces();
  const text = useSignal("");
  // A help, not a duty: the names alone are enough to begin.
  const asked = useAsked<ReadinessAnswer>(() => ({
    path: "tuning/readiness",
    query: { ...span.value },
  }));
  const known = new Map(
    (asked.value.answer?.namespaces ?? []).map((each) => [each.namespace, each]),
  );
  const all = names && [...new Set([...names, ...known.keys()])];
  const found = all?.filter((name) => name.includes(text.value.trim().toLowerCase()));
  return (
    <>
      <PageHead
        title="Tuning"
        text="Policies from the traffic that was seen"
        rest="pick a namespace; nothing is applied"
      />
      <section class="panel pick" aria-label="Namespaces">
        <div class="panel-head list-tools">
          <label class="find">
            <Icon name="filter" size={14} />
            <span class="sr">Find a namespace</span>
            <input
              type="search"
              placeholder="Find a namespace"
              value={text.value}
              spellcheck={false}
              data-find
              onInput={(event) => (text.value = event.currentTarget.value)}
            />
          </label>
        </div>
        {!found && <Skeleton rows={6} label="Loading namespaces" />}
        {found && all?.length === 0 && <NoFlows />}
        {found && found.length === 0 && all?.length !== 0 && (
          <Empty title="No namespace matches." />
        )}
        <ul class="pick-list">
          {(found ?? []).map((name) => {
            const ready = known.get(name);
            return (
              <li key={name}>
                <Goto to={{ place: "tuning", item: trafficItem(name) }} class="row-link">
                  <span class="mono strong">{safe(name, 253)}</span>
                  {ready && <Stage stage={ready.stage} />}
                  {ready && <span class="dim pick-says">{safe(ready.says, 400)}</span>}
                </Goto>
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}
