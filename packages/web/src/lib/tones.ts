/**
 * The steps of the one vermilion that drops have: a reason keeps its step on every page.
 * The words beside it say which it is; the step only keeps neighbours apart.
 */
const KNOWN: Record<string, number> = {
  POLICY_DENIED: 0,
  POLICY_DENY: 1,
  AUTH_REQUIRED: 2,
  UNSUPPORTED_L3_PROTOCOL: 3,
  STALE_OR_UNROUTABLE_IP: 4,
};

export const TONES = 5;
/** The key of the series that sums what has no series of its own. */
export const REST = "\u0000rest";

function hash(name: string): number {
  let value = 7;
  for (let index = 0; index < name.length; index++)
    value = (value * 31 + name.charCodeAt(index)) >>> 0;
  return value;
}

/** A step for each reason shown together: the known ones have theirs, the others probe from their hash. */
export function tonesFor(names: readonly string[]): Map<string, number> {
  const taken = new Set<number>();
  const found = new Map<string, number>();
  const place = (name: string, wanted: number): void => {
    let tone = wanted % TONES;
    for (let tries = 0; taken.has(tone) && tries < TONES; tries++) tone = (tone + 1) % TONES;
    taken.add(tone);
    found.set(name, tone);
  };
  const sorted = [...names].filter((name) => name !== REST).sort();
  for (const name of sorted) if (KNOWN[name] !== undefined) place(name, KNOWN[name]);
  for (const name of sorted) if (KNOWN[name] === undefined) place(name, hash(name));
  return found;
}
