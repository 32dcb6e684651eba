import type { Clock, DropExplanation } from "@dropscope/model";
import type { Catalog, Profile, Revisions } from "@dropscope/policy";
import type { CorrelatorStore, JudgedBy, Leader, StoreLogger } from "@dropscope/store";
import type { ProblemLimits } from "../problems/index.js";

/** What is known of the cluster, at any time; `LiveCatalog` is one. */
export interface ClusterKnowledge {
  readonly catalog: Catalog;
  /** For any moment, ms since 1970. */
  historyAt(time: number): Promise<Catalog>;
  /** What `historyAt` gave for the moment, for whoever cannot wait; the catalog itself when absent. */
  loadedAt?(time: number): Catalog;
  ready(): Promise<void>;
  /** Of everything that `historyAt` gives: changes whenever an answer may. */
  revisions(): Revisions;
}

export interface CorrelatorOptions {
  readonly store: CorrelatorStore;
  readonly leader: Leader;
  readonly knowledge: ClusterKnowledge;
  /** The data plane that the policies are judged for. */
  readonly profile: Profile;
  readonly clock: Clock;
  readonly logger?: StoreLogger;
  /** Called for every drop that was explained, in the order of landing. */
  readonly onExplained?: (told: ExplainedDrop) => void;
  /** How often to look for landed batches, ms. */
  readonly pollMs?: number;
  readonly limits?: ProblemLimits;
  /** How long nothing may come of a problem before it is resolved, ms; 15 minutes when absent. */
  readonly resolvedAfterMs?: number;
  readonly clusterDomain?: string;
}

/** What processes that only read are told. */
export function judgeOf({ profile }: Pick<CorrelatorOptions, "profile">): JudgedBy {
  return { profile: profile.name, cluster: profile.cluster };
}

export interface ExplainedDrop {
  readonly explanation: DropExplanation;
  readonly node: string;
  /** Id of the problem that it is part of. */
  readonly problem: string;
}
