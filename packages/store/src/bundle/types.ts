import type { Agreement, ChangeMark, Flow, FlowSelection, Gap, LostEvents } from "@dropscope/model";

/** What goes into a bundle: both ends inclusive, ns since 1970. */
export interface BundleQuery {
  readonly since: bigint;
  readonly until: bigint;
  readonly selection: FlowSelection;
}

/** A flow, or a loss that Hubble reported, in the order of time. */
export type BundledItem =
  | { readonly timeNs: bigint; readonly id: string; readonly flow: Flow }
  | { readonly timeNs: bigint; readonly lost: LostEvents; readonly node: string };

/** A line of flows; the flow itself is made where somebody wants to change it. */
export type BundledLine =
  | { readonly text: string; readonly whole: () => Flow }
  | Extract<BundledItem, { readonly lost: LostEvents }>;

/** An explained flow; what explains it is told by its hash and read by `explanations`. */
export interface BundledExplained {
  readonly problem: string;
  /** ns since 1970. */
  readonly timeNs: bigint;
  readonly uuid: string;
  readonly told: "drop" | "verdict";
  readonly weight: number;
  readonly sourceNamespace: string;
  readonly destinationNamespace: string;
  readonly pod: string;
  readonly peer: string;
  readonly node: string;
  /** Of the explanation's text: 32 hex digits. */
  readonly hash: string;
}

/** How often a problem happened in a minute. */
export interface BundledMinute {
  readonly problem: string;
  /** Seconds since 1970, whole minutes. */
  readonly minute: number;
  readonly drops: number;
  readonly verdicts: number;
}

/** Some names, sorted, and how many there are. */
export interface SomeNames {
  readonly names: readonly string[];
  readonly count: number;
}

/** What the explained flows of a range say about one problem. */
export interface ProblemFacts {
  readonly problem: string;
  readonly oldestNs: bigint;
  readonly newest: { readonly uuid: string; readonly timeNs: bigint };
  /** Of the newest flow: a `DropExplanation` without uuid and time, as JSON. */
  readonly explanation: string;
  /** Of the newest flow that the data path said something about. */
  readonly agreement: Agreement;
  /** The newest one that an explanation points at. */
  readonly change: ChangeMark | null;
  /** Newest first, at most 10. */
  readonly samples: readonly { readonly uuid: string; readonly timeNs: bigint }[];
  readonly pods: SomeNames;
  readonly nodes: SomeNames;
  readonly peers: SomeNames;
}

/** A row of `gaps` as it is stored: an outage that was closed is two of them. */
export interface BundledGap extends Gap {
  /** Hash of what it says. */
  readonly id: string;
  /** Number of the source of a lost_events message; −1 for other causes. */
  readonly source: number;
}
