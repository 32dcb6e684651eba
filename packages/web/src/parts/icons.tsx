import type { VerdictKind } from "../lib/words.js";
import { verdictKind, verdictWord } from "../lib/words.js";
import { safe } from "../lib/safe.js";

const PATHS = {
  problems: "M8 2.2l6.3 11.3H1.7zM8 6.4v3.4M8 11.6v.1",
  pulse: "M1.5 8.5h3l2-5 3 9.5 2-4.5h3",
  map: "M1.8 3.2h4v3h-4zM10.2 2.2h4v3h-4zM10.2 10.8h4v3h-4zM5.8 4.7h4.4M4 6.2v6.1h6.2",
  dns: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M1.8 8h12.4M8 1.8c2 2 2.6 4 2.6 6.2S10 12.2 8 14.2C6 12.2 5.4 10.2 5.4 8S6 3.8 8 1.8",
  policies:
    "M8 1.8l5.2 1.9v4c0 3-2 5.2-5.2 6.5C4.8 12.9 2.8 10.7 2.8 7.7v-4zM5.6 8l1.7 1.7 3.1-3.3",
  tuning:
    "M3.6 12.6a6.2 6.2 0 1 1 8.8 0M8 9.400l2.9-3.900M8 9.400v.1M8 2v1.600M1.900 8.200h1.600M12.500 8.200h1.600",
  plus: "M8 3v10M3 8h10",
  help: "M5.8 6.2a2.3 2.3 0 1 1 3.3 2c-.8.4-1.1.8-1.1 1.6M8 12.2v.1",
  close: "M4 4l8 8M12 4l-8 8",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5l7 4.5-7 4.5z",
  link: "M6.8 9.2l2.4-2.4M7.2 4.8l1.6-1.6a2.83 2.83 0 0 1 4 4l-1.6 1.6M8.8 11.2l-1.6 1.6a2.83 2.83 0 0 1-4-4l1.6-1.6",
  sliders: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.3v3.4M6 9.3v3.4",
  filter: "M2 3.5h12M4.5 8h7M6.8 12.5h2.4",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  refresh: "M13.2 8a5.2 5.2 0 1 1-1.5-3.7M13.3 1.8v3h-3",
  download: "M8 2.5v7.5M4.5 6.8L8 10.2l3.5-3.4M2.8 13.2h10.4",
  up: "M8 13V3M3.5 7.5L8 3l4.5 4.5",
  check: "M3 8.5l3.3 3.3L13 4.8",
  calendar: "M2.5 3.8h11v9.7h-11zM2.5 6.8h11M5.3 2v3M10.7 2v3",
  warn: "M8 2.2l6.3 11.3H1.7zM8 6.5v3.3M8 11.7v.1",
  chevron: "M4 6l4 4 4-4",
  history: "M2.6 8a5.4 5.4 0 1 0 1.7-3.9M2.4 2v3h3M8 5v3.2l2.2 1.4",
  compare: "M6.5 2.5H2.5v11h4M9.5 2.5h4v11h-4M8 1v14",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  star: "M8 1.9l1.9 3.9 4.2.6-3 3 .7 4.3L8 11.7l-3.8 2 .7-4.3-3-3 4.2-.6z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Each verdict has a shape of its own: colour is never the only difference. */
const SHAPES: Record<VerdictKind, string> = {
  forwarded: "M2 6h6M5.5 3L8.5 6l-3 3",
  dropped: "M2.8 2.8l6.4 6.4M9.2 2.8l-6.4 6.4",
  audit: "M6 1.8L10.2 6 6 10.2 1.8 6z",
  redirected: "M2 9.5V6.5a2 2 0 0 1 2-2h5.5M7 2l2.7 2.5L7 7",
  error: "M6 1.8v5M6 9.6v.1",
  unknown: "M4 4.3a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3M6 9.9v.1",
};

export function Verdict({ name, bare = false }: { name: string; bare?: boolean }) {
  const kind = verdictKind(name);
  return (
    <span class={`verdict v-${kind}`} title={bare ? safe(verdictWord(name), 40) : undefined}>
      <svg class="mark" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d={SHAPES[kind]} />
      </svg>
      {bare ? <span class="sr">{safe(verdictWord(name), 40)}</span> : safe(verdictWord(name), 40)}
    </span>
  );
}
