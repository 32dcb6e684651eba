import type { CatalogKindStatus, Part } from "@dropscope/model";
import type { CatalogObject, ObjectId, ObjectKind } from "@dropscope/policy";

/** Where policies and the rest of the cluster's state come from. Nothing is told before `start`. */
export interface CatalogSource extends Part {
  /** Stands in every version that it told of. */
  readonly name: string;
  /** To be called before `start`. Changes come in order, and one call is one moment or page. */
  onChange(listener: (changes: readonly SourceChange[]) => void): void;
  status(): readonly CatalogKindStatus[];
}

/** An object as a source sees it. Times are ms since 1970. */
export interface Observed {
  readonly object: CatalogObject;
  /** Empty or absent where the source has none. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** When it was made, as far as the source knows. */
  readonly created?: number;
  /** When it last changed; counts only for what changed while nobody watched. */
  readonly changed?: number;
  /** As it was written, in YAML; absent where nobody will read it (pods). */
  readonly manifest?: string;
}

export type SourceChange =
  | { readonly type: "set"; readonly at: number; readonly observed: Observed }
  | {
      readonly type: "delete";
      readonly at: number;
      readonly id: ObjectId;
      readonly uid?: string;
    }
  /** All objects of a kind that the source has at `at`: what is not among them is gone. */
  | {
      readonly type: "list";
      readonly at: number;
      readonly kind: ObjectKind;
      readonly objects: readonly Observed[];
    }
  /**
   * What objects were before anybody watched, in order of time. What is not later than what is known
   * already counts for nothing, so that it may be told at every start.
   */
  | { readonly type: "past"; readonly changes: readonly PastChange[] }
  /** Nothing of the kind was missed until `at`. */
  | { readonly type: "alive"; readonly at: number; readonly kind: ObjectKind };

export type PastChange = Extract<SourceChange, { readonly type: "set" | "delete" }>;

/** Every kind that the catalog keeps, policies first. */
export const CATALOG_KINDS: readonly ObjectKind[] = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
  "CiliumCIDRGroup",
  "Namespace",
  "Node",
  "Pod",
  "Service",
];
