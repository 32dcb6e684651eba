import type { FlowDetail, FlowRow } from "@dropscope/model";
import { useEffect, useRef } from "preact/hooks";
import { ago, clockMillis, exact, nsToMs } from "../lib/format.js";
import { flowFilter, peerText, portText } from "../lib/peer.js";
import { safe, safeBlock } from "../lib/safe.js";
import { reasonTitle, verdictWord } from "../lib/words.js";
import { now, serverNow } from "../state/clock.js";
import { detail, retryDetail } from "../state/detail.js";
import { flags } from "../state/flags.js";
import { go, linkTo, openFlow, view } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { copy } from "../state/toast.js";
import { DrawerFacts } from "./drawer-facts.js";
import { DrawerEndpoint } from "./drawer-endpoint.js";
import { DrawerExplained } from "./drawer-explained.js";
import { DrawerWhy } from "./drawer-why.js";
import { Icon, Verdict } from "./icons.js";
import { ErrorBox, Skeleton } from "./states.js";
import { Path, serverPort } from "./text.js";

export function closeDrawer(): void {
  go({ flow: "" });
  // Back to the list, or to the page where there is none: never to nowhere.
  document.querySelector<HTMLElement>(".grid-body, #main:not(:has(.grid-body))")?.focus();
}

/** Everything known about one flow, beside the page that it explains. */
export function Drawer() {
  const heading = useRef<HTMLHeadingElement>(null);
  const isOpen = openFlow.value !== "";
  useEffect(() => {
    if (isOpen) heading.current?.focus();
  }, [isOpen]);
  if (!isOpen) return null;
  const state = detail.value;
  const shown =
    state.state === "shown" ? state.detail : state.state === "loading" ? state.before : undefined;
  return (
    <aside class="drawer" aria-labelledby="drawer-title" aria-busy={state.state === "loading"}>
      <div class="drawer-head">
        <h2 id="drawer-title" ref={heading} tabIndex={-1}>
          {shown ? <Title row={shown.row} /> : "Flow"}
        </h2>
        <button
          type="button"
          class="button square"
          aria-label="Copy link to this flow"
          title="Copy link to this flow"
          onClick={() => void copy(linkTo(view.peek(), serverNow()), "Link")}
        >
          <Icon name="link" />
        </button>
        <button
          type="button"
          class="button square"
          aria-label="Close (Esc)"
          title="Close (Esc)"
          onClick={closeDrawer}
        >
          <Icon name="close" />
        </button>
      </div>
      <div class={state.state === "loading" ? "drawer-body old" : "drawer-body"}>
        {state.state === "failed" && <ErrorBox error={state.error} retry={retryDetail} />}
        {state.state === "loading" && !shown && <Skeleton rows={9} label="Loading the flow" />}
        {shown && <Body found={shown} />}
      </div>
    </aside>
  );
}

function Title({ row }: { row: FlowRow }) {
  return (
    <>
      <Verdict name={row.verdict} />
      {row.reason !== "" && <span class="drawer-reason">{safe(reasonTitle(row.reason), 80)}</span>}
    </>
  );
}

function Body({ found }: { found: FlowDetail }) {
  const { flow, row } = found;
  const ms = nsToMs(row.timeNs);
  const json = JSON.stringify(flow, null, 2);
  return (
    <>
      <p class="drawer-path">
        <Path row={row} />
        <span class="mono num">{portText(serverPort(row), safe(row.protocol, 12))}</span>
      </p>
      <p class="dim num">
        {exact(row.timeNs, utc.value)}
        {!Number.isNaN(ms) && <> · {ago(ms, now.value)}</>}
      </p>
      <p class="row-of-buttons">
        <button
          type="button"
          class="button"
          onClick={() => go({ filter: flowFilter(row, flags.peek()) })}
          title="Filter the page to traffic between these two"
        >
          <Icon name="filter" size={14} /> Only this pair
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void copy(`hubble observe ${flowFilter(row, flags.peek())}`, "Command")}
          title="The same filter for the hubble command line"
        >
          <Icon name="copy" size={14} /> hubble observe
        </button>
      </p>
      <DrawerExplained found={found} />
      <DrawerWhy found={found} />
      <DrawerFacts found={found} />
      <div class="ends">
        <DrawerEndpoint
          title="Source"
          endpoint={flow.source}
          address={row.sourceIp}
          port={row.sourcePort}
          names={flow.source_names}
          service={flow.source_service}
          at={ms}
        />
        <DrawerEndpoint
          title="Destination"
          endpoint={flow.destination}
          address={row.destinationIp}
          port={row.destinationPort}
          names={flow.destination_names}
          service={flow.destination_service}
          at={ms}
        />
      </div>
      <Related rows={found.related} base={ms} />
      <details class="block">
        <summary>
          <h3>Raw JSON</h3>
        </summary>
        <button type="button" class="button" onClick={() => void copy(json, "JSON")}>
          <Icon name="copy" size={14} /> Copy JSON
        </button>
        <pre class="json" tabIndex={0}>
          {safeBlock(json)}
        </pre>
      </details>
    </>
  );
}

/** Other events of the same packet or connection, with how far away they are. */
function Related({ rows, base }: { rows: readonly FlowRow[]; base: number }) {
  if (rows.length === 0) return null;
  return (
    <section class="block" aria-label="Related events">
      <h3>Around it</h3>
      <ul class="related">
        {rows.map((row) => {
          const ms = nsToMs(row.timeNs);
          const off = ms - base;
          return (
            <li key={row.uuid}>
              <button
                type="button"
                class="related-row"
                onClick={() => go({ flow: row.uuid })}
                aria-label={`Open ${safe(verdictWord(row.verdict), 40)} ${peerText(row.source)} to ${peerText(row.destination)}`}
              >
                <span class="mono num dim" title={clockMillis(ms, utc.value)}>
                  {off === 0 ? "same" : `${off > 0 ? "+" : "−"}${Math.abs(off)} ms`}
                </span>
                <Verdict name={row.verdict} />
                <span class="related-event">{safe(row.event || row.type, 60)}</span>
                <span class="dim related-node">{safe(row.summary, 120)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
