import { cleanText } from "@dropscope/model";

/** Counts in equal steps. */
export interface ChartSeries {
  readonly key: string;
  readonly counts: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** ms since 1970: start of the first step. */
  readonly from: number;
  readonly stepMs: number;
  readonly series: readonly ChartSeries[];
  /** What the counts are: `dropped flows`. */
  readonly unit: string;
  /** Times in which flows are missing, ms since 1970. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

const WIDTH = 960;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 64;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const MOST_SERIES = 7;
/** Told apart also by those who do not see all colours; the last is for the rest. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777777"];

/** Stacked bars over time as an SVG of its own: no script, no font, nothing from elsewhere. */
export function chartSvg(chart: Chart): string {
  const series = topSeries(chart.series);
  const steps = Math.max(1, ...series.map(({ counts }) => counts.length));
  const sums = Array.from({ length: steps }, (_, at) =>
    series.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0),
  );
  const top = niceTop(Math.max(0, ...sums));
  const x = (ms: number): number =>
    LEFT +
    (PLOT_WIDTH * Math.min(Math.max(0, ms - chart.from), steps * chart.stepMs)) /
      (steps * chart.stepMs);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(chart.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="24" font-size="15" font-weight="600" fill="#222222">${escaped(chart.title)}</text>`,
    ...gapBands(chart, x),
    ...grid(top),
    ...bars(series, steps, top),
    ...timeAxis(chart, steps, x),
    ...legend(series, chart),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** The largest ones, and the sum of the others. */
function topSeries(series: readonly ChartSeries[]): ChartSeries[] {
  const total = ({ counts }: ChartSeries): number => counts.reduce((sum, one) => sum + one, 0);
  const sorted = series.toSorted((a, b) => total(b) - total(a) || (a.key < b.key ? -1 : 1));
  if (sorted.length <= MOST_SERIES) return sorted;
  const rest = sorted.slice(MOST_SERIES - 1);
  const counts = (rest[0]?.counts ?? []).map((_, at) =>
    rest.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0),
  );
  return [...sorted.slice(0, MOST_SERIES - 1), { key: `${rest.length} others`, counts }];
}

/** 1, 2 or 5 times a power of ten. */
function niceTop(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= most) ?? most;
}

const colour = (at: number): string => COLOURS[at % COLOURS.length] as string;
const round = (value: number): string => value.toFixed(1).replace(/\.0$/, "");

function gapBands({ gaps }: Chart, x: (ms: number) => number): string[] {
  return gaps.map(({ from, to }) => {
    const left = x(from);
    const width = Math.max(2, x(to) - left);
    return `<rect x="${round(left)}" y="${TOP}" width="${round(width)}" height="${PLOT_HEIGHT}" fill="#f3e2c0"/>`;
  });
}

function grid(top: number): string[] {
  return [0, 0.5, 1].map((part) => {
    const y = round(TOP + PLOT_HEIGHT * (1 - part));
    const label = Number.isInteger(top * part) ? String(top * part) : round(top * part);
    return `<line x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}" stroke="#dddddd"/><text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end" fill="#555555">${label}</text>`;
  });
}

function bars(series: readonly ChartSeries[], steps: number, top: number): string[] {
  const width = PLOT_WIDTH / steps;
  const below = Array.from<number>({ length: steps }).fill(0);
  return series.map(({ counts }, at) => {
    const rects = counts.flatMap((count, step) => {
      if (count <= 0) return [];
      const height = (PLOT_HEIGHT * count) / top;
      const base = below[step] ?? 0;
      below[step] = base + height;
      const y = TOP + PLOT_HEIGHT - base - height;
      return `<rect x="${round(LEFT + step * width)}" y="${round(y)}" width="${round(Math.max(0.5, width - (width > 3 ? 1 : 0)))}" height="${round(height)}"/>`;
    });
    return `<g fill="${colour(at)}">${rects.join("")}</g>`;
  });
}

function timeAxis({ from, stepMs }: Chart, steps: number, x: (ms: number) => number): string[] {
  const until = from + steps * stepMs;
  const y = TOP + PLOT_HEIGHT + 16;
  const marks = Array.from({ length: 5 }, (_, at) => from + ((until - from) * at) / 4);
  const withSeconds = until - from < 10 * 60_000;
  return marks.map((at, index) => {
    const text = new Date(at).toISOString();
    const clock = text.slice(11, withSeconds ? 19 : 16);
    const day = index === 0 || until - from > 24 * 3_600_000 ? `${text.slice(0, 10)} ` : "";
    const anchor = index === 0 ? "start" : index === 4 ? "end" : "middle";
    return `<text x="${round(x(at))}" y="${y}" text-anchor="${anchor}" fill="#555555">${day}${clock}${index === 4 ? " UTC" : ""}</text>`;
  });
}

function legend(series: readonly ChartSeries[], { unit, gaps }: Chart): string[] {
  const y = HEIGHT - 18;
  const entries = [
    ...series.map(({ key }, at) => ({ key, fill: colour(at) })),
    ...(gaps.length > 0 ? [{ key: "events lost", fill: "#f3e2c0" }] : []),
  ];
  let x = LEFT;
  const drawn = entries.flatMap(({ key, fill }) => {
    const text = key.length > 32 ? `${key.slice(0, 31)}…` : key;
    const at = x;
    x += 28 + text.length * 8.5;
    if (x > WIDTH) return [];
    return `<rect x="${at}" y="${y - 10}" width="12" height="12" fill="${fill}"/><text x="${at + 17}" y="${y}" fill="#222222">${escaped(text)}</text>`;
  });
  return [
    `<text x="${WIDTH - RIGHT}" y="24" text-anchor="end" fill="#555555">${escaped(unit)}</text>`,
    ...drawn,
  ];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return cleanText(text, 200).replace(/[&<>"]/g, (sign) => ESCAPES[sign] as string);
}

const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One line of text that shows how counts went; a blank for none. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(0, ...counts);
  if (most === 0) return "";
  return counts
    .map((count) =>
      count <= 0
        ? " "
        : BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((count / most) * (BLOCKS.length - 0.01)))],
    )
    .join("");
}
