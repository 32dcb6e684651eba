/** Something that was seen several times: how often, from when to when, and some of the flows. */
export interface Tally {
  /** Events by layer: the same packet is in several, see `packetsOf`. */
  readonly layers: Record<string, number>;
  /** ms. */
  first: number;
  last: number;
  /** The earliest, in order of time and uuid. */
  samples: Sample[];
}

export interface Sample {
  readonly time: number;
  readonly uuid: string;
}

/** Flows shown of a finding. */
export const MAX_SAMPLES = 5;

export function createTally(): Tally {
  return {
    layers: {},
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    samples: [],
  };
}

export function count(
  tally: Tally,
  seen: { readonly time: number; readonly uuid: string; readonly layer: string },
): void {
  tally.layers[seen.layer] = (tally.layers[seen.layer] ?? 0) + 1;
  tally.first = Math.min(tally.first, seen.time);
  tally.last = Math.max(tally.last, seen.time);
  addSample(tally, seen);
}

/** Adds what another one counted; the order in which tallies are merged does not matter. */
export function merge(into: Tally, other: Tally): void {
  for (const [layer, number] of Object.entries(other.layers))
    into.layers[layer] = (into.layers[layer] ?? 0) + number;
  into.first = Math.min(into.first, other.first);
  into.last = Math.max(into.last, other.last);
  for (const sample of other.samples) addSample(into, sample);
}

export function mergeAll(tallies: Iterable<Tally>): Tally {
  const all = createTally();
  for (const tally of tallies) merge(all, tally);
  return all;
}

/** A packet that a verdict and a drop event tell is one: the layer with most events has seen all. */
export function packetsOf({ layers }: Tally): number {
  return Math.max(0, ...Object.values(layers));
}

function addSample(tally: Tally, { time, uuid }: Sample): void {
  const { samples } = tally;
  if (uuid === "") return;
  const last = samples.at(-1);
  const full = samples.length >= MAX_SAMPLES;
  if (full && last !== undefined && order(last, { time, uuid }) <= 0) return;
  if (samples.some((one) => one.uuid === uuid)) return;
  samples.push({ time, uuid });
  samples.sort(order);
  if (samples.length > MAX_SAMPLES) samples.pop();
}

function order(a: Sample, b: Sample): number {
  return a.time - b.time || (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0);
}
