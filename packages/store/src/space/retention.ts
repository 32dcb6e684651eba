import { DropscopeError, EXIT } from "@dropscope/model";
import { DEFAULT_RETENTION, type Retention } from "../config.js";
import { DAYS_OF, RETENTION_CLASSES, type RetentionClass } from "./classes.js";

/** Beyond it a day of landing could not hold the day of expiry. */
export const MOST_DAYS = 3650;

/**
 * The retention of a store: what the settings say wins over what `storage retention --set` left in
 * the store, and that over the defaults. What the settings do not say is raised with what they do, so
 * that `ttl-flows: 60` alone is enough; nothing is lowered that nobody asked to lower.
 * @throws DropscopeError `RETENTION_INVALID` (exit 2)
 */
export function resolveRetention(
  given: Partial<Retention> = {},
  stored: Partial<Retention> = {},
): Retention {
  const rawDays = given.rawDays ?? stored.rawDays ?? DEFAULT_RETENTION.rawDays;
  const dropDays =
    given.dropDays ?? Math.max(stored.dropDays ?? DEFAULT_RETENTION.dropDays, rawDays);
  const rollupDays =
    given.rollupDays ?? Math.max(stored.rollupDays ?? DEFAULT_RETENTION.rollupDays, dropDays);
  const problemDays = given.problemDays ?? Math.max(stored.problemDays ?? rollupDays, dropDays);
  const policyDays = given.policyDays ?? Math.max(stored.policyDays ?? rollupDays, dropDays);
  return checkRetention({ rawDays, dropDays, rollupDays, problemDays, policyDays });
}

/** Each with why: a shorter time would make answers wrong, not only shorter. */
const AT_LEAST: readonly (readonly [RetentionClass, RetentionClass, string])[] = [
  ["drops", "flows", "drops are what is asked for longest"],
  ["rollups", "drops", "charts and sums are read from them"],
  ["problems", "drops", "explained drops point at them"],
  ["policies", "drops", "drops are explained by the policies of their time"],
];

/** @throws DropscopeError `RETENTION_INVALID` (exit 2) */
export function checkRetention(retention: Retention): Retention {
  for (const name of RETENTION_CLASSES) {
    const days = retention[DAYS_OF[name]];
    if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
      throw invalid(
        `${name} cannot be kept for ${days} days`,
        `Give a whole number of days from 1 to ${MOST_DAYS}.`,
      );
  }
  for (const [longer, shorter, why] of AT_LEAST) {
    const least = retention[DAYS_OF[shorter]];
    const days = retention[DAYS_OF[longer]];
    if (days < least)
      throw invalid(
        `${longer} would be kept for ${days} days and ${shorter} for ${least}: ${why}`,
        `Keep ${longer} for ${least} days or more, or ${shorter} for ${days} or less.`,
      );
  }
  return retention;
}

function invalid(message: string, next: string): DropscopeError {
  return new DropscopeError("RETENTION_INVALID", message, { next, exitCode: EXIT.usage });
}
