import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { askAgain } from "../state/asked.js";
import { now } from "../state/clock.js";
import { refresh } from "../state/history.js";
import { go, range } from "../state/nav.js";
import { between, fromField, toField, zone } from "../lib/format.js";
import { utc } from "../state/settings.js";
import { boundsOf, LONG_SPANS, NAMED_SPANS, SPANS, TUNING_MS } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Icon } from "./icons.js";
import { AsOf } from "./as-of.js";
import { Popover } from "./popover.js";

function same(left: Range, right: Range): boolean {
  return (
    left.kind === right.kind &&
    (left.kind !== "last" || right.kind !== "last" || left.ms === right.ms)
  );
}

/** One time range for the whole page; of a place that looks at days, longer ones are one click away. */
export function RangePicker({ days }: { days: boolean }) {
  const shown = range.value;
  const current: Range = days && shown.kind === "live" ? { kind: "last", ms: TUNING_MS } : shown;
  const spans = NAMED_SPANS.filter(
    (span) =>
      (days ? [...SPANS.slice(-1), ...LONG_SPANS] : SPANS).includes(span) ||
      // What was chosen in another place is still what is shown.
      (current.kind === "last" && current.ms === span.ms),
  );
  const choices: { label: string; title: string; range: Range }[] = [
    ...(days
      ? []
      : [{ label: "Live", title: "What happens now (l)", range: { kind: "live" } as const }]),
    ...spans.map(({ label, ms }) => ({
      label,
      title: `The last ${label}, from the store`,
      range: { kind: "last", ms } as const,
    })),
  ];
  return (
    <div class="ranges" role="group" aria-label="Time range">
      {choices.map((each) => {
        const on = same(current, each.range);
        return (
          <button
            type="button"
            key={each.label}
            class={on ? "range on" : "range"}
            aria-pressed={on}
            title={each.title}
            onClick={() => {
              if (!on) go({ range: each.range });
              else if (days) askAgain();
              else refresh();
            }}
          >
            {each.range.kind === "live" && <span class="live-dot" aria-hidden="true" />}
            {each.label}
          </button>
        );
      })}
      <CustomRange current={current} />
      <AsOf current={current} />
    </div>
  );
}

function CustomRange({ current }: { current: Range }) {
  const open = useSignal(false);
  const on = current.kind === "between";
  const text = on ? between(current.from, current.to, now.peek(), utc.value).join(" – ") : "Custom";
  return (
    <Popover
      open={open}
      label="Custom time range"
      className={on ? "range on custom" : "range custom"}
      button={
        <>
          <Icon name="calendar" size={14} /> <span class="num">{text}</span>
        </>
      }
    >
      <CustomForm current={current} close={() => (open.value = false)} />
    </Popover>
  );
}

function CustomForm({ current, close }: { current: Range; close: () => void }) {
  const inUtc = utc.value;
  const start = boundsOf(current, now.peek());
  const from = useSignal(toField(start.from, inUtc));
  const to = useSignal(toField(start.to, inUtc));
  const wrong = useSignal("");
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const range = { from: fromField(from.value, inUtc), to: fromField(to.value, inUtc) };
    if (Number.isNaN(range.from) || Number.isNaN(range.to)) wrong.value = "Both times are needed.";
    else if (range.from >= range.to) wrong.value = "The start must lie before the end.";
    else {
      close();
      go({ range: { kind: "between", ...range } });
    }
  }
  return (
    <form class="custom-form" onSubmit={submit}>
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={from.value}
          onInput={(event) => (from.value = event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={to.value}
          onInput={(event) => (to.value = event.currentTarget.value)}
        />
      </label>
      {wrong.value !== "" && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      <div class="form-end">
        <span class="dim">
          Times in {zone(now.peek(), inUtc)}. You can also drag over the chart.
        </span>
        <button type="submit" class="button primary">
          Show
        </button>
      </div>
    </form>
  );
}
