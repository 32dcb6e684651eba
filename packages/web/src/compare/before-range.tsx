import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { fromField, toField, zone } from "../lib/format.js";
import { Icon } from "../parts/icons.js";
import { Popover } from "../parts/popover.js";
import { now } from "../state/clock.js";
import { go, range, view } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { againstOf, boundsOf } from "../state/view.js";

/** Any other range to compare with. */
export function BeforeRange() {
  const open = useSignal(false);
  const on = view.value.against.kind === "between";
  return (
    <Popover
      open={open}
      label="Compare with another range"
      className={on ? "button on" : "button"}
      button={
        <>
          <Icon name="calendar" size={14} /> Other
        </>
      }
    >
      <BeforeForm close={() => (open.value = false)} />
    </Popover>
  );
}

function BeforeForm({ close }: { close: () => void }) {
  const inUtc = utc.value;
  const shown = boundsOf(range.peek(), now.peek());
  const start = againstOf(view.peek().against, shown) ?? {
    from: 2 * shown.from - shown.to,
    to: shown.from,
  };
  const from = useSignal(toField(start.from, inUtc));
  const to = useSignal(toField(start.to, inUtc));
  const wrong = useSignal("");
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const wanted = { from: fromField(from.value, inUtc), to: fromField(to.value, inUtc) };
    if (Number.isNaN(wanted.from) || Number.isNaN(wanted.to))
      wrong.value = "Both times are needed.";
    else if (wanted.from >= wanted.to) wrong.value = "The start must lie before the end.";
    else if (wanted.to > now.peek()) wrong.value = "The end lies in the future.";
    else {
      close();
      go({ against: { kind: "between", ...wanted } });
    }
  }
  const field = (label: string, value: typeof from) => (
    <label>
      {label}
      <input
        type="datetime-local"
        step="1"
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
      />
    </label>
  );
  return (
    <form class="custom-form" onSubmit={submit}>
      {field("From", from)}
      {field("To", to)}
      {wrong.value !== "" && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      <div class="form-end">
        <span class="dim">Times in {zone(now.peek(), inUtc)}.</span>
        <button type="submit" class="button primary">
          Compare
        </button>
      </div>
    </form>
  );
}
