import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { fromField, near, toField, zone } from "../lib/format.js";
import { now } from "../state/clock.js";
import { go } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { momentOf } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Icon } from "./icons.js";
import { Popover } from "./popover.js";

const MINUTE = 60_000;

/** Moments that people ask for without knowing them to the second. */
const JUMPS: readonly { label: string; ms: number }[] = [
  { label: "5 min ago", ms: 5 * MINUTE },
  { label: "1 h ago", ms: 60 * MINUTE },
  { label: "Yesterday, this time", ms: 1440 * MINUTE },
];

/** The page as it was at one moment: policies, labels, addresses and problems of then. */
export function AsOf({ current }: { current: Range }) {
  const open = useSignal(false);
  const on = current.kind === "at";
  const text = on ? near(current.at, now.peek(), utc.value) : "As of";
  return (
    <Popover
      open={open}
      label="As of a moment of the past"
      className={on ? "range on as-of" : "range as-of"}
      button={
        <>
          <Icon name="history" size={14} /> <span class="num">{text}</span>
        </>
      }
    >
      <MomentForm current={current} close={() => (open.value = false)} />
    </Popover>
  );
}

function MomentForm({ current, close }: { current: Range; close: () => void }) {
  const inUtc = utc.value;
  const at = useSignal(toField(momentOf(current) ?? now.peek() - 5 * MINUTE, inUtc));
  const wrong = useSignal("");
  function show(moment: number): void {
    close();
    go({ range: { kind: "at", at: moment } });
  }
  function submit(event: TargetedSubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const moment = fromField(at.value, inUtc);
    if (Number.isNaN(moment)) wrong.value = "A moment is needed.";
    else if (moment > now.peek()) wrong.value = "That moment is not over yet.";
    else show(moment);
  }
  return (
    <form class="custom-form" onSubmit={submit}>
      <label>
        Show everything as of
        <input
          type="datetime-local"
          step="1"
          value={at.value}
          onInput={(event) => (at.value = event.currentTarget.value)}
        />
      </label>
      <p class="row-of-buttons moment-jumps">
        {JUMPS.map(({ label, ms }) => (
          <button
            type="button"
            class="button"
            key={label}
            onClick={() => show(Math.floor((now.peek() - ms) / 1000) * 1000)}
          >
            {label}
          </button>
        ))}
      </p>
      {wrong.value !== "" && (
        <p class="wrong" role="alert">
          {wrong.value}
        </p>
      )}
      <div class="form-end">
        <span class="dim">
          Times in {zone(now.peek(), inUtc)}. Policies, labels and names are those of then.
        </span>
        <button type="submit" class="button primary">
          Show
        </button>
      </div>
    </form>
  );
}
