import type { PolicyRef } from "@dropscope/model";

/** Why a flow was dropped. `unexplained` is an answer too: nothing is invented. */
export interface Explanation {
  readonly cause: DropCause;
  /** One plain sentence for a person. */
  readonly sentence: string;
  /** Policies behind the drop: those that the data path named, else those that make deny the default. */
  readonly policies: readonly PolicyRef[];
  /** Who says so: the data path itself, our evaluation of the policies, or nobody. */
  readonly source: "datapath" | "policies" | "none";
}

export type DropCause =
  | "explicit-deny"
  | "default-deny"
  | "l7-denied"
  | "authentication"
  | "not-a-policy"
  | "unexplained";
