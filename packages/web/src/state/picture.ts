/** What the overview draws, live or past: one shape, so that both are the same page. */
import type { Coverage, Edge, FlowRow, Timeline, VerdictCount } from "@dropscope/model";
import { computed } from "@preact/signals";
import { bandsOf } from "../lib/bands.js";
import type { Band } from "../lib/bands.js";
import { between, near } from "../lib/format.js";
import { now } from "./clock.js";
import { past, pastRows } from "./history.js";
import * as live from "./live.js";
import { range } from "./nav.js";
import { utc } from "./settings.js";
import { LIVE_MS } from "./view.js";

export interface Picture {
  live: boolean;
  timeline: Timeline;
  /** Where the last bar ends: now, or the end of the range. */
  until: number;
  bands: Band[];
  verdicts: VerdictCount[];
  edges: Edge[];
}

export const isLive = computed(() => range.value.kind === "live");

/** Undefined until there is something to draw. */
export const picture = computed<Picture | undefined>(() => {
  if (isLive.value) {
    void live.dropsTick.value;
    if (!live.ready.value) return undefined;
    const link = live.link.value;
    // A lost connection stops the picture where it was.
    const at = link.state === "lost" ? link.since : now.value;
    const timeline = live.drops.at(at);
    return {
      live: true,
      timeline,
      until: at,
      bands: live.bands.value,
      verdicts: live.verdicts.value,
      edges: live.edges.value,
    };
  }
  const found = past.value;
  if (!found) return undefined;
  const { overview } = found;
  return {
    live: false,
    timeline: overview.drops,
    until: overview.drops.to,
    bands: bandsOf(overview.drops.gaps),
    verdicts: overview.verdicts,
    edges: overview.edges,
  };
});

export const rows = computed<readonly FlowRow[]>(() => {
  if (!isLive.value) return pastRows.value;
  void live.feedTick.value;
  return live.feed.shown;
});

/** How it is with the parts now; the past does not change that. */
export const coverage = computed<Coverage | undefined>(
  () => live.coverage.value ?? past.value?.overview.coverage,
);

/** `in the last 15 minutes`, `in the 6 hours before 17:00:06`, `between 14:00:00 and 15:00:00`. */
export const when = computed(() => {
  const wanted = range.value;
  const at = now.peek();
  if (wanted.kind === "between") {
    return `between ${between(wanted.from, wanted.to, at, utc.value).join(" and ")}`;
  }
  if (wanted.kind === "at")
    return `in the ${inWords(LIVE_MS)} before ${near(wanted.at, at, utc.value)}`;
  const link = live.link.value;
  if (wanted.kind === "live" && link.state !== "lost") return "in the last 15 minutes";
  const length = wanted.kind === "live" ? LIVE_MS : wanted.ms;
  const end = wanted.kind === "live" && link.state === "lost" ? link.since : (past.value?.to ?? at);
  return `in the ${inWords(length)} before ${near(end, at, utc.value)}`;
});

function inWords(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${Math.round(ms / 60_000)} minutes`;
  return hours === 1 ? "hour" : `${hours} hours`;
}
