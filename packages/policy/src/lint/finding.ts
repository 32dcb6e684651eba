import type { Patch } from "../patch/patch.js";
import type { Place } from "../place.js";

export const SEVERITIES = ["error", "high", "medium", "low", "info"] as const;

/**
 * `error`: the object is invalid or certainly does not do what it says. `high`: an outage or an
 * exposure is likely. `info`: nothing is wrong, but somebody may want to know.
 */
export type Severity = (typeof SEVERITIES)[number];

/** Whether `severity` is as bad as `level`, or worse. */
export function isAtLeast(severity: Severity, level: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level);
}

/** What one lint says about one place. */
export interface Finding {
  /** `NP001`, `CN012`, `AN003`: stable, documented in docs/lints.md. */
  readonly id: string;
  readonly severity: Severity;
  /** One plain sentence that names the objects. */
  readonly message: string;
  readonly place: Place;
  readonly object: ObjectRef;
  /** Objects that show why, at most {@link MAX_EVIDENCE}. */
  readonly evidence: readonly Evidence[];
  /** What the statement rests on, for lints that look at more than the policy: `3 pods and 2 namespaces of the input`. */
  readonly basis?: string;
  /** RFC 3339; when the state was read that was judged. */
  readonly asOf?: string;
  /** What to do, in words. */
  readonly fix: string;
  /** Only where there is one right change. */
  readonly patch?: Patch;
}

export const MAX_EVIDENCE = 5;

/** The object that a finding is about. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Both only of objects that an API server gave out. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Evidence {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly place?: Place | undefined;
  /** What is to be seen there: `app=web`, `containerPort 8080`. */
  readonly note?: string | undefined;
}
