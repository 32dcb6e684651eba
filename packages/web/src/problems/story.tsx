import type { ChangeMark, ProblemAnswer } from "@dropscope/model";
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { bandsOf } from "../lib/bands.js";
import { clock, near, span } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { fold } from "../lib/series.js";
import { aroundChange } from "../compare/open.js";
import { Goto } from "../parts/goto.js";
import { chartInk, css, useDropsChart } from "../parts/use-drops-chart.js";
import { serverNow } from "../state/clock.js";
import { isDark, utc } from "../state/settings.js";
import { changeWords } from "./words.js";

/** Something that is marked on the chart and told beside it. */
interface Mark {
  at: number;
  words: string;
  solid: boolean;
}

/** More lines than this would be a wall. */
const MOST_MARKS = 20;

/** Drops over time, with what changed, what is missing and which lookups failed. */
export function Story({ answer }: { answer: ProblemAnswer }) {
  const { canvas, chart, loaded, width } = useDropsChart(true, 800);
  const focus = useSignal(-1);
  const shown = useSignal(answer);
  shown.value = answer;

  const bars = useComputed(() => {
    const { timeline } = shown.value;
    const series =
      timeline.series.length > 0 ? timeline.series : [{ key: "drops", counts: [] as number[] }];
    return fold({ ...timeline, series }, Math.max(24, Math.floor(width.value / 7)), timeline.to);
  });
  const marks = useComputed(() => marksOf(shown.value));
  const bands = useComputed(() => bandsOf(shown.value.timeline.gaps));

  useSignalEffect(() => {
    const found = bars.value;
    const mode = isDark() ? "d" : "l";
    const listed = marks.value;
    const hatched = bands.value;
    if (!loaded.value || !chart.current) return;
    const { timeline } = shown.value;
    chart.current.draw({
      bars: found,
      colours: [css(`--drop-${mode}-0`)],
      hidden: new Set(),
      bands: hatched,
      from: timeline.from,
      to: timeline.to,
      ink: chartInk(mode),
      utc: utc.value,
      focus: focus.value,
      selected: undefined,
      marks: listed.map(({ at, solid }, index) => ({ at, solid, label: String(index + 1) })),
    });
  });

  const at = focus.value;
  const found = bars.value;
  const start = found.from + at * found.stepMs;
  const rate = found.series[0]?.rates[at] ?? 0;
  return (
    <section class="panel story" aria-label="Drops over time">
      <div class="panel-head">
        <h2>Drops over time</h2>
        <span class="dim panel-note num">
          {at >= 0
            ? `${clock(start, utc.value)}: ${drops(rate * (found.stepMs / 1000))} in ${span(found.stepMs)}`
            : `per second, ${span(found.stepMs)} a bar`}
          {bands.value.length > 0 && " · hatched: not complete"}
        </span>
      </div>
      <div
        class="chart"
        onPointerMove={(event) => {
          focus.value = chart.current?.barAt(event.clientX) ?? -1;
        }}
        onPointerLeave={() => {
          focus.value = -1;
        }}
      >
        <canvas
          ref={canvas}
          role="img"
          aria-label="Drops per second over time; what changed is listed below"
        />
      </div>
      {marks.value.length > 0 && (
        <ol class="marks" aria-label="What changed">
          {marks.value.map((mark, index) => (
            <li key={`${mark.at} ${mark.words}`}>
              <span class="mark-number" aria-hidden="true">
                {index + 1}
              </span>
              <time class="num dim" dateTime={new Date(mark.at).toISOString()}>
                {near(mark.at, serverNow(), utc.value)}
              </time>{" "}
              {mark.words}{" "}
              <Goto
                to={{ place: "compare", ...aroundChange(mark.at) }}
                label={`Compare before and after: ${mark.words}`}
              >
                Compare
              </Goto>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function drops(value: number): string {
  const whole = Math.round(value);
  return `${whole.toLocaleString("en-US")} ${whole === 1 ? "drop" : "drops"}`;
}

/** In the order of time; only what lies on the chart. */
function marksOf({ changes, dns, timeline, problem }: ProblemAnswer): Mark[] {
  const inside = (at: number): boolean => at >= timeline.from && at <= timeline.to;
  const known: readonly ChangeMark[] = changes;
  const own = new Set(
    problem.policies.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`),
  );
  const isOwn = ({ kind, namespace, name }: ChangeMark): boolean =>
    own.has(`${kind}/${namespace}/${name}`);
  return [
    // What took part comes before what merely changed nearby, where there are too many.
    ...known.filter(isOwn),
    ...known.filter((change) => !isOwn(change)),
  ]
    .map((change): Mark => ({
      at: Date.parse(change.time),
      words: changeWords(change),
      solid: change.what === "policy",
    }))
    .concat(
      dns.map((finding) => ({
        at: Date.parse(finding.firstSeen),
        words: `name lookups of ${safe(finding.client.name, 200)} begin to fail`,
        solid: false,
      })),
    )
    .filter(({ at }) => inside(at))
    .slice(0, MOST_MARKS)
    .sort((a, b) => a.at - b.at);
}
