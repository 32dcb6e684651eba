import { computed, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count, plural } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { headline, spoken } from "../lib/headline.js";
import type { Headline as Found } from "../lib/headline.js";
import { applied, link, ready } from "../state/live.js";
import { filter, place } from "../state/nav.js";
import { activeCount, newCount } from "../state/problems.js";
import { coverage, isLive, picture, when } from "../state/picture.js";
import { utc } from "../state/settings.js";
import { Icon } from "./icons.js";

/** Drops by reason over the range, most first. */
export const reasonTotals = computed(() =>
  (picture.value?.timeline.series ?? [])
    .map(({ key, counts }) => ({ key, total: counts.reduce((sum, value) => sum + value, 0) }))
    .filter(({ total }) => total > 0)
    .sort((left, right) => right.total - left.total),
);

const sentence = computed<Found | undefined>(() => {
  const shown = picture.value;
  if (!shown) return undefined;
  return headline({
    reasons: reasonTotals.value,
    edges: shown.edges,
    coverage: coverage.value,
    when: when.value,
    live: shown.live && link.value.state !== "lost",
    filtered: (shown.live ? applied.value : filter.value) !== "",
    now: shown.until,
    utc: utc.value,
  });
});

/** What a screen reader hears: at most every ten seconds, and only what changed in kind. */
const heard = signal("");
const SPEAK_MS = 10_000;

export function Headline() {
  useEffect(() => {
    let last = "";
    const timer = setInterval(() => {
      const found = sentence.peek();
      if (!found || found.mood === last) return;
      last = found.mood;
      heard.value = spoken(found, 60_000);
    }, SPEAK_MS);
    return () => clearInterval(timer);
  }, []);
  const found = sentence.value;
  return (
    <header class="headline-box">
      {found ? (
        <h1 class={`headline mood-${found.mood}`}>
          <Mark mood={found.mood} />
          <span>
            {safe(found.lead, 400)}{" "}
            {found.rest !== "" && <span class="headline-rest">{safe(found.rest, 1200)}</span>}
          </span>
        </h1>
      ) : (
        <h1 class="headline" aria-busy="true">
          <span class="sk sk-headline" /> <span class="sr">Loading</span>
        </h1>
      )}
      <p class="sr" role="status" aria-live="polite">
        {safe(heard.value, 1200)}
      </p>
    </header>
  );
}

/** What a headline is about, as a shape. */
export function Mark({ mood }: { mood: Found["mood"] }) {
  if (mood === "calm") return <Icon name="check" size={20} />;
  if (mood === "blind") return <span class="swatch hatch big" aria-hidden="true" />;
  return (
    <svg class="mood-mark" width="20" height="20" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.8 2.8l6.400 6.400M9.200 2.8l-6.400 6.400" />
    </svg>
  );
}

/** The tab says it too: a person with thirty tabs open sees where the drops are. */
export const pageTitle = computed(() => {
  if (link.value.state === "lost") return "not connected · dropscope";
  if (newCount.value > 0) return `${plural(newCount.value, "new problem")} · dropscope`;
  if (place.value !== "live")
    return activeCount.value > 0
      ? `${plural(activeCount.value, "problem")} · dropscope`
      : "dropscope";
  const total = reasonTotals.value.reduce((sum, each) => sum + each.total, 0);
  if (!ready.value && isLive.value) return "dropscope";
  return total > 0
    ? `${count(total)} ${plural(total, "drop").split(" ")[1] ?? ""} · dropscope`
    : "dropscope";
});
