/**
 * What the tuning page, its API and the commands `policy suggest|simulate|repair|rules|readiness` tell.
 * Times are ms since 1970 unless a name says otherwise; counts of flows are weighted.
 */
import type { PolicyName } from "./explanation.js";
import type { Gap } from "./gap.js";
import type { Peer } from "./live.js";
import type { EdgeOutcome } from "./observed-edge.js";

/** What an answer rests on. Nothing that is missing here ever counts as safe. */
export interface Evidence {
  readonly from: number;
  readonly to: number;
  /** The oldest and the newest flow of the range; null when there is none. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  readonly flows: number;
  /** Distinct connections. */
  readonly edges: number;
  /** Hours of the range in which anything was stored, of all its hours. */
  readonly hoursSeen: number;
  readonly hours: number;
  readonly gaps: readonly Gap[];
  /** Edges that could not be judged, by why. */
  readonly unknown: readonly {
    readonly why: string;
    readonly edges: number;
    readonly flows: number;
  }[];
  /** Edges beyond what was kept; 0 when all were looked at. */
  readonly left: number;
}

/** `regular`: seen in much of the time; `periodic`: at even distances, like a cron job; `once`: in one short while. */
export const TRAFFIC_PATTERNS = ["regular", "periodic", "once", "scan"] as const;
export type TrafficPattern = (typeof TRAFFIC_PATTERNS)[number];
export const CONFIDENCES = ["high", "medium", "low"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** One edge as a person reads it. */
export interface EdgeTold {
  /** Stable over runs; what `--include` takes. */
  readonly id: string;
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: string;
  readonly port: number;
  readonly outcome: EdgeOutcome;
  readonly flows: number;
  readonly pods: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** A rule of a proposal, and what it rests on. */
export interface SuggestedRule {
  /** Path in its policy: `spec.egress[1]`. */
  readonly path: string;
  /** One sentence: who may reach whom on what. */
  readonly says: string;
  readonly pattern: TrafficPattern;
  readonly confidence: Confidence;
  /** Why no more than that. */
  readonly why: string;
  readonly flows: number;
  readonly pods: number;
  /** Null for a rule that nothing observed asks for, as that for name lookups may be. */
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  /** At most 20, most frequent first. */
  readonly edges: readonly EdgeTold[];
}

export interface SuggestedPolicy {
  readonly policy: PolicyName;
  /** Which pods it is for, in words. */
  readonly subject: string;
  readonly yaml: string;
  readonly rules: readonly SuggestedRule[];
}

/** Traffic that a proposal does not allow, and why; each can be included by its id. */
export interface LeftOut {
  readonly edge: EdgeTold;
  /** `dropped` and `audited`: included by choice alone. */
  readonly why: "dropped" | "audited" | "scanner" | "once" | "unplaced";
  readonly says: string;
}

export const SUGGESTED_KINDS = ["NetworkPolicy", "CiliumNetworkPolicy"] as const;
export type SuggestedKind = (typeof SUGGESTED_KINDS)[number];
/** A policy for each workload, or one for the whole namespace. */
export const SUGGESTED_MODES = ["workload", "namespace"] as const;
export type SuggestedMode = (typeof SUGGESTED_MODES)[number];

/** What is asked with it; the range as for flows. */
export interface SuggestionQuery {
  readonly namespace: string;
  /** Name of one workload; of all when absent. */
  readonly workload?: string;
  readonly kind?: SuggestedKind;
  readonly mode?: SuggestedMode;
  /** Ids of edges that were left out and shall be allowed, with commas between. */
  readonly include?: string;
}

/** REST: GET /api/v1/tuning/suggestion */
export interface SuggestionAnswer {
  readonly at: number;
  readonly evidence: Evidence;
  readonly policies: readonly SuggestedPolicy[];
  /** All of them as one file. */
  readonly yaml: string;
  readonly leftOut: readonly LeftOut[];
  readonly leftOutMore: number;
  /** What somebody should know before he applies it. */
  readonly remarks: readonly string[];
}

export const REPLAY_CHANGES = ["newly-denied", "newly-allowed"] as const;
export type ReplayChange = (typeof REPLAY_CHANGES)[number];

/** Edges that fall together as one problem would: workloads, port, direction, and what decides. */
export interface ReplayGroup {
  readonly id: string;
  readonly change: ReplayChange;
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: string;
  readonly port: number;
  readonly flows: number;
  readonly pods: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Flows in each hour, as many as `Evidence.hours` up to 168: the newest last. */
  readonly trend: readonly number[];
  /** Which end's policies decide. */
  readonly direction: "ingress" | "egress" | "both";
  /** One sentence: which policies, and the clause that came nearest. */
  readonly says: string;
  readonly policies: readonly PolicyName[];
  /** Path of the clause in the text of the first policy; empty when there is none. */
  readonly clause: string;
  /** What really happened to it, as Hubble saw it. */
  readonly seen: Readonly<Record<EdgeOutcome, number>>;
}

/** A problem of the text that was given, at its place. */
export interface CandidateProblem {
  readonly severity: "error" | "warning" | "info";
  /** Id of a lint; empty for what does not parse. */
  readonly rule: string;
  readonly message: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Body of POST /api/v1/tuning/replay, beside the range. */
export interface ReplayRequest {
  /** Only connections with an end in it. */
  readonly namespace?: string;
  /** Documents of policies. Each stands in place of the one in force of its kind, namespace and name. */
  readonly policies: string;
  /** Policies in force to be taken away: `KIND/NAMESPACE/NAME` with commas between. */
  readonly remove?: string;
}

/** REST: POST /api/v1/tuning/replay */
export interface ReplayAnswer {
  readonly at: number;
  readonly evidence: Evidence;
  /** Policies that the candidate adds, changes or removes. */
  readonly changes: readonly {
    readonly policy: PolicyName;
    readonly change: "added" | "changed" | "removed" | "same";
  }[];
  readonly problems: readonly CandidateProblem[];
  /** Newly denied first, then by flows; at most 500. */
  readonly groups: readonly ReplayGroup[];
  readonly counts: {
    readonly newlyDenied: { readonly edges: number; readonly flows: number };
    readonly newlyAllowed: { readonly edges: number; readonly flows: number };
    readonly stillDenied: { readonly edges: number; readonly flows: number };
    readonly stillAllowed: { readonly edges: number; readonly flows: number };
    readonly unknown: { readonly edges: number; readonly flows: number };
  };
}

/** One rule of a policy in force, and what used it. */
export interface RuleUse {
  readonly policy: PolicyName;
  /** Path in its policy: `spec.ingress[0]`. */
  readonly path: string;
  /** 1-based line of the rule in the policy's text; 0 when that is not known. */
  readonly line: number;
  readonly direction: "ingress" | "egress";
  readonly action: "allow" | "deny";
  readonly says: string;
  readonly flows: number;
  readonly edges: number;
  readonly firstSeen: number | null;
  readonly lastSeen: number | null;
  /** Flows in equal steps of the range, at most 168. */
  readonly trend: readonly number[];
  /** How the hits are known: Hubble named the policy, or our evaluation did. */
  readonly attributed: { readonly hubble: number; readonly evaluated: number };
  readonly findings: readonly RuleFinding[];
}

export interface RuleFinding {
  readonly kind: "never-used" | "over-broad" | "duplicate" | "shadowed" | "stale-selector";
  /** One sentence with its evidence. */
  readonly says: string;
  /** A narrower equivalent of the rule as YAML; empty when there is none. */
  readonly yaml: string;
}

/** REST: GET /api/v1/tuning/rules */
export interface RulesAnswer {
  readonly at: number;
  readonly evidence: Evidence;
  readonly rules: readonly RuleUse[];
  readonly more: number;
}

export const READINESS_STAGES = [
  "no-policy",
  "partial",
  "would-break",
  "watching",
  "ready",
  "enforced",
] as const;
export type ReadinessStage = (typeof READINESS_STAGES)[number];

/** How far a namespace is from a default deny that breaks nothing. */
export interface NamespaceReadiness {
  readonly namespace: string;
  readonly stage: ReadinessStage;
  /** One sentence. */
  readonly says: string;
  /** Workloads, and how many of them a policy isolates. */
  readonly workloads: number;
  readonly isolated: { readonly ingress: number; readonly egress: number };
  /** Whether lookups of names would still work under a default deny of egress. */
  readonly dns: "allowed" | "missing" | "not-isolated";
  /** What default deny would break as the policies stand: edges that no rule allows. */
  readonly wouldBreak: { readonly edges: number; readonly flows: number };
  /** Days in a row up to now in which the policies denied nothing that was not denied before. */
  readonly cleanDays: number;
  /** Of many namespaces at once each has the newest 20 gaps alone: they are the same for all. */
  readonly evidence: Evidence;
  /** What to do next, in order. */
  readonly plan: readonly {
    readonly done: boolean;
    readonly says: string;
    /** Command to run; empty when there is none. */
    readonly command: string;
  }[];
}

/** REST: GET /api/v1/tuning/readiness */
export interface ReadinessAnswer {
  readonly at: number;
  readonly namespaces: readonly NamespaceReadiness[];
}
