import {
  AGREEMENTS,
  type Agreement,
  DROP_OUTCOMES,
  type DropExplanation,
  type DropOutcome,
} from "@dropscope/model";

/** What the correlator counts, since it was started. */
export interface CorrelatorStats {
  /** `standby`: another correlator works on this store. */
  readonly state: "starting" | "leading" | "standby" | "waiting";
  /** One sentence when the state is `waiting`. */
  readonly message: string;
  /** Flows explained, by outcome. */
  readonly outcomes: Readonly<Record<DropOutcome, number>>;
  readonly agreements: Readonly<Record<Agreement, number>>;
  readonly batches: number;
  /** ms since 1970 at which the newest batch that is done landed; 0 before the first. */
  readonly correlatedUntil: number;
  /** ms from the acknowledgement of the newest batch to its explanations. */
  readonly lagMs: number;
  /** Landed batches that were seen and are not done. */
  readonly waiting: number;
  readonly problems: number;
  readonly memory: Readonly<Record<"records" | "flows" | "dnsClients" | "names", number>>;
}

const zeros = <Key extends string>(keys: readonly Key[]): Record<Key, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;

export interface Counters {
  state: CorrelatorStats["state"];
  message: string;
  readonly outcomes: Record<DropOutcome, number>;
  readonly agreements: Record<Agreement, number>;
  batches: number;
  correlatedUntil: number;
  lagMs: number;
  waiting: number;
}

export function createCounters(): Counters {
  return {
    state: "starting",
    message: "",
    outcomes: zeros(DROP_OUTCOMES),
    agreements: zeros(AGREEMENTS),
    batches: 0,
    correlatedUntil: 0,
    lagMs: 0,
    waiting: 0,
  };
}

export function countExplained(
  counters: Counters,
  { outcome, agreement }: Pick<DropExplanation, "outcome" | "agreement">,
): void {
  counters.outcomes[outcome] += 1;
  counters.agreements[agreement] += 1;
}
