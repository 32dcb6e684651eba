/** The view is the URL: what is shown, over which time, through which filter, with which flow open. Pure. */

import { safe } from "../lib/safe.js";

export const PLACE_NAMES = [
  "problems",
  "live",
  "map",
  "dns",
  "policies",
  "tuning",
  "rules",
  "readiness",
  "compare",
  "help",
] as const;
export type Place = (typeof PLACE_NAMES)[number];

export type Range =
  | { kind: "live" }
  | { kind: "last"; ms: number }
  /** ms since 1970, [from, to). */
  | { kind: "between"; from: number; to: number }
  /** As of a moment: what was then, and the quarter of an hour before it. ms since 1970. */
  | { kind: "at"; at: number };

/** What a range is compared with: as much time right before it, the same time of another day, or any other. */
export type Against =
  | { kind: "before" | "day" | "week" }
  | { kind: "between"; from: number; to: number };

export interface View {
  place: Place;
  range: Range;
  filter: string;
  /** uuid of the flow in the drawer; "" when closed. */
  flow: string;
  /** Drop reasons that the legend switched off. */
  hidden: string[];
  /** An error code to explain on the help page. */
  code: string;
  /** What is open in the place: a problem by its id, a policy, a node of the map. */
  item: string;
  /** Switches of the place: what it folds, leaves out or opens. */
  show: string[];
  /** The other range, where two are compared. */
  against: Against;
}

export const START: View = {
  place: "problems",
  range: { kind: "live" },
  filter: "",
  flow: "",
  hidden: [],
  code: "",
  item: "",
  show: [],
  against: { kind: "before" },
};

const MINUTE = 60_000;

/** The ranges one click away. */
export const SPANS: readonly { key: string; label: string; ms: number }[] = [
  { key: "15m", label: "15 m", ms: 15 * MINUTE },
  { key: "1h", label: "1 h", ms: 60 * MINUTE },
  { key: "6h", label: "6 h", ms: 360 * MINUTE },
  { key: "24h", label: "24 h", ms: 1440 * MINUTE },
];

/** The ranges of a place that looks at days: policies are tuned on more than an afternoon. */
export const LONG_SPANS: typeof SPANS = [
  { key: "7d", label: "7 d", ms: 7 * 1440 * MINUTE },
  { key: "30d", label: "30 d", ms: 30 * 1440 * MINUTE },
];

/** Every range that has a name in the URL. */
export const NAMED_SPANS: typeof SPANS = [...SPANS, ...LONG_SPANS];

/** The length of the live window; the server keeps as much. */
export const LIVE_MS = 15 * MINUTE;

/** What is longer than a filter may be is still shown, so that the server can say so; this is too much for a line. */
export const FILTER_CAP = 5000;

/** Reads a query string. What it does not understand it leaves at the default: a link never fails. */
export function parseView(search: string): View {
  const query = new URLSearchParams(search);
  return {
    place: placeOf(query.get("place")),
    range: parseRange(query),
    filter: safe(query.get("filter") ?? "", FILTER_CAP),
    flow: safe(query.get("flow") ?? "", 128),
    hidden: (query.get("hide") ?? "").split(",").filter((name) => /^\w{1,80}$/.test(name)),
    code: /^[\w.-]{1,80}$/.exec(query.get("code") ?? "")?.[0] ?? "",
    item: safe(query.get("item") ?? "", 600),
    show: (query.get("show") ?? "")
      .split(",")
      .filter((name) => /^[\w.:-]{1,120}$/.test(name))
      .slice(0, 200),
    against: parseAgainst(query),
  };
}

function parseAgainst(query: URLSearchParams): Against {
  const from = moment(query.get("with-from"));
  const to = moment(query.get("with-to"));
  if (from < to) return { kind: "between", from, to };
  const kind = query.get("with");
  return kind === "day" || kind === "week" ? { kind } : START.against;
}

function placeOf(text: string | null): Place {
  // Live was called so in links that people kept.
  if (text === "overview") return "live";
  return PLACE_NAMES.find((name) => name === text) ?? START.place;
}

function parseRange(query: URLSearchParams): Range {
  const from = moment(query.get("from"));
  const to = moment(query.get("to"));
  if (from < to) return { kind: "between", from, to };
  const at = moment(query.get("at"));
  if (at >= 0 && at <= LAST_MOMENT) return { kind: "at", at };
  const key = query.get("range");
  const span = NAMED_SPANS.find((each) => each.key === key);
  return span ? { kind: "last", ms: span.ms } : { kind: "live" };
}

/** RFC 3339, or ms since 1970 as the API and the printed links have it. NaN for anything else. */
function moment(text: string | null): number {
  if (text === null) return Number.NaN;
  return /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
}

/** The query string of a view, with its `?`; "" for the start view. */
export function formatView(view: View): string {
  const query = new URLSearchParams();
  if (view.place !== START.place) query.set("place", view.place);
  const range = view.range;
  if (range.kind === "last") {
    const span = NAMED_SPANS.find((each) => each.ms === range.ms);
    if (span) query.set("range", span.key);
  }
  if (range.kind === "between") {
    query.set("from", iso(range.from));
    query.set("to", iso(range.to));
  }
  if (range.kind === "at") query.set("at", iso(range.at));
  if (view.against.kind === "between") {
    query.set("with-from", iso(view.against.from));
    query.set("with-to", iso(view.against.to));
  } else if (view.against.kind !== "before") query.set("with", view.against.kind);
  if (view.filter !== "") query.set("filter", view.filter);
  if (view.flow !== "") query.set("flow", view.flow);
  if (view.hidden.length > 0) query.set("hide", view.hidden.join(","));
  if (view.code !== "") query.set("code", view.code);
  if (view.item !== "") query.set("item", view.item);
  if (view.show.length > 0) query.set("show", view.show.join(","));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Of a date, ms. */
const LAST_MOMENT = 8.64e15;

/** RFC 3339 without a fraction that says nothing. */
function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

/** From and to of a range, in ms. `now` is the server's clock. */
export function boundsOf(range: Range, now: number): { from: number; to: number } {
  switch (range.kind) {
    case "live":
      return { from: now - LIVE_MS, to: now };
    case "last":
      return { from: now - range.ms, to: now };
    case "between":
      return { from: range.from, to: range.to };
    case "at":
      return { from: range.at - LIVE_MS, to: range.at };
  }
}

/** What policies are tuned on where nothing else is asked for, ms. */
export const TUNING_MS = 7 * 1440 * MINUTE;

/** From and to of what tuning looks at, ms: live, and as of a moment, it is the week before. */
export function tuningBounds(range: Range, now: number): { from: number; to: number } {
  const { from, to } = boundsOf(range, now);
  const week = range.kind === "live" || range.kind === "at";
  return { from: Math.floor(week ? to - TUNING_MS : from), to: Math.ceil(to) };
}

/** The moment that a page without a length shows, ms; undefined for now: every other range ends now. */
export function momentOf(range: Range): number | undefined {
  return range.kind === "at" ? range.at : range.kind === "between" ? range.to : undefined;
}

const DAY = 1440 * MINUTE;

/** The range that another one is compared with, ms; undefined for the time right before it. */
export function againstOf(
  against: Against,
  shown: { from: number; to: number },
): { from: number; to: number } | undefined {
  if (against.kind === "before") return undefined;
  if (against.kind === "between") return { from: against.from, to: against.to };
  const shift = against.kind === "day" ? DAY : 7 * DAY;
  return { from: shown.from - shift, to: shown.to - shift };
}

/** A link that shows the same picture tomorrow: a relative range is fixed to what is on the screen. */
export function lasting(view: View, now: number): View {
  if (view.range.kind !== "last") return view;
  const { from, to } = boundsOf(view.range, now);
  return { ...view, range: { kind: "between", from: Math.floor(from), to: Math.ceil(to) } };
}
