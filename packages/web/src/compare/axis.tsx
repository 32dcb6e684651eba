import type { CompareAnswer, CompareChange } from "@dropscope/model";
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { bandsOf } from "../lib/bands.js";
import { clock, count, near, perSecond, span, stamp } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { fold, withRest } from "../lib/series.js";
import { REST, TONES, tonesFor } from "../lib/tones.js";
import { chartInk, css, useDropsChart } from "../parts/use-drops-chart.js";
import { serverNow } from "../state/clock.js";
import { go } from "../state/nav.js";
import { isDark, utc } from "../state/settings.js";
import { aroundChange } from "./open.js";
import { changeTitle } from "./words.js";

/** More lines than this on the chart would be a wall. */
const MOST_MARKS = 40;
const FIRST_LISTED = 12;
/** How near to a line one has to point, px. */
const REACH = 9;

/** Drops over both ranges with every change of policies and labels; a change leads to before and after it. */
export function ChangeAxis({ answer }: { answer: CompareAnswer }) {
  const { canvas, chart, loaded, width } = useDropsChart(answer.timeline !== null, 900);
  const focus = useSignal(-1);
  const shown = useSignal(answer);
  shown.value = answer;
  const bars = useComputed(() => {
    const { timeline } = shown.value;
    if (timeline === null) return undefined;
    const series = timeline.series.length > 0 ? timeline.series : [{ key: "drops", counts: [] }];
    const wanted = Math.max(24, Math.floor(width.value / 6));
    return withRest(fold({ ...timeline, series }, wanted, timeline.to), TONES + 1, REST);
  });

  useSignalEffect(() => {
    const found = bars.value;
    const mode = isDark() ? "d" : "l";
    const { timeline, before, after, changes } = shown.value;
    const at = focus.value;
    if (!loaded.value || !chart.current || !found || timeline === null) return;
    const tones = tonesFor(found.series.map(({ key }) => key));
    chart.current.draw({
      bars: found,
      colours: found.series.map(({ key }) =>
        css(key === REST ? `--drop-${mode}-rest` : `--drop-${mode}-${tones.get(key) ?? 0}`),
      ),
      hidden: new Set(),
      bands: bandsOf(timeline.gaps),
      from: timeline.from,
      to: timeline.to,
      ink: chartInk(mode),
      utc: utc.value,
      focus: at,
      selected: undefined,
      spans: [
        { from: before.from, to: before.to, label: "Before" },
        { from: after.from, to: after.to, label: "After" },
      ],
      marks: changes.slice(0, MOST_MARKS).map((change, index) => ({
        at: Date.parse(change.time),
        label: String(index + 1),
        solid: change.what === "policy",
      })),
    });
  });

  /** The change whose line is under the pointer. */
  function changeAt(clientX: number): CompareChange | undefined {
    const { timeline, changes } = shown.peek();
    const box = canvas.current?.getBoundingClientRect();
    if (!timeline || !box || !chart.current) return undefined;
    const place = (change: CompareChange): number =>
      Math.abs((chart.current?.xOfTime(Date.parse(change.time)) ?? Infinity) + box.left - clientX);
    const nearest = changes.slice(0, MOST_MARKS).toSorted((a, b) => place(a) - place(b))[0];
    return nearest && place(nearest) <= REACH ? nearest : undefined;
  }

  const found = bars.value;
  const at = found ? Math.min(focus.value, found.length - 1) : -1;
  return (
    <section class="panel axis" aria-label="Drops and changes over time">
      <div class="panel-head">
        <h2>Drops and changes</h2>
        <span class="dim panel-note num">{found ? noteOf(found, at) : ""}</span>
      </div>
      {found ? (
        <div
          class="chart"
          onPointerMove={(event) => {
            focus.value = chart.current?.barAt(event.clientX) ?? -1;
            const over = changeAt(event.clientX);
            event.currentTarget.style.cursor = over ? "pointer" : "";
            event.currentTarget.title = over ? changeTitle(over) : "";
          }}
          onPointerLeave={() => {
            focus.value = -1;
          }}
          onClick={(event) => {
            const over = changeAt(event.clientX);
            if (over) go(aroundChange(Date.parse(over.time)));
          }}
        >
          <canvas
            ref={canvas}
            role="img"
            aria-label="Drops per second over both ranges; what changed is listed below"
          />
          {found.total === 0 && <p class="chart-empty">No drops in either range</p>}
        </div>
      ) : (
        <p class="pad dim">
          The ranges lie too far apart to draw what lies between them for this filter.
        </p>
      )}
      <Changes answer={answer} />
    </section>
  );
}

function noteOf(bars: ReturnType<typeof fold>, at: number): string {
  if (at < 0) return `per second, ${span(bars.stepMs)} a bar`;
  const from = bars.from + at * bars.stepMs;
  const rate = bars.series.reduce((sum, { rates }) => sum + (rates[at] ?? 0), 0);
  const long = bars.to - bars.from > 72_000_000;
  return `${long ? stamp(from, utc.value) : clock(from, utc.value)}: ${perSecond(rate)}`;
}

function Changes({ answer }: { answer: CompareAnswer }) {
  const all = useSignal(false);
  const { changes } = answer;
  if (changes.length === 0)
    return <p class="axis-none dim">No policy and no label changed in this time.</p>;
  const listed = all.value ? changes : changes.slice(0, FIRST_LISTED);
  return (
    <>
      <ol class="changes" aria-label="What changed">
        {listed.map((change, index) => (
          <li key={`${change.time} ${change.kind} ${change.namespace} ${change.name}`}>
            <button
              type="button"
              class="change"
              title="Compare before and after this change"
              onClick={() => go(aroundChange(Date.parse(change.time)))}
            >
              <span class={index < MOST_MARKS ? "mark-number" : "mark-number none"}>
                {index + 1}
              </span>
              <time class="num dim" dateTime={change.time}>
                {near(Date.parse(change.time), serverNow(), utc.value)}
              </time>
              <span class="change-what">
                {changeTitle(change)}
                {change.labels.map((label) => (
                  <code class="label-change" key={label}>
                    {safe(label, 200)}
                  </code>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {changes.length > listed.length && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(changes.length)}
          </button>
        </p>
      )}
      {answer.moreChanges && <p class="pad dim">There were more changes than are listed.</p>}
    </>
  );
}
