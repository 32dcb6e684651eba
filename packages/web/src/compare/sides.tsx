import type { CompareAnswer, CompareSide } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { useComputed } from "@preact/signals";
import { between, count, near, perSecond } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { Icon } from "../parts/icons.js";
import { now } from "../state/clock.js";
import { go, range, view } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { againstOf, boundsOf } from "../state/view.js";
import type { Against } from "../state/view.js";
import { BeforeRange } from "./before-range.js";
import { lengthText, missingTexts, seconds } from "./words.js";

/** Both ranges with what they hold, and how far each can be trusted. */
export function Sides(props: { answer: CompareAnswer | undefined; loading: boolean }) {
  const { answer, loading } = props;
  const shown = useComputed(() => {
    const after = boundsOf(range.value, now.value);
    const before = againstOf(view.value.against, after) ?? {
      from: 2 * after.from - after.to,
      to: after.from,
    };
    return { before, after };
  });
  return (
    <div class="sides">
      <Side
        title="Before"
        span={answer?.before ?? shown.value.before}
        side={answer?.before}
        loading={loading}
        tools={<Presets />}
      />
      <Side
        title="After"
        span={answer?.after ?? shown.value.after}
        side={answer?.after}
        loading={loading}
      />
    </div>
  );
}

function Side(props: {
  title: string;
  span: { from: number; to: number };
  side: CompareSide | undefined;
  loading: boolean;
  tools?: ComponentChildren;
}) {
  const { side, span } = props;
  return (
    <section class="panel side" aria-label={props.title}>
      <div class="panel-head">
        <h2>{props.title}</h2>
        <span class="num panel-note">
          {between(span.from, span.to, now.peek(), utc.value).join(" – ")}
          <span class="dim"> · {lengthText(span)}</span>
        </span>
        {props.tools}
      </div>
      {side && <Numbers side={side} />}
      {!side && props.loading && <p class="range-facts sk sk-row" aria-hidden="true" />}
    </section>
  );
}

function Numbers({ side }: { side: CompareSide }) {
  const missing = missingTexts(side);
  return (
    <dl class="range-facts">
      <div>
        <dt>Flows</dt>
        <dd class="num">
          <b>{perSecond(side.flows / seconds(side))}</b>{" "}
          <span class="dim">{count(side.flows)} in all</span>
        </dd>
      </div>
      <div>
        <dt>Drops</dt>
        <dd class="num">
          <b>{perSecond(side.dropped / seconds(side))}</b>{" "}
          <span class="dim">{count(side.dropped)} in all</span>
        </dd>
      </div>
      <div>
        <dt>Coverage</dt>
        <dd>
          {missing.length === 0 && side.storedSince === null && (
            <>
              <Icon name="check" size={14} /> nothing is known to be missing
            </>
          )}
          {side.storedSince !== null && (
            <span class="side-gap">
              <span class="swatch hatch" aria-hidden="true" /> stored only since{" "}
              {near(side.storedSince, now.peek(), utc.value)}
            </span>
          )}
          {missing.map((text) => (
            <span class="side-gap" key={text}>
              <span class="swatch hatch" aria-hidden="true" /> {safe(text, 200)}
            </span>
          ))}
        </dd>
      </div>
    </dl>
  );
}

const PRESETS: readonly { against: Against; label: string; title: string }[] = [
  { against: { kind: "before" }, label: "Right before", title: "As much time right before" },
  { against: { kind: "day" }, label: "Day earlier", title: "The same time a day earlier" },
  { against: { kind: "week" }, label: "Week earlier", title: "The same time a week earlier" },
];

function Presets() {
  const current = view.value.against;
  return (
    <div class="presets panel-actions" role="group" aria-label="Compared with">
      {PRESETS.map(({ against, label, title }) => {
        const on = against.kind === current.kind;
        return (
          <button
            type="button"
            class={on ? "button on" : "button"}
            aria-pressed={on}
            title={title}
            key={label}
            onClick={() => go({ against })}
          >
            {label}
          </button>
        );
      })}
      <BeforeRange />
    </div>
  );
}
