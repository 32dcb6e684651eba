/** Stacked drops over time on chart.js. Loaded apart from the page: the frame is on screen before it. */
import { BarController, BarElement, Chart, LinearScale } from "chart.js";
import type { ChartData, Plugin } from "chart.js";
import type { Band } from "../lib/bands.js";
import { clock, stamp } from "../lib/format.js";
import type { Bars } from "../lib/series.js";
import { drawMarks, drawSpans } from "./chart-marks.js";

Chart.register(BarController, BarElement, LinearScale);

export interface ChartModel {
  bars: Bars;
  /** Colour of each series of `bars`, in its order. */
  colours: string[];
  hidden: ReadonlySet<string>;
  bands: Band[];
  /** The axis, ms. */
  from: number;
  to: number;
  ink: { text: string; line: string; surface: string; hatch: string; accent: string };
  utc: boolean;
  /** Bar under the pointer or the keyboard; -1 for none. */
  focus: number;
  /** Bars selected, [first, last], or none. */
  selected: [number, number] | undefined;
  /** Moments at which something changed: vertical lines with their number on top. */
  marks?: readonly ChartMark[];
  /** The stretches that are meant; what lies outside of them steps back. */
  spans?: readonly ChartSpan[];
}

export interface ChartSpan {
  /** ms since 1970. */
  from: number;
  to: number;
  label: string;
}

export interface ChartMark {
  /** ms since 1970. */
  at: number;
  /** What the list beside the chart calls it: `1`, `2`. */
  label: string;
  /** Policies are solid lines, all else dashed. */
  solid: boolean;
}

export interface DropsChart {
  draw(model: ChartModel): void;
  /** Bar at a client x, clamped to the chart. */
  barAt(clientX: number): number;
  /** Client x of the middle of a bar, relative to the canvas. */
  xOf(bar: number): number;
  /** The same of a moment, ms since 1970. */
  xOfTime(at: number): number;
  /** What is drawn, as a PNG in a `data:` URL. */
  png(): string;
  destroy(): void;
}

type Point = { x: number; y: number };
type Data = ChartData<"bar", Point[]>;

/** Round steps for the time axis, in seconds. */
const TICKS = [
  5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800,
];

export function timeTicks(from: number, to: number, most: number, utc: boolean): number[] {
  const wanted = (to - from) / Math.max(1, most);
  const step = (TICKS.find((seconds) => seconds * 1000 >= wanted) ?? 604_800) * 1000;
  // Ticks fall on round times of the zone that is shown.
  const shift = utc ? 0 : new Date(from).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step)
    ticks.push(at);
  return ticks;
}

export function mountDropsChart(canvas: HTMLCanvasElement): DropsChart {
  let model: ChartModel | undefined;

  const marks: Plugin<"bar"> = {
    id: "marks",
    beforeDatasetsDraw(chart) {
      if (!model) return;
      const { ctx, chartArea, scales } = chart;
      const x = scales["x"];
      const hatch = pattern(ctx, model.ink.hatch);
      if (!x || !hatch) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
      ctx.clip();
      for (const band of model.bands) {
        const left = x.getPixelForValue(Math.max(band.from, model.from));
        const right = x.getPixelForValue(Math.min(band.to, model.to));
        if (right < chartArea.left || left > chartArea.right) continue;
        ctx.fillStyle = hatch;
        ctx.fillRect(left, chartArea.top, Math.max(4, right - left), chartArea.height);
      }
      ctx.restore();
    },
    afterDatasetsDraw(chart) {
      if (!model) return;
      const { ctx, chartArea } = chart;
      const width = barWidth(chart);
      drawSpans(chart, model);
      drawMarks(chart, model);
      ctx.save();
      if (model.selected) {
        const [first, last] = model.selected;
        const left = middle(chart, Math.min(first, last)) - width / 2;
        const right = middle(chart, Math.max(first, last)) + width / 2;
        ctx.globalAlpha = 0.18;
        ctx.fillStyle = model.ink.accent;
        ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
        ctx.globalAlpha = 1;
        ctx.strokeStyle = model.ink.accent;
        ctx.strokeRect(left, chartArea.top + 0.5, right - left, chartArea.height - 1);
      } else if (model.focus >= 0) {
        const x = Math.round(middle(chart, model.focus)) + 0.5;
        ctx.strokeStyle = model.ink.text;
        ctx.globalAlpha = 0.6;
        ctx.beginPath();
        ctx.moveTo(x, chartArea.top);
        ctx.lineTo(x, chartArea.bottom);
        ctx.stroke();
      }
      ctx.restore();
    },
  };

  const data: Data = { datasets: [] };
  const chart = new Chart<"bar", Point[]>(canvas, {
    type: "bar",
    data,
    plugins: [marks],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      // Hover, selection and tooltip are this file's and the panel's.
      events: [],
      layout: { padding: { top: 6, right: 2 } },
      scales: {
        x: {
          type: "linear",
          stacked: true,
          offset: false,
          grid: { display: false },
          border: { display: false },
          ticks: { maxRotation: 0, autoSkip: false, font: { size: 11 }, padding: 4 },
          afterBuildTicks: (axis) => {
            if (!model) return;
            const most = Math.max(2, Math.floor(chart.width / 110));
            const { from, to, utc } = model;
            // A label at the edge would push the plot aside, again and again while time moves.
            const edge = ((to - from) * 40) / Math.max(1, chart.width);
            axis.ticks = timeTicks(from, to, most, utc)
              .filter((value) => value - from > edge && to - value > edge)
              .map((value) => ({ value }));
          },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          suggestedMax: 1,
          border: { display: false },
          // A fixed width: more digits must not shift the time axis.
          afterFit: (axis) => {
            axis.width = 36;
          },
          ticks: {
            maxTicksLimit: 5,
            font: { size: 11 },
            padding: 6,
            format: { minimumFractionDigits: 0, maximumFractionDigits: 1 },
          },
        },
      },
    },
  });

  function middle(on: Chart<"bar", Point[]> | Chart, bar: number): number {
    if (!model) return 0;
    return on.scales["x"]?.getPixelForValue(model.bars.from + (bar + 0.5) * model.bars.stepMs) ?? 0;
  }

  function barWidth(on: Chart<"bar", Point[]> | Chart): number {
    return Math.abs(middle(on, 1) - middle(on, 0));
  }

  function label(value: number): string {
    if (!model) return "";
    const long = model.to - model.from > 20 * 3_600_000;
    const text = long ? stamp(value, model.utc).slice(5, 16) : clock(value, model.utc);
    return !long && model.to - model.from > 1_200_000 ? text.slice(0, 5) : text;
  }

  return {
    draw(next) {
      model = next;
      const { bars } = next;
      data.datasets = bars.series
        .map((series, index) => ({ series, colour: next.colours[index] ?? "#888" }))
        .filter(({ series }) => !next.hidden.has(series.key))
        .map(({ series, colour }) => ({
          label: series.key,
          data: points(series.rates, bars),
          backgroundColor: colour,
          borderColor: next.ink.surface,
          borderWidth: { top: 1, right: 0, bottom: 0, left: 0 },
          borderSkipped: false as const,
          barPercentage: 0.88,
          categoryPercentage: 1,
          barThickness: Math.max(1, (chart.chartArea.width / bars.length) * 0.86),
          grouped: false,
          minBarLength: 2,
        }));
      const { x, y } = chart.options.scales ?? {};
      if (x) {
        Object.assign(x, { min: next.from, max: next.to });
        Object.assign(x.ticks ?? {}, {
          color: next.ink.text,
          callback: (value: number) => label(value),
        });
      }
      if (y) {
        Object.assign(y.grid ?? {}, { color: next.ink.line });
        y.grid = { color: next.ink.line, drawTicks: false };
        Object.assign(y.ticks ?? {}, { color: next.ink.text });
      }
      chart.update("none");
    },
    barAt(clientX) {
      if (!model) return -1;
      const x = clientX - canvas.getBoundingClientRect().left;
      const value = chart.scales["x"]?.getValueForPixel(x) ?? model.from;
      const bar = Math.floor((value - model.bars.from) / model.bars.stepMs);
      return Math.max(0, Math.min(model.bars.length - 1, bar));
    },
    xOf: (bar) => middle(chart, bar),
    xOfTime: (at) => chart.scales["x"]?.getPixelForValue(at) ?? 0,
    png() {
      // The canvas has no ground of its own: on white paper the dark theme's labels would vanish.
      const sheet = document.createElement("canvas");
      sheet.width = canvas.width;
      sheet.height = canvas.height;
      const pen = sheet.getContext("2d");
      if (!pen || !model) return "";
      pen.fillStyle = model.ink.surface;
      pen.fillRect(0, 0, sheet.width, sheet.height);
      pen.drawImage(canvas, 0, 0);
      return sheet.toDataURL("image/png");
    },
    destroy: () => chart.destroy(),
  };
}

/** Zero is no bar at all, one drop is two pixels high at least: rare drops beside a flood stay in sight. */
function points(rates: Float64Array, bars: Bars): Point[] {
  const found: Point[] = [];
  rates.forEach((y, index) => {
    if (y > 0) found.push({ x: bars.from + (index + 0.5) * bars.stepMs, y });
  });
  return found;
}

const patterns = new Map<string, CanvasPattern>();

/** The same hatch as in the style sheet: it means missing data everywhere. */
function pattern(ctx: CanvasRenderingContext2D, colour: string): CanvasPattern | undefined {
  const kept = patterns.get(colour);
  if (kept) return kept;
  const tile = document.createElement("canvas");
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return undefined;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  const made = ctx.createPattern(tile, "repeat") ?? undefined;
  if (made) patterns.set(colour, made);
  return made;
}
