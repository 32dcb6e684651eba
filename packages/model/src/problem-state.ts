import { EPISODE_MS, type ProblemState } from "./problem.js";

/** What the state of a problem follows from; ms since 1970. */
export interface Sightings {
  readonly first: number;
  readonly last: number;
  /** When it was first seen again after the last time that it was resolved; `first` when it never was. */
  readonly episode: number;
}

/**
 * @param now ms since 1970; times ahead of it count as now, because clocks of nodes run ahead
 * @param episodeMs how long nothing may come before it is resolved
 */
export function problemState(
  { first, last, episode }: Sightings,
  now: number,
  episodeMs: number = EPISODE_MS,
): ProblemState {
  if (now - last >= episodeMs) return "resolved";
  if (now - first < episodeMs) return "new";
  return episode > first && now - episode < episodeMs ? "back" : "ongoing";
}
