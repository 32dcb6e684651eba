import type { DnsRatesAnswer } from "@dropscope/model";
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { bandAt, bandsOf } from "../lib/bands.js";
import type { Band } from "../lib/bands.js";
import { clock, count, perSecond, plural, span, stamp } from "../lib/format.js";
import type { Bars } from "../lib/series.js";
import { fold } from "../lib/series.js";
import { rcodeName } from "../lib/words.js";
import { chartInk, css, useDropsChart } from "../parts/use-drops-chart.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import type { Asked } from "../state/asked.js";
import { go } from "../state/nav.js";
import { isDark, utc } from "../state/settings.js";

/** An answer is forwarded, refused by the proxy, failed at the server, or for a name that is not there. */
const LOOKS: Record<string, string> = { "0": "forwarded", "5": "dropped", "2": "error" };

function look(rcode: string): string {
  return LOOKS[rcode] ?? "absent";
}

/** A grey that stands off from the blue-grey of what went well. */
function colour(rcode: string): string {
  const name = look(rcode);
  return css(name === "absent" ? "--hatch" : `--v-${name}`);
}

/** Answers per second by response code. Arrow keys or the pointer read it, dragging selects a range. */
export function RatesPanel({ asked }: { asked: Asked<DnsRatesAnswer> }) {
  const { answer, failure, loading, again } = asked;
  const total = (answer?.answers.series ?? []).reduce(
    (sum, { counts }) => sum + counts.reduce((all, each) => all + each, 0),
    0,
  );
  const questions = (answer?.asked ?? []).reduce((all, each) => all + each, 0);
  const none = answer !== undefined && total === 0 && questions === 0;
  return (
    <section class="panel drops dns-rates" aria-label="Answers per second by response code">
      <div class="panel-head">
        <h2>Answers per second</h2>
        <span class="dim panel-note num">
          {answer && !none
            ? `by response code; ${plural(questions, "question")}, ${plural(total, "answer")}`
            : "by response code"}
        </span>
        {answer && !none && <Legend answer={answer} />}
      </div>
      {!answer && failure && !loading && <ErrorBox error={failure} retry={again} />}
      {!answer && !(failure && !loading) && (
        <div class="chart">
          <Skeleton rows={1} label="Loading the chart" />
        </div>
      )}
      {none && <NoLookups />}
      {answer && !none && <RatesChart answer={answer} />}
    </section>
  );
}

function NoLookups() {
  return (
    <div class="pad">
      <p>
        <b>No lookup was seen in this range.</b>{" "}
        <span class="dim">
          Cilium reports names and answers only of pods whose policy has a DNS rule (
          <code>rules.dns</code>). Findings that rest on dropped packets need none of that.
        </span>
      </p>
    </div>
  );
}

function Legend({ answer }: { answer: DnsRatesAnswer }) {
  const sums = answer.answers.series.map(({ key, counts }) => ({
    key,
    total: counts.reduce((all, each) => all + each, 0),
  }));
  return (
    <div class="legend">
      {sums
        .filter(({ total }) => total > 0)
        .map(({ key, total }) => (
          <span class="legend-item" key={key}>
            <span class={`swatch bg-${look(key)}`} /> {rcodeName(Number(key))}{" "}
            <span class="num dim">{count(total)}</span>
          </span>
        ))}
      {answer.answers.gaps.length > 0 && (
        <span class="legend-item">
          <span class="swatch hatch" /> not complete
        </span>
      )}
    </div>
  );
}

function RatesChart({ answer }: { answer: DnsRatesAnswer }) {
  const { canvas, chart, loaded, width } = useDropsChart(true, 900);
  const focus = useSignal(-1);
  const anchor = useSignal(-1);
  const byKeys = useSignal(false);
  const given = useSignal(answer);
  given.value = answer;
  const bars = useComputed<Bars>(() =>
    fold(given.value.answers, Math.max(24, Math.floor(width.value / 5.5))),
  );
  const bands = useComputed<Band[]>(() => bandsOf(given.value.answers.gaps));

  useSignalEffect(() => {
    const mode = isDark() ? "d" : "l";
    const found = bars.value;
    if (!loaded.value || !chart.current) return;
    chart.current.draw({
      bars: found,
      colours: found.series.map(({ key }) => colour(key)),
      hidden: new Set(),
      bands: bands.value,
      from: given.value.answers.from,
      to: given.value.answers.to,
      ink: chartInk(mode),
      utc: utc.value,
      focus: focus.value,
      selected: anchor.value >= 0 && focus.value >= 0 ? [anchor.value, focus.value] : undefined,
    });
  });

  function select(first: number, last: number): void {
    const { from, stepMs } = bars.peek();
    anchor.value = -1;
    focus.value = -1;
    go({
      range: {
        kind: "between",
        from: from + Math.min(first, last) * stepMs,
        to: from + (Math.max(first, last) + 1) * stepMs,
      },
    });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const length = bars.peek().length;
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step !== 0) {
      byKeys.value = true;
      const at = focus.peek() < 0 ? length - 1 : focus.peek();
      if (event.shiftKey && anchor.peek() < 0) anchor.value = at;
      if (!event.shiftKey) anchor.value = -1;
      focus.value = Math.max(0, Math.min(length - 1, focus.peek() < 0 ? at : at + step));
    } else if (event.key === "Enter" && focus.peek() >= 0) {
      select(anchor.peek() < 0 ? focus.peek() : anchor.peek(), focus.peek());
    } else if (event.key === "Escape" && focus.peek() >= 0) {
      focus.value = -1;
      anchor.value = -1;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const at = Math.min(focus.value, bars.value.length - 1);
  return (
    <div
      class="chart"
      tabIndex={0}
      role="group"
      aria-label="Answers per second over time. Arrow keys read a moment, Shift with arrow keys selects, Enter shows the selection."
      onKeyDown={onKeyDown}
      onBlur={() => {
        focus.value = -1;
        anchor.value = -1;
      }}
      onPointerMove={(event) => {
        byKeys.value = false;
        focus.value = chart.current?.barAt(event.clientX) ?? -1;
      }}
      onPointerLeave={() => {
        if (anchor.peek() < 0) focus.value = -1;
      }}
      onPointerDown={(event) => {
        if (event.button !== 0 || event.pointerType === "touch") return;
        event.currentTarget.setPointerCapture(event.pointerId);
        anchor.value = chart.current?.barAt(event.clientX) ?? -1;
      }}
      onPointerUp={(event) => {
        const first = anchor.peek();
        const last = chart.current?.barAt(event.clientX) ?? -1;
        anchor.value = -1;
        if (first >= 0 && Math.abs(first - last) >= 2) select(first, last);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {at >= 0 && (
        <Readout
          bars={bars.value}
          at={at}
          x={chart.current?.xOf(at) ?? 0}
          width={width.value}
          gap={bandAt(
            bands.value,
            bars.value.from + at * bars.value.stepMs,
            bars.value.from + (at + 1) * bars.value.stepMs,
          )}
          aloud={byKeys.value}
        />
      )}
    </div>
  );
}

/** All codes at one moment. */
function Readout(props: {
  bars: Bars;
  at: number;
  x: number;
  width: number;
  gap: string;
  aloud: boolean;
}) {
  const { bars, at } = props;
  const from = bars.from + at * bars.stepMs;
  const long = bars.to - bars.from > 72_000_000;
  return (
    <div
      class={props.x > props.width / 2 ? "readout left" : "readout"}
      role={props.aloud ? "status" : undefined}
      style={{ "--x": `${Math.round(props.x)}px` }}
    >
      <p class="num strong">
        {long ? stamp(from, utc.value) : clock(from, utc.value)}{" "}
        <span class="dim">+ {span(bars.stepMs)}</span>
      </p>
      {bars.series
        .filter(({ rates }) => (rates[at] ?? 0) > 0)
        .map(({ key, rates }) => (
          <p class="readout-line" key={key}>
            <span class={`swatch bg-${look(key)}`} />
            <span>{rcodeName(Number(key))}</span>
            <span class="num strong">{perSecond(rates[at] ?? 0)}</span>
          </p>
        ))}
      {bars.series.every(({ rates }) => (rates[at] ?? 0) === 0) && <p class="dim">no answers</p>}
      {props.gap !== "" && (
        <p class="readout-line">
          <span class="swatch hatch" /> <span>{props.gap}</span>
        </p>
      )}
    </div>
  );
}
