/** Stretches of time that a chart must not draw as if they were whole. Pure. */
import { type Coverage, type Gap, isOutage, OUTAGE_FORGOTTEN_MS } from "@dropscope/model";
import { count, plural } from "./format.js";
import { causeWords } from "./words.js";

export interface Band {
  /** ms since 1970. `to` is Infinity while it lasts. */
  from: number;
  to: number;
  label: string;
}

export function bandOf(gap: Gap): Band | undefined {
  const time = Date.parse(gap.time);
  const from = gap.from === undefined ? time : Date.parse(gap.from);
  const end = isOutage(gap) ? time + OUTAGE_FORGOTTEN_MS : time;
  const to = gap.to === undefined ? end : Date.parse(gap.to);
  if (!Number.isFinite(from) || !Number.isFinite(to)) return undefined;
  const who = gap.node === "" ? "" : `${gap.node}: `;
  const lost = gap.count > 0 ? `${plural(gap.count, "event")} lost, ` : "";
  return {
    from: Math.min(from, to),
    to: Math.max(from, to),
    label: `${who}${lost}${causeWords(gap.cause)}`,
  };
}

export function bandsOf(gaps: readonly Gap[]): Band[] {
  return gaps.map(bandOf).filter((band) => band !== undefined);
}

/**
 * Frames carry coverage, not gaps: what changes from one coverage to the next is a band of its own.
 * Returns the bands that go on from `bands`; an open one is closed when its cause is gone.
 */
export function watchCoverage(
  bands: readonly Band[],
  before: Coverage | undefined,
  now: Coverage,
): Band[] {
  const next = [...bands];
  const lost = before ? now.lost.total - before.lost.total : 0;
  if (before && lost > 0) {
    next.push({ from: before.now, to: now.now, label: `${plural(lost, "event")} lost` });
  }
  const reason = openReason(now);
  const open = next.findIndex((band) => band.to === Number.POSITIVE_INFINITY);
  const current = next[open];
  if (current && current.label !== reason) next[open] = { ...current, to: now.now };
  if (reason !== "" && current?.label !== reason) {
    next.push({ from: now.now, to: Number.POSITIVE_INFINITY, label: reason });
  }
  return next;
}

/** The server's gaps replace the closed bands; what is open now is this page's own to close. */
export function withGaps(gaps: readonly Band[], before: readonly Band[]): Band[] {
  return [...gaps, ...before.filter((band) => band.to === Number.POSITIVE_INFINITY)];
}

function openReason(now: Coverage): string {
  if (now.source.kind === "relay" && now.source.state === "down")
    return "no connection to the source";
  const missing = now.nodes.total - now.nodes.connected;
  if (missing <= 0) return "";
  return `${count(missing)} of ${plural(now.nodes.total, "node")} not connected`;
}

/** The label of the band at a moment, or "". */
export function bandAt(bands: readonly Band[], from: number, to: number): string {
  return bands
    .filter((band) => band.to >= from && band.from < to)
    .map((band) => band.label)
    .slice(0, 3)
    .join("; ");
}
