import { EPISODE_MS, type ProblemState } from "./problem.js";

/** What the state of a problem follows from; ms since 1970. */
export interface Sightings {
  readonly first: number;
  readonly last: number;
  /** When it was first seen again after the last time that it was resolved; `first` when it never was. */
  readonly episode: number;
}

/** @param now ms since 1970; times ahead of it count as now, because clocks of nodes run ahead */
export function problemState({ first, last, episode }: Sightings, now: number): ProblemState {
  if (now - last >= EPISODE_MS) return "resolved";
  if (now - first < EPISODE_MS) return "new";
  return episode > first && now - episode < EPISODE_MS ? "back" : "ongoing";
}
