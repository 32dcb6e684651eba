import { computed, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { bandAt } from "../lib/bands.js";
import { clock, count, perSecond, span, stamp } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { fold, withRest } from "../lib/series.js";
import type { Bars } from "../lib/series.js";
import { REST, TONES, tonesFor } from "../lib/tones.js";
import { reasonTitle } from "../lib/words.js";
import { go, view } from "../state/nav.js";
import { picture } from "../state/picture.js";
import { isDark, utc } from "../state/settings.js";
import type { Band } from "../lib/bands.js";
import { chartInk, css, useDropsChart } from "./use-drops-chart.js";
import { Icon } from "./icons.js";
import { Skeleton } from "./states.js";

const hidden = computed(() => new Set(view.value.hidden));

function title(key: string): string {
  return key === REST ? "Other reasons" : safe(reasonTitle(key), 80);
}

/** Drops per second by reason. Hover or arrow keys read it, dragging or Shift with arrows selects a range. */
export function DropsPanel() {
  const has = useComputed(() => picture.value !== undefined);
  const { canvas, chart, loaded, width } = useDropsChart(has.value, 900);
  const focus = useSignal(-1);
  const anchor = useSignal(-1);
  /** Read with the keys: only then is each moment said aloud. */
  const byKeys = useSignal(false);

  const bars = useComputed<Bars | undefined>(() => {
    const shown = picture.value;
    if (!shown) return undefined;
    const wanted = Math.max(24, Math.floor(width.value / 5.5));
    return withRest(fold(shown.timeline, wanted, shown.until), TONES + 1, REST);
  });

  const bands = useComputed<Band[]>(() => picture.value?.bands ?? []);

  useSignalEffect(() => {
    const found = bars.value;
    const shown = picture.value;
    const dark = isDark();
    if (!loaded.value || !found || !shown || !chart.current) return;
    const tones = tonesFor(found.series.map(({ key }) => key));
    const mode = dark ? "d" : "l";
    chart.current.draw({
      bars: found,
      colours: found.series.map(({ key }) =>
        css(key === REST ? `--drop-${mode}-rest` : `--drop-${mode}-${tones.get(key) ?? 0}`),
      ),
      hidden: hidden.value,
      bands: bands.value,
      from: shown.timeline.from,
      to: shown.timeline.to,
      ink: chartInk(mode),
      utc: utc.value,
      focus: focus.value,
      selected: anchor.value >= 0 && focus.value >= 0 ? [anchor.value, focus.value] : undefined,
    });
  });

  function select(first: number, last: number): void {
    const found = bars.peek();
    if (!found) return;
    const from = found.from + Math.min(first, last) * found.stepMs;
    const to = found.from + (Math.max(first, last) + 1) * found.stepMs;
    anchor.value = -1;
    focus.value = -1;
    go({ range: { kind: "between", from, to } });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const length = bars.peek()?.length ?? 0;
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (step !== 0 && length > 0) {
      event.preventDefault();
      byKeys.value = true;
      const at = focus.peek() < 0 ? length - 1 : focus.peek();
      if (event.shiftKey && anchor.peek() < 0) anchor.value = at;
      if (!event.shiftKey) anchor.value = -1;
      focus.value = Math.max(0, Math.min(length - 1, focus.peek() < 0 ? at : at + step));
    } else if (event.key === "Enter" && focus.peek() >= 0) {
      event.preventDefault();
      event.stopPropagation();
      select(anchor.peek() < 0 ? focus.peek() : anchor.peek(), focus.peek());
    } else if (event.key === "Escape" && focus.peek() >= 0) {
      event.stopPropagation();
      focus.value = -1;
      anchor.value = -1;
    }
  }

  const found = bars.value;
  return (
    <section class="panel drops" aria-label="Drops per second by reason">
      <div class="panel-head">
        <h2>Drops per second</h2>
        <span class="dim panel-note">by reason{found ? `, ${span(found.stepMs)} a bar` : ""}</span>
        {loaded.value && (
          <button
            type="button"
            class="ghost save"
            aria-label="Save the chart as PNG"
            title="Save the chart as PNG"
            onClick={() => save(chart.current?.png() ?? "", found?.from ?? 0)}
          >
            <Icon name="download" size={14} />
          </button>
        )}
        {found && <Legend bars={found} gaps={bands.value.length > 0} />}
      </div>
      {found ? (
        <div
          class="chart"
          tabIndex={0}
          role="group"
          aria-label="Drops per second over time. Arrow keys read a moment, Shift with arrow keys selects, Enter shows the selection."
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
          {focus.value >= 0 && (
            <Readout
              bars={found}
              at={Math.min(focus.value, found.length - 1)}
              x={chart.current?.xOf(focus.value) ?? 0}
              width={width.value}
              bands={bands.value}
              aloud={byKeys.value}
            />
          )}
          {found.total === 0 && (
            <p class="chart-empty">
              {bands.value.length > 0
                ? "No drops recorded; hatched parts are not complete"
                : "No drops in this range"}
            </p>
          )}
        </div>
      ) : (
        <div class="chart">
          <Skeleton rows={1} label="Loading the chart" />
        </div>
      )}
    </section>
  );
}

function save(address: string, from: number): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = `drops-${new Date(from).toISOString().replaceAll(":", "")}.png`;
  link.click();
}

function Legend({ bars, gaps }: { bars: Bars; gaps: boolean }) {
  const tones = tonesFor(bars.series.map(({ key }) => key));
  const shown = bars.series.filter(({ total }) => total > 0);
  return (
    <div class="legend" role="group" aria-label="Reasons shown">
      {shown.map(({ key, total }) => {
        const off = hidden.value.has(key);
        return (
          <button
            type="button"
            key={key}
            class={off ? "legend-item off" : "legend-item"}
            aria-pressed={!off}
            title={off ? "Show in the chart" : "Hide in the chart"}
            disabled={key === REST}
            onClick={() => {
              const next = new Set(hidden.peek());
              if (off) next.delete(key);
              else next.add(key);
              go({ hidden: [...next] }, "replace");
            }}
          >
            <span
              class={key === REST ? "swatch tone-rest" : `swatch tone-${tones.get(key) ?? 0}`}
            />
            {title(key)} <span class="num dim">{count(total)}</span>
          </button>
        );
      })}
      {gaps && (
        <span class="legend-item">
          <span class="swatch hatch" /> not complete
        </span>
      )}
    </div>
  );
}

/** All series at one moment. */
function Readout(props: {
  bars: Bars;
  at: number;
  x: number;
  width: number;
  bands: Band[];
  aloud: boolean;
}) {
  const { bars, at } = props;
  const from = bars.from + at * bars.stepMs;
  const tones = tonesFor(bars.series.map(({ key }) => key));
  const long = bars.to - bars.from > 72_000_000;
  const gap = bandAt(props.bands, from, from + bars.stepMs);
  const sum = bars.series.reduce((all, { rates }) => all + (rates[at] ?? 0), 0);
  const right = props.x > props.width / 2;
  return (
    <div
      class={right ? "readout left" : "readout"}
      role={props.aloud ? "status" : undefined}
      style={{ "--x": `${Math.round(props.x)}px` }}
    >
      <p class="num strong">
        {long ? stamp(from, utc.value) : clock(from, utc.value)}{" "}
        <span class="dim">+ {span(bars.stepMs)}</span>
      </p>
      {bars.series
        .filter(({ key, rates }) => !hidden.value.has(key) && (rates[at] ?? 0) > 0)
        .map(({ key, rates }) => (
          <p class="readout-line" key={key}>
            <span
              class={key === REST ? "swatch tone-rest" : `swatch tone-${tones.get(key) ?? 0}`}
            />
            <span>{title(key)}</span>
            <span class="num strong">{perSecond(rates[at] ?? 0)}</span>
          </p>
        ))}
      {sum === 0 && <p class="dim">{gap === "" ? "no drops" : "no drops recorded"}</p>}
      {gap !== "" && (
        <p class="readout-line">
          <span class="swatch hatch" /> <span>{safe(gap, 300)}</span>
        </p>
      )}
    </div>
  );
}
