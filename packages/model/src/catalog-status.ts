import type { PartState } from "./live.js";

/** What is known of the cluster's policies, pods and namespaces, and how fresh it is. Plain data. */
export interface CatalogStatus {
  readonly state: PartState;
  /** One sentence when the state is not `ok`. */
  readonly message: string;
  readonly kinds: readonly CatalogKindStatus[];
  /** Versions that are not stored yet. */
  readonly waiting: number;
}

export interface CatalogKindStatus {
  readonly kind: string;
  /** `folder` or `kubernetes`. */
  readonly source: string;
  readonly state: CatalogKindState;
  readonly objects: number;
  /** ms since 1970: last sign that nothing was missed; absent before the first. */
  readonly aliveAt?: number;
  /** One sentence when the state is neither `ok` nor `absent`. */
  readonly message: string;
}

/**
 * `absent`: the API server does not have the kind, which is fine; `forbidden`: this account may
 * not read it; `failing`: it is tried again and again; `stale`: nothing was heard for too long.
 */
export type CatalogKindState = "starting" | "ok" | "stale" | "absent" | "forbidden" | "failing";
