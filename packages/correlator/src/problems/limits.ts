import type { Folded } from "@dropscope/model";

/** What keeps the book of problems bounded, whatever comes. */
export interface ProblemLimits {
  /** Problems in memory; those that were quiet for longest are in the store alone. */
  readonly records: number;
  /** Flows whose problem is remembered, to join the two events of a packet. */
  readonly flows: number;
  /** Problems of one family before further ones are no longer told apart. */
  readonly sizes: Readonly<Record<Exclude<Folded, "">, number>>;
}

export const PROBLEM_LIMITS: ProblemLimits = {
  records: 5_000,
  flows: 50_000,
  sizes: { addresses: 16, ports: 24, peers: 200, workloads: 2_000, everything: 5_000 },
};

/**
 * Where a family is full, finer problems are no longer made, while coarser ones still may be: this
 * much more of each, so that the few coarse ones are not crowded out by the many fine ones.
 */
export const SHARES: Readonly<Record<Folded, number>> = {
  "": 1,
  ports: 1.05,
  addresses: 1.1,
  peers: 1.2,
  workloads: 1.3,
  everything: 1.3,
};
