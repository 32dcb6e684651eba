/** Edits of policies that let denied traffic pass: what the problem page and `policy repair` tell. */
import type { PolicyName } from "./explanation.js";
import type { Peer } from "./live.js";

/**
 * `fix-selector`: a selector that matches nobody gets the label that the end really has; `add-port` and
 * `add-peer`: a rule that has the other half is widened; `new-rule`: in a policy that is there;
 * `exception`: a deny rule leaves an end out; `request`: an entry in the list of a proxy.
 */
export const FIX_KINDS = [
  "fix-selector",
  "add-port",
  "add-peer",
  "new-rule",
  "new-policy",
  "exception",
  "request",
] as const;
export type FixKind = (typeof FIX_KINDS)[number];

/** One edit, or several that it takes together, after which the traffic passes: it was evaluated. */
export interface Fix {
  /** What the first edit is of. */
  readonly policy: PolicyName;
  /** `Add port TCP 9464 to spec.ingress[1]`. */
  readonly title: string;
  /** What else to know before it is applied; sentences. */
  readonly effect: string;
  /** Unified diff of all files. */
  readonly diff: string;
  /** The changed files, whole; several as documents of one text. */
  readonly yaml: string;
  /** What still stops the traffic after it: the other end's policies. Empty when nothing does. */
  readonly remains: string;
  /** In the order in which they are to be made; each of another policy, or of the other direction. */
  readonly edits: readonly FixEdit[];
  readonly files: readonly FixFile[];
  readonly allows: NewlyAllowed;
  /** What the observed traffic would have met; null where none was looked at. */
  readonly replay: FixReplay | null;
}

export interface FixEdit {
  readonly kind: FixKind;
  readonly policy: PolicyName;
  readonly title: string;
  /** Whether the object is not there yet. */
  readonly isNew: boolean;
  /** The same for a shell: `kubectl patch …` or `kubectl apply …`. */
  readonly command: string;
}

export interface FixFile {
  /** As the diff names it. */
  readonly path: string;
  readonly isNew: boolean;
  readonly diff: string;
  /** The whole changed text. */
  readonly yaml: string;
}

/**
 * What passes after an edit that did not before: evaluated for every pair of ends that is known. Pods are
 * counted one by one; whatever is outside (world, nodes, a range of addresses) counts as one end each.
 */
export interface NewlyAllowed {
  /** Pairs of source and destination between which anything newly passes. */
  readonly pairs: number;
  /** Those of them that are replicas of the two ends that were asked about. */
  readonly asked: number;
  /** What newly passes between those: `TCP 8443`. */
  readonly ports: string;
  /** All pairs by port: (source, destination, protocol and port). What edits are ranked by. */
  readonly connections: number;
  /** Pairs beyond those that were asked about, by workload: the most connections first, at most 20. */
  readonly beyond: readonly NewlyAllowedPairs[];
  readonly more: number;
  /** Pods that it was evaluated for; 0 when none is known. */
  readonly pods: number;
}

export interface NewlyAllowedPairs {
  readonly client: Peer;
  readonly server: Peer;
  /** `TCP 80,8080-8090,UDP 53`. */
  readonly ports: string;
  readonly pairs: number;
}

/** Observed connections that meet another answer than before the edit. */
export interface FixReplay {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly edges: number;
  readonly newlyAllowed: { readonly edges: number; readonly flows: number };
  readonly newlyDenied: { readonly edges: number; readonly flows: number };
  /** Could not be judged; never counts as harmless. */
  readonly unknown: { readonly edges: number; readonly flows: number };
}

/** What `policy repair -o json` prints. */
export interface RepairAnswer {
  /** The moment whose policies were edited, ms. */
  readonly at: number;
  /** One sentence: who may not reach whom on what, and why. */
  readonly denied: string;
  /** Least newly allowed first. */
  readonly fixes: readonly Fix[];
  /** Why there is none; empty when there is one. */
  readonly noFix: string;
  /** Why none is needed; empty when one is. */
  readonly already: string;
}
