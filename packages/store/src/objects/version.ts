/** Times are ms since 1970, to the µs; −∞ is "since nobody knows when", ∞ "it still holds". */
export interface ObjectVersionRow {
  readonly kind: string;
  /** Empty for objects of the cluster. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly from: number;
  readonly to: number;
  /** Hash of what it says. */
  readonly content: string;
  readonly resourceVersion: string;
  /** Who told: `folder`, `kubernetes`. */
  readonly source: string;
}

/** What a version says. */
export interface ObjectContent {
  readonly hash: string;
  /** Normal form; JSON. */
  readonly spec: unknown;
  /** As it was written, in YAML; empty where nobody will read it (pods). */
  readonly manifest: string;
}

export interface StoredVersion extends ObjectVersionRow {
  readonly spec: unknown;
}

/** All objects of a kind were known from `listedAt` until `until`, ms since 1970. */
export interface ObjectWatch {
  readonly source: string;
  readonly kind: string;
  readonly listedAt: number;
  readonly until: number;
}

const ALWAYS = 0;
/** 2100-01-01, in µs: late enough, and its retention still fits the engine's DateTime. */
const STILL = 4_102_444_800_000_000;

/** Whole µs, as the store keeps them: what is loaded again equals what was written. */
export function toMicros(ms: number): number {
  if (ms === Number.NEGATIVE_INFINITY) return ALWAYS;
  if (ms === Number.POSITIVE_INFINITY) return STILL;
  return Math.min(STILL - 1, Math.max(ALWAYS + 1, Math.round(ms * 1000)));
}

export function fromMicros(micros: number): number {
  if (micros <= ALWAYS) return Number.NEGATIVE_INFINITY;
  return micros >= STILL ? Number.POSITIVE_INFINITY : micros / 1000;
}

/** ms since 1970 as it comes back from the store. */
export function storedTime(ms: number): number {
  return fromMicros(toMicros(ms));
}

/** As ClickHouse reads a DateTime64(6) in a row of JSON. */
export function microsText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, "0");
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")}.${fraction}`;
}
