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

/** Where finer ones are no longer made, coarser ones still may be: this share more. */
export const COARSE_SHARE = 1.25;
