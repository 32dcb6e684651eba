import type { KnownAnswer } from "@dropscope/model";
import { useComputed } from "@preact/signals";
import { openCompare } from "../compare/open.js";
import { between, near, span } from "../lib/format.js";
import { useAsked } from "../state/asked.js";
import { now } from "../state/clock.js";
import { go, place, range } from "../state/nav.js";
import { isPast } from "../state/past.js";
import { utc } from "../state/settings.js";
import { momentOf } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Icon } from "./icons.js";
import { unknownThen } from "./unknown-then.js";

const MINUTE = 60_000;

/** Says on every page that one looks at the past, and leads back with one click. */
export function PastMark() {
  return isPast.value && place.value !== "compare" ? <Strip /> : null;
}

function Strip() {
  const wanted = range.value;
  const at = momentOf(wanted) ?? now.peek();
  const known = useAsked<KnownAnswer>(() => ({ path: "known", query: {}, every: MINUTE }));
  const unknown = useComputed(() =>
    unknownThen(momentOf(range.value) ?? 0, known.value.answer, now.peek(), utc.value),
  );
  return (
    <div class="past-mark" role="region" aria-label="You look at the past">
      <Icon name="history" />
      <p class="past-text">
        <b>{titleOf(wanted)}</b> <span class="num">{span(Math.max(0, now.value - at))} ago.</span>{" "}
        <span class="past-note">
          Policies, labels and names are those of {wanted.kind === "at" ? "then" : "its end"}.
        </span>
        {unknown.value.map((text) => (
          <strong class="past-unknown" role="status" key={text}>
            {text}
          </strong>
        ))}
      </p>
      <span class="past-buttons">
        <Step range={wanted} back />
        <Step range={wanted} />
        <button type="button" class="past-button" onClick={openCompare}>
          <Icon name="compare" size={14} /> Compare
        </button>
        <button
          type="button"
          class="past-button main-button"
          title="Back to what happens now (l)"
          onClick={() => go({ range: { kind: "live" } })}
        >
          <span class="live-dot" aria-hidden="true" /> Back to live
        </button>
      </span>
    </div>
  );
}

function titleOf(wanted: Range): string {
  const at = now.peek();
  if (wanted.kind === "at") return `As of ${near(wanted.at, at, utc.value)},`;
  if (wanted.kind !== "between") return "";
  return `${between(wanted.from, wanted.to, at, utc.value).join(" – ")},`;
}

/** A minute, or the length of the range, earlier or later. */
function Step({ range: wanted, back = false }: { range: Range; back?: boolean }) {
  if (wanted.kind !== "at" && wanted.kind !== "between") return null;
  const length = wanted.kind === "at" ? MINUTE : wanted.to - wanted.from;
  const shift = back ? -length : length;
  const moved: Range =
    wanted.kind === "at"
      ? { kind: "at", at: wanted.at + shift }
      : { kind: "between", from: wanted.from + shift, to: wanted.to + shift };
  const label = `${span(length)} ${back ? "earlier" : "later"}`;
  return (
    <button
      type="button"
      class="past-button square-button"
      aria-label={label}
      title={label}
      disabled={(momentOf(moved) ?? 0) > now.value}
      onClick={() => go({ range: moved })}
    >
      <Icon name={back ? "left" : "right"} size={14} />
    </button>
  );
}
