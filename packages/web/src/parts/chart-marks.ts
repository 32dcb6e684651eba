/** What is drawn over the bars of a chart: the stretches that are meant, and moments at which something changed. */
import type { Chart } from "chart.js";
import type { ChartModel } from "./drops-chart.js";

type Point = { x: number; y: number };

/** A bracket with its name under each stretch that is meant. */
export function drawSpans(
  { ctx, chartArea, scales }: Chart<"bar", Point[]> | Chart,
  { spans = [], ink, from, to }: ChartModel,
): void {
  const x = scales["x"];
  if (!x || spans.length === 0) return;
  const place = (at: number): number => x.getPixelForValue(Math.min(to, Math.max(from, at)));
  ctx.save();
  ctx.fillStyle = ink.surface;
  ctx.globalAlpha = 0.7;
  let left = chartArea.left;
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const start = place(span.from);
    if (start > left) ctx.fillRect(left, chartArea.top, start - left, chartArea.height);
    left = Math.max(left, place(span.to));
  }
  if (left < chartArea.right)
    ctx.fillRect(left, chartArea.top, chartArea.right - left, chartArea.height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = ink.text;
  ctx.fillStyle = ink.text;
  ctx.font = "600 11px system-ui, sans-serif";
  ctx.textBaseline = "top";
  for (const { from: first, to: last, label } of spans) {
    const [start, end] = [Math.round(place(first)) + 1.5, Math.round(place(last)) - 0.5];
    const line = chartArea.top + 22.5;
    ctx.beginPath();
    ctx.moveTo(start, line + 5);
    ctx.lineTo(start, line);
    ctx.lineTo(end, line);
    ctx.lineTo(end, line + 5);
    ctx.stroke();
    if (end - start > 44) ctx.fillText(label, start + 5, line + 4);
  }
  ctx.restore();
}

/** Lines of changes; those at nearly the same moment share one label place. */
export function drawMarks(
  { ctx, chartArea, scales }: Chart<"bar", Point[]> | Chart,
  { marks = [], ink, from, to }: ChartModel,
): void {
  const x = scales["x"];
  if (!x) return;
  let right = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.font = "600 11px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const { at, label, solid } of marks) {
    if (at < from || at > to) continue;
    const place = Math.round(x.getPixelForValue(at)) + 0.5;
    ctx.strokeStyle = ink.accent;
    ctx.lineWidth = 1.5;
    ctx.setLineDash(solid ? [] : [4, 3]);
    ctx.beginPath();
    ctx.moveTo(place, chartArea.top + 14);
    ctx.lineTo(place, chartArea.bottom);
    ctx.stroke();
    const middle = Math.max(place, right + 10);
    if (middle > chartArea.right) continue;
    ctx.setLineDash([]);
    ctx.fillStyle = ink.accent;
    ctx.beginPath();
    ctx.arc(middle, chartArea.top + 7, 8, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillStyle = ink.surface;
    ctx.fillText(label, middle, chartArea.top + 7.5);
    right = middle + 8;
  }
  ctx.restore();
}
