import { shown } from "../observe/paint.js";

/** What `policy test` found, before it is written in one of its formats. `-o json` is exactly this. */
export interface TestReport {
  readonly suites: readonly TestSuite[];
}

export interface TestSuite {
  readonly name: "assertions" | "lint" | "replay";
  readonly cases: readonly TestCase[];
  /** How long it took. */
  readonly ms: number;
}

export interface TestCase {
  readonly name: string;
  /** File that it stands in or is about; empty for none. */
  readonly file: string;
  /** From 1; 0 for none. */
  readonly line: number;
  /** `skipped`: it could not be judged, which is no success. */
  readonly state: "passed" | "failed" | "skipped";
  /** Why it failed or could not be judged, and of one that passed what is still worth reading; one line each. */
  readonly says: readonly string[];
}

/** What of replayed traffic may fail. */
export const REPLAY_FAILURES = ["newly-denied", "newly-allowed", "unknown"] as const;
export type ReplayFailure = (typeof REPLAY_FAILURES)[number];

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countsOf(suites: readonly TestSuite[]): TestCounts {
  const cases = suites.flatMap((suite) => suite.cases);
  const count = (state: TestCase["state"]): number =>
    cases.filter((one) => one.state === state).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

const MARKS = { passed: "ok", failed: "FAIL", skipped: "skip" } as const;

/** For people: what failed with its reasons; of what passed the count, or with `all` each by its name. */
export function reportText({ suites }: TestReport, all: boolean): string {
  const lines: string[] = [];
  for (const { name, cases } of suites) {
    const told = cases.filter(({ state, says }) => all || state !== "passed" || says.length > 0);
    lines.push(`${name}: ${countText(countsOf([{ name, cases, ms: 0 }]))}`);
    for (const one of told) lines.push(...caseLines(one));
  }
  const counts = countsOf(suites);
  lines.push("", `${counts.failed === 0 ? "Passed" : "Failed"}: ${countText(counts)}.`);
  return `${lines.map(shown).join("\n")}\n`;
}

function caseLines({ name, file, line, state, says }: TestCase): string[] {
  const where = file === "" ? "" : ` (${file}${line === 0 ? "" : `:${line}`})`;
  return [
    `  ${MARKS[state].padEnd(4)}  ${name}${where}`,
    ...says.map((text) => `          ${text}`),
  ];
}

function countText({ passed, failed, skipped }: TestCounts): string {
  const parts = [
    `${passed} passed`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} not judged`]),
  ];
  return parts.join(", ");
}
