import { DropscopeError, EXIT, nearest } from "@dropscope/model";
import {
  DAYS_OF,
  MOST_DAYS,
  RETENTION_CLASSES,
  type Retention,
  type RetentionClass,
} from "@dropscope/store";
import { parseDays } from "../config/parse-value.js";

export interface ClassDays {
  readonly name: RetentionClass;
  readonly key: keyof Retention;
  readonly days: number;
}

/**
 * Reads `flows=3d,drops=60`.
 * @throws DropscopeError `RETENTION_INVALID` (exit 2), which names what is wrong
 */
export function parseClassDays(
  text: string | undefined,
  flag: string,
): { classes: ClassDays[]; retention: Partial<Retention> } | undefined {
  if (text === undefined) return undefined;
  const classes = text.split(",").map((pair) => parsePair(pair.trim(), flag));
  return {
    classes,
    retention: Object.fromEntries(classes.map(({ key, days }) => [key, days])),
  };
}

function parsePair(pair: string, flag: string): ClassDays {
  const [name = "", given, ...more] = pair.split("=");
  if (given === undefined || more.length > 0)
    throw invalid(
      `${flag}: ${JSON.stringify(pair)} is no class and days.`,
      "Write flows=3d,drops=60d.",
    );
  const known = RETENTION_CLASSES.find((one) => one === name);
  if (known === undefined) {
    const guess = nearest(name, [...RETENTION_CLASSES]);
    throw invalid(
      `${flag}: there is no class ${JSON.stringify(name)}.`,
      guess ? `Did you mean ${guess}?` : `There are ${RETENTION_CLASSES.join(", ")}.`,
    );
  }
  const parsed = parseDays(given);
  const days = "value" in parsed ? Number(parsed.value) : Number.NaN;
  if (!(days >= 1 && days <= MOST_DAYS))
    throw invalid(
      `${flag}: ${name} cannot be kept for ${JSON.stringify(given)}.`,
      `Give whole days from 1 to ${MOST_DAYS}, such as ${name}=7d.`,
    );
  return { name: known, key: DAYS_OF[known], days };
}

function invalid(message: string, next: string): DropscopeError {
  return new DropscopeError("RETENTION_INVALID", message, { next, exitCode: EXIT.usage });
}
