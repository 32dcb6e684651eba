import type { Edge } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count, perSecond } from "../lib/format.js";
import { edgeText } from "../lib/headline.js";
import { edgeFilter, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { now } from "../state/clock.js";
import { flags } from "../state/flags.js";
import { filter, go, range } from "../state/nav.js";
import { isLive, picture, rows } from "../state/picture.js";
import { Empty, Skeleton } from "./states.js";
import { Ago, PeerName } from "./text.js";
import { Verdict } from "./icons.js";
import { WiderRange } from "./empty-flows.js";

type Sort = "count" | "rate" | "firstSeen" | "lastSeen";
const FIRST = 8;
const NEW_MS = 5 * 60_000;

/** Who is denied to whom: the answer to "what, and who is hit?". */
export function EdgesTable() {
  const shown = picture.value;
  const sort = useSignal<Sort>("count");
  const all = useSignal(false);
  const over = useSignal(false);
  const still = useRef<Edge[]>([]);
  const sorted = [...(shown?.edges ?? [])].sort(
    (left, right) => right[sort.value] - left[sort.value],
  );
  // Numbers go on under the pointer, places do not: the row one is about to click must not move away.
  const edges = over.value ? keepOrder(still.current, sorted) : sorted;
  still.current = edges;
  const most = Math.max(1, ...edges.map((edge) => edge.count));
  const visible = all.value ? edges : edges.slice(0, FIRST);
  return (
    <section class="panel edges" aria-label="Top denied edges">
      <div class="panel-head">
        <h2>Denied edges</h2>
        <span class="dim panel-note">
          {shown && edges.length > 0 ? "who was denied to whom; a row filters the page" : ""}
        </span>
        {edges.length > FIRST && (
          <button type="button" class="link" onClick={() => (all.value = !all.value)}>
            {all.value ? `Show ${FIRST}` : `Show all ${count(edges.length)}`}
          </button>
        )}
      </div>
      {!shown && <Skeleton rows={5} label="Loading denied edges" />}
      {shown && edges.length === 0 && <NoEdges />}
      {edges.length > 0 && (
        <table
          class="table edge-table"
          onPointerEnter={(event) => {
            over.value = event.pointerType !== "touch";
          }}
          onPointerLeave={() => {
            over.value = false;
          }}
        >
          <thead>
            <tr>
              <th scope="col">Source → destination</th>
              <th scope="col">Port</th>
              <th scope="col">Reason</th>
              <Head sort={sort} by="rate" text="Rate" hint="Over the last minute of the range" />
              <Head sort={sort} by="count" text="Drops" />
              <Head sort={sort} by="firstSeen" text="First seen" />
              <Head sort={sort} by="lastSeen" text="Last seen" />
            </tr>
          </thead>
          <tbody>
            {visible.map((edge) => (
              <Row edge={edge} most={most} key={edge.id} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function keepOrder(before: readonly Edge[], after: readonly Edge[]): Edge[] {
  const fresh = new Map(after.map((edge) => [edge.id, edge]));
  const kept: Edge[] = [];
  for (const edge of before) {
    kept.push(fresh.get(edge.id) ?? edge);
    fresh.delete(edge.id);
  }
  return [...kept, ...fresh.values()];
}

function Head(props: { sort: { value: Sort }; by: Sort; text: string; hint?: string }) {
  const on = props.sort.value === props.by;
  return (
    <th scope="col" class="right" aria-sort={on ? "descending" : "none"}>
      <button
        type="button"
        class={on ? "sort on" : "sort"}
        title={props.hint}
        onClick={() => (props.sort.value = props.by)}
      >
        {props.text}
        <span aria-hidden="true">{on ? " ↓" : ""}</span>
      </button>
    </th>
  );
}

function Row({ edge, most }: { edge: Edge; most: number }) {
  const fresh = isLive.value && now.value - edge.firstSeen < NEW_MS;
  return (
    <tr>
      <td class="cell-edge" data-label="">
        <button
          type="button"
          class="row-link"
          aria-label={`Show only ${edgeText(edge)}`}
          onClick={() => go({ filter: edgeFilter(edge, flags.peek()) })}
        >
          <Verdict name={edge.verdict} bare />
          <PeerName peer={edge.source} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <PeerName peer={edge.destination} />
          {fresh && <span class="tag">new</span>}
        </button>
      </td>
      <td class="mono num cell-port" data-label="Port">
        {portText(edge.port, safe(edge.protocol, 12)) || "–"}
      </td>
      <td class="cell-reason" data-label="Reason" title={safe(edge.reason, 80)}>
        {safe(reasonTitle(edge.reason), 60)}
        {edge.direction !== "" && edge.direction !== "TRAFFIC_DIRECTION_UNKNOWN" && (
          <span class="dim"> {safe(edge.direction.toLowerCase(), 20)}</span>
        )}
      </td>
      <td class="right num" data-label="Rate">
        <span class={edge.rate > 0 ? "" : "dim"}>{perSecond(edge.rate)}</span>
      </td>
      <td class="right num cell-count" data-label="Drops">
        <span class="meter" aria-hidden="true" style={{ "--part": String(edge.count / most) }} />
        <span class="strong">{count(edge.count)}</span>
      </td>
      <td class="right cell-first" data-label="First seen">
        <Ago at={edge.firstSeen} />
      </td>
      <td class="right" data-label="Last seen">
        <Ago at={edge.lastSeen} />
      </td>
    </tr>
  );
}

function NoEdges() {
  const filtered = filter.value !== "";
  return (
    <Empty title={filtered ? "Nothing that matches the filter was denied." : "Nothing was denied."}>
      {/* Without any flow the list below says what to do; twice is not better. */}
      {rows.value.length > 0 && (
        <p class="row-of-buttons">
          {filtered && (
            <button type="button" class="button" onClick={() => go({ filter: "" })}>
              Clear the filter
            </button>
          )}
          <WiderRange range={range.value} />
        </p>
      )}
    </Empty>
  );
}
