import type {
  ObservedTraffic,
  ReadinessAnswer,
  ReplayAnswer,
  RulesAnswer,
  SuggestedKind,
  SuggestedMode,
  SuggestionAnswer,
} from "@dropscope/model";
import type { CatalogObject, Profile } from "@dropscope/policy";

/** What is asked of one piece of traffic and one moment of the cluster: plain data, so that it can be sent to a thread. */
export type TuningQuestion =
  | {
      readonly of: "suggestion";
      readonly namespace: string;
      readonly workload?: string;
      /** What the traffic needs when absent. */
      readonly kind?: SuggestedKind;
      readonly mode: SuggestedMode;
      /** Ids of edges. */
      readonly include: readonly string[];
    }
  | {
      readonly of: "replay";
      readonly yaml: string;
      /** `KIND/NAMESPACE/NAME` of policies in force. */
      readonly remove: readonly string[];
    }
  | ({ readonly of: "rules" } & UseQuestion)
  | ({ readonly of: "readiness" } & UseQuestion);

interface UseQuestion {
  readonly namespace?: string;
  /** Namespaces that the viewer sees whole; all when absent. */
  readonly visible?: readonly string[];
}

/** Under which traffic and cluster are kept. */
export interface TuningKeys {
  readonly traffic: string;
  readonly cluster: string;
}

export interface TuningAnswers {
  readonly suggestion: SuggestionAnswer;
  readonly replay: ReplayAnswer;
  readonly rules: RulesAnswer;
  readonly readiness: ReadinessAnswer;
}

/** What a cluster is made of: plain data too. */
export interface ClusterInput {
  /** ms since 1970. */
  readonly at: number;
  readonly profile: Profile;
  readonly objects: readonly CatalogObject[];
  /** Policies as they were written; `key` is `KIND/NAMESPACE/NAME`. */
  readonly texts: readonly {
    readonly key: string;
    readonly file: string;
    readonly text: string;
    /** From when on the policy says it, ms since 1970; absent where it always did, or nobody knows. */
    readonly since?: number;
  }[];
}

/** What is kept where the answers are made, under a key: it is large, and asked about again and again. */
export type TuningInput =
  | { readonly of: "traffic"; readonly traffic: ObservedTraffic }
  | { readonly of: "cluster"; readonly cluster: ClusterInput };

/** Makes the answers: in a thread, or where it stands. */
export interface TuningRun {
  /** Begins again whenever what was kept is gone. */
  readonly life: number;
  keep(key: string, input: TuningInput): void;
  forget(key: string): void;
  /**
   * @param keys of what was kept
   * @throws DropscopeError of the answer itself; Error when it cannot be made, or takes too long
   */
  ask(question: TuningQuestion, keys: TuningKeys): Promise<TuningAnswers[TuningQuestion["of"]]>;
  stop(): void;
}
