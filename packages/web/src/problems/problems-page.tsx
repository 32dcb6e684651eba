import type { ProblemRow, ProblemsAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { safe } from "../lib/safe.js";
import { Mark } from "../parts/headline.js";
import { Icon } from "../parts/icons.js";
import { ErrorBox, ErrorCode, Skeleton } from "../parts/states.js";
import { near } from "../lib/format.js";
import { now } from "../state/clock.js";
import { link } from "../state/live.js";
import { range } from "../state/nav.js";
import { coverage, isLive, when } from "../state/picture.js";
import { usePageKeys } from "../state/page-keys.js";
import { utc } from "../state/settings.js";
import {
  held,
  holdProblems,
  listTrouble,
  pastFailure,
  pastLoading,
  problemList,
  refreshProblems,
  waiting,
} from "../state/problems.js";
import { headlineAsOf, problemsHeadline } from "./headline.js";
import { NoProblems } from "./no-problems.js";
import { ProblemTable } from "./problem-table.js";

/** The list that somebody looks at first: what is wrong now, and what was. */
export function ProblemsPage() {
  const over = useSignal(false);
  const still = useRef<readonly ProblemRow[]>([]);
  const live = isLive.value;
  const asOf = range.value.kind === "at";
  usePageKeys(live ? { p: () => holdProblems(held.peek() === undefined) } : {});
  const list = (live ? held.value : undefined) ?? problemList.value;
  const lost = link.value.state === "lost";
  if (!list && pastFailure.value && !live)
    return (
      <div class="overview">
        <ErrorBox error={pastFailure.value} retry={refreshProblems} />
      </div>
    );
  const old = live ? lost || listTrouble.value !== undefined : pastLoading.value;
  const rows = list?.problems ?? [];
  const shown = over.value ? keepOrder(still.current, rows) : rows;
  still.current = shown;
  const active = shown.filter(({ state }) => state !== "resolved");
  const over15 = shown.filter(({ state }) => state === "resolved");
  return (
    <div class={old && list ? "overview old" : "overview"} aria-busy={!list}>
      <Headline list={list} />
      {live && listTrouble.value && list && (
        <p class="page-old">
          <Icon name="warn" size={14} />
          <span role="status">
            {safe(listTrouble.value.message, 300)} This is the last list.{" "}
            <ErrorCode code={listTrouble.value.code} />
          </span>
        </p>
      )}
      {!list && (
        <section class="panel pad-top">
          <Skeleton rows={6} label="Loading problems" />
        </section>
      )}
      {list && active.length > 0 && (
        <ProblemTable
          title={live ? "Now" : asOf ? "Then" : "Problems"}
          rows={active}
          list={list}
          over={over}
          actions={live && <Pause />}
        />
      )}
      {list && active.length === 0 && (live || over15.length === 0) && <NoProblems list={list} />}
      {list && over15.length > 0 && (
        <ProblemTable
          title={
            live
              ? "Resolved in the last 24 hours"
              : asOf
                ? "Resolved in the 24 hours before"
                : "Resolved since"
          }
          rows={over15}
          list={list}
          over={over}
        />
      )}
      {list?.more && (
        <p class="dim list-end">
          More problems match than are counted here. Narrow the time range or the filter.
        </p>
      )}
    </div>
  );
}

/** Numbers go on under the pointer, places do not. */
function keepOrder(before: readonly ProblemRow[], after: readonly ProblemRow[]): ProblemRow[] {
  const fresh = new Map(after.map((row) => [row.id, row]));
  const kept = before.map((row) => {
    const now = fresh.get(row.id) ?? row;
    fresh.delete(row.id);
    return now;
  });
  return [...kept, ...fresh.values()];
}

function Headline({ list }: { list: ProblemsAnswer | undefined }) {
  if (!list)
    return (
      <header class="headline-box">
        <h1 class="headline" aria-busy="true">
          <span class="sk sk-headline" /> <span class="sr">Loading</span>
        </h1>
      </header>
    );
  const then = range.value.kind === "at" ? near(range.value.at, now.peek(), utc.value) : undefined;
  const found =
    then === undefined
      ? problemsHeadline(list, coverage.value, isLive.value ? undefined : when.value)
      : headlineAsOf(list, then);
  return (
    <header class="headline-box">
      <h1 class={`headline mood-${found.mood === "wrong" && !isLive.value ? "past" : found.mood}`}>
        <Mark mood={found.mood} />
        <span role="status">
          {found.lead} {found.rest !== "" && <span class="headline-rest">{found.rest}</span>}
        </span>
      </h1>
    </header>
  );
}

function Pause() {
  const on = held.value !== undefined;
  return (
    <span class="panel-actions">
      {on && waiting.value > 0 && (
        <button type="button" class="button newest" onClick={() => holdProblems(false)}>
          <Icon name="up" size={14} /> {waiting.value} waiting
        </button>
      )}
      <button
        type="button"
        class={on ? "button on" : "button"}
        aria-pressed={on}
        title="Hold the list (p)"
        onClick={() => holdProblems(!on)}
      >
        <Icon name={on ? "play" : "pause"} size={14} /> {on ? "Paused" : "Pause"}
      </button>
    </span>
  );
}
