import type { FlowRow } from "@dropscope/model";
import { computed, signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clockMillis, count, exact, nsToMs, stamp } from "../lib/format.js";
import { portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { addressOf } from "../state/api.js";
import { now } from "../state/clock.js";
import {
  rowsFailure,
  loading,
  past,
  loadMore,
  MOST_ROWS,
  pastRows,
  refresh,
  rowsEnd,
} from "../state/history.js";
import { feed, feedTick, followNewest, held, hold, leftOut, paused, ready } from "../state/live.js";
import { filter, openFlow, go } from "../state/nav.js";
import { isLive, rows } from "../state/picture.js";
import { density, utc } from "../state/settings.js";
import { NoFlows } from "./empty-flows.js";
import { Icon, Verdict } from "./icons.js";
import { ErrorBox, Skeleton } from "./states.js";
import { Path, serverPort } from "./text.js";

const narrow = matchMedia("(max-width: 700px)");
const cards = signal(narrow.matches);
narrow.addEventListener("change", (event) => {
  cards.value = event.matches;
});

/** Height of a row in px; the style sheet has the same numbers. */
const rowHeight = computed(() => (cards.value ? 76 : density.value === "compact" ? 30 : 38));
const OVERSCAN = 6;

/** uuid of the row that the keyboard is on. */
export const cursor = signal("");
const scroller = signal<HTMLElement | null>(null);

/** Moves the row cursor by `step` and keeps it in view. With the drawer open, the drawer follows. */
export function moveCursor(step: number): void {
  const list = rows.peek();
  if (list.length === 0) return;
  // After a link opened the drawer there is no cursor yet: the open flow is where one stands.
  const from = cursor.peek() || openFlow.peek();
  const at = list.findIndex((row) => row.uuid === from);
  const box = scroller.peek();
  const first = Math.ceil((box?.scrollTop ?? 0) / rowHeight.peek());
  const next =
    at < 0 ? Math.min(first, list.length - 1) : Math.max(0, Math.min(list.length - 1, at + step));
  const row = list[next];
  if (!row) return;
  hold("cursor", true);
  cursor.value = row.uuid;
  if (openFlow.peek() !== "") go({ flow: row.uuid }, "replace");
  if (!box) return;
  const top = next * rowHeight.peek();
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight.peek() > box.scrollTop + box.clientHeight) {
    box.scrollTop = top + rowHeight.peek() - box.clientHeight;
  }
}

export function openCursor(): void {
  if (cursor.peek() !== "") go({ flow: cursor.peek() });
}

/** Back to the newest row, standing still for nothing. */
export function toNewest(): void {
  cursor.value = "";
  const box = scroller.peek();
  if (box) box.scrollTop = 0;
  followNewest();
}

export function FlowTable() {
  const list = rows.value;
  const live = isLive.value;
  const loadingNow = live ? !ready.value : loading.value && list.length === 0;
  return (
    <section class="panel flows" aria-label="Flows">
      <div class="panel-head">
        <h2>Flows</h2>
        <span class="dim panel-note num">
          {!loadingNow && list.length > 0 && (live ? <LiveNote /> : <PastNote />)}
        </span>
        {live ? <LiveButtons /> : <PastButtons />}
      </div>
      {loadingNow && <Skeleton rows={8} label="Loading flows" />}
      {!live && rowsFailure.value && !loading.value && (
        <ErrorBox error={rowsFailure.value} retry={refresh} />
      )}
      {!loadingNow && list.length === 0 && (live || !rowsFailure.value) && <NoFlows />}
      {!loadingNow && list.length > 0 && <Rows list={list} live={live} />}
    </section>
  );
}

function LiveNote() {
  const partly = now.value - leftOut.value < 3000;
  return (
    <>newest on top{partly ? "; too many to list them all, the counts above are complete" : ""}</>
  );
}

function PastNote() {
  const shown = pastRows.value.length;
  if (!rowsEnd.value) return <>newest on top, {count(shown)} loaded, more below</>;
  return (
    <>
      newest on top,{" "}
      {shown >= MOST_ROWS
        ? `the first ${count(MOST_ROWS)}; a filter or a shorter range shows the rest`
        : `all ${count(shown)}`}
    </>
  );
}

function LiveButtons() {
  void feedTick.value;
  const waiting = feed.waiting;
  return (
    <span class="panel-actions">
      {held.value && waiting > 0 && (
        <button type="button" class="button newest" onClick={toNewest}>
          <Icon name="up" size={14} /> <span class="num">{count(waiting)} waiting</span>
        </button>
      )}
      <button
        type="button"
        class={paused.value ? "button on" : "button"}
        aria-pressed={paused.value}
        title={paused.value ? "Go on (p)" : "Pause (p)"}
        onClick={() => hold("pause", !paused.peek())}
      >
        <Icon name={paused.value ? "play" : "pause"} size={14} />{" "}
        {paused.value ? "Paused" : "Pause"}
      </button>
    </span>
  );
}

/** All flows of the range, not only those that are listed. */
const SAVE = "Save the flows of this range as CSV";

function PastButtons() {
  const asked = past.value;
  return (
    <span class="panel-actions">
      {asked && !rowsFailure.value && pastRows.value.length > 0 && (
        <a
          class="button square"
          href={addressOf("flows/export", {
            from: asked.from,
            to: asked.to,
            filter: filter.value,
            format: "csv",
          })}
          download
          title={SAVE}
          aria-label={SAVE}
        >
          <Icon name="download" size={14} />
        </a>
      )}
      <button
        type="button"
        class="button"
        disabled={loading.value}
        onClick={refresh}
        title="Ask again (r)"
      >
        <Icon name="refresh" size={14} /> {loading.value ? "Loading…" : "Refresh"}
      </button>
    </span>
  );
}

function Rows({ list, live }: { list: readonly FlowRow[]; live: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(480);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    scroller.value = element;
    const watch = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      scroller.value = null;
      hold("scroll", false);
      hold("pointer", false);
    };
  }, [height]);

  useSignalEffect(() => {
    const end = (top.value + height.value) / rowHeight.value;
    if (!isLive.value && end > rows.value.length - 40) void loadMore();
  });

  const each = rowHeight.value;
  const first = Math.max(0, Math.floor(top.value / each) - OVERSCAN);
  const last = Math.min(list.length, Math.ceil((top.value + height.value) / each) + OVERSCAN);
  const chosen = openFlow.value || cursor.value;
  const focused = chosen === "" ? -1 : list.findIndex((row) => row.uuid === chosen);
  return (
    <div
      class="grid"
      role="grid"
      aria-label="Flows, newest first"
      aria-rowcount={list.length + 1}
      aria-colcount={6}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        <span role="columnheader">Time</span>
        <span role="columnheader">Verdict</span>
        <span role="columnheader">Source → destination</span>
        <span role="columnheader">Port</span>
        <span role="columnheader">Reason or event</span>
        <span role="columnheader" class="c-summary">
          Summary
        </span>
      </div>
      <div
        class="grid-body"
        ref={box}
        role="rowgroup"
        tabIndex={0}
        aria-label="Rows; j and k move, Enter opens"
        aria-activedescendant={focused >= first && focused < last ? `row-${focused}` : undefined}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
          if (live) hold("scroll", event.currentTarget.scrollTop > 4);
        }}
        onPointerEnter={(event) => {
          if (live && event.pointerType !== "touch") hold("pointer", true);
        }}
        onPointerLeave={() => hold("pointer", false)}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step === 0) return;
          event.preventDefault();
          moveCursor(step);
        }}
      >
        <div class="grid-space" style={{ height: `${list.length * each}px` }}>
          <div class="grid-window" style={{ transform: `translateY(${first * each}px)` }}>
            {list.slice(first, last).map((row, index) => (
              // By place, not by uuid: a new frame changes text, it does not move elements.
              <Row
                row={row}
                at={first + index}
                chosen={row.uuid !== "" && row.uuid === chosen}
                key={index}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

function Row({ row, at, chosen }: { row: FlowRow; at: number; chosen: boolean }) {
  const ms = nsToMs(row.timeNs);
  const dropped = row.reason !== "";
  return (
    <div
      class={chosen ? "grid-row chosen" : "grid-row"}
      role="row"
      id={`row-${at}`}
      aria-rowindex={at + 2}
      aria-selected={chosen}
      onClick={() => {
        // Selecting text to copy is not a click on the row.
        if (row.uuid === "" || !(getSelection()?.isCollapsed ?? true)) return;
        cursor.value = row.uuid;
        hold("cursor", true);
        go({ flow: row.uuid });
      }}
    >
      <span role="gridcell" class="c-time mono num" title={exact(row.timeNs, utc.value)}>
        {Number.isNaN(ms)
          ? "–"
          : isLive.value || Math.abs(now.peek() - ms) < 72_000_000
            ? clockMillis(ms, utc.value)
            : stamp(ms, utc.value).slice(5)}
      </span>
      <span role="gridcell" class="c-verdict">
        <Verdict name={row.verdict} />
      </span>
      <span role="gridcell" class="c-peers">
        <Path row={row} />
      </span>
      <span role="gridcell" class="c-port mono num">
        {portText(serverPort(row), safe(row.protocol, 12)) || "–"}
      </span>
      <span
        role="gridcell"
        class={dropped ? "c-event" : "c-event dim"}
        title={safe(`${row.reason} ${row.event}`.trim(), 120)}
      >
        {dropped ? safe(reasonTitle(row.reason), 60) : safe(row.event, 60)}
        {/* A denied packet is told twice; without this word the rows look like a mistake. */}
        {dropped && row.event.startsWith("policy-verdict") && <span class="dim"> · verdict</span>}
      </span>
      <span role="gridcell" class="c-summary mono dim" title={safe(row.summary, 600)}>
        {safe(row.summary, 300)}
      </span>
    </div>
  );
}
