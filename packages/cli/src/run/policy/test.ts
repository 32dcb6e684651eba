import { writeFileSync } from "node:fs";
import { DropscopeError, EXIT, systemClock } from "@dropscope/model";
import {
  type AssertionProblem,
  createWorld,
  lint,
  type Manifests,
  type Profile,
  readAssertions,
  type Severity,
} from "@dropscope/policy";
import { settingsOf } from "../../commands/policy/lint-options.js";
import { profileFor } from "../../commands/policy/lint.js";
import { loadManifests } from "../../commands/policy/load.js";
import { shown } from "../../observe/paint.js";
import { judgeAssertions } from "../../policy-test/assertions.js";
import type { SeenFile } from "../../policy-test/bundle.js";
import { junitXml } from "../../policy-test/junit.js";
import { lintCases } from "../../policy-test/lint.js";
import {
  countsOf,
  type ReplayFailure,
  reportText,
  type TestReport,
  type TestSuite,
} from "../../policy-test/report.js";
import type { Invocation } from "../../program.js";

/** Runs `dropscope policy test`. */
export async function run({ args, options, outcome }: Invocation): Promise<void> {
  const namespace = options["namespace"] as string;
  const seen = await readAll((options["replay"] as string[] | undefined) ?? []);
  // Selectors are limited to the cluster that its flows name.
  const named = options["cluster"] as string;
  const cluster = named === "default" ? (seen[0]?.cluster ?? named) : named;
  const manifests = await loadManifests(args, {
    namespace,
    cluster,
    named: "DIR",
    mayBeEmpty: true,
    silent: true,
  });
  // What Hubble saw passed through Cilium, whatever kinds of policies there are.
  const plane = options["profile"] ?? (seen.length > 0 ? "cilium" : undefined);
  const profile = profileFor(manifests, { ...options, cluster, profile: plane });
  const suites = [
    assertionSuite(manifests, profile, namespace),
    lintSuite(manifests, profile, options),
    await replaySuite(seen, manifests, profile, options),
  ].filter((suite) => suite !== undefined);
  refuseNothing(args, suites);
  write({ suites }, options);
  if (countsOf(suites).failed > 0) outcome.exitCode = EXIT.failed;
}

function assertionSuite(
  manifests: Manifests,
  profile: Profile,
  namespace: string,
): TestSuite | undefined {
  const begun = systemClock.now();
  const { assertions, problems } = readAssertions(manifests.sources, namespace);
  refuse(problems);
  if (assertions.length === 0) return undefined;
  const judged = judgeAssertions(assertions, createWorld(manifests, profile));
  refuse(judged.problems);
  return { name: "assertions", cases: judged.cases, ms: systemClock.now() - begun };
}

function lintSuite(
  manifests: Manifests,
  profile: Profile,
  options: Invocation["options"],
): TestSuite | undefined {
  const level = options["lint"] as Severity | "off";
  if (level === "off") return undefined;
  const begun = systemClock.now();
  const findings = lint(manifests, {
    profile,
    settings: settingsOf(options),
    ...(options["only"] === undefined ? {} : { only: options["only"] as string[] }),
    ...(options["except"] === undefined ? {} : { except: options["except"] as string[] }),
  });
  const cases = lintCases(manifests, findings, level);
  return cases.length === 0 ? undefined : { name: "lint", cases, ms: systemClock.now() - begun };
}

/** Reading flows takes half a second to load: only who replays some waits for it. */
async function readAll(paths: readonly string[]): Promise<SeenFile[]> {
  const seen: SeenFile[] = [];
  if (paths.length === 0) return seen;
  const { readSeen } = await import("../../policy-test/bundle.js");
  for (const path of paths) seen.push({ path, ...(await readSeen(path)) });
  return seen;
}

async function replaySuite(
  seen: readonly SeenFile[],
  manifests: Manifests,
  profile: Profile,
  options: Invocation["options"],
): Promise<TestSuite | undefined> {
  if (seen.length === 0) return undefined;
  const begun = systemClock.now();
  const { replayCases } = await import("../../policy-test/replay.js");
  const failOn = new Set(options["replayFailOn"] as ReplayFailure[]);
  const cases = seen.flatMap((one) => replayCases(one.path, one, manifests, profile, failOn));
  return { name: "replay", cases, ms: systemClock.now() - begun };
}

/** An assertion that is not understood must not pass for one that holds. */
function refuse(problems: readonly AssertionProblem[]): void {
  if (problems.length === 0) return;
  for (const { place, message, fix } of problems)
    process.stderr.write(
      `${shown(`${place.file}:${place.line}:${place.column}: error: ${message} — ${fix}`)}\n`,
    );
  throw new DropscopeError(
    "TEST_INVALID",
    problems.length === 1
      ? "An assertion cannot be asked, see above."
      : `${problems.length} things in the assertions cannot be asked, see above.`,
    {
      next: "Correct them; docs/policy-tests.md describes what may be written.",
      exitCode: EXIT.badInput,
    },
  );
}

/** A mistyped folder must not pass for one in which everything holds. */
function refuseNothing(paths: readonly string[], suites: readonly TestSuite[]): void {
  if (suites.length > 0) return;
  throw new DropscopeError(
    "TEST_EMPTY",
    `There is nothing to test in ${shown(paths.join(", "))}: no assertion, and no manifest that is linted.`,
    {
      next: "Name the folders that hold manifests and documents of kind PolicyTest.",
      exitCode: EXIT.noInput,
    },
  );
}

function write(report: TestReport, options: Invocation["options"]): void {
  const file = options["junit"] as string | undefined;
  if (file !== undefined) writeReport(file, junitXml(report));
  process.stdout.write(rendered(report, options));
}

function rendered(report: TestReport, options: Invocation["options"]): string {
  switch (options["output"]) {
    case "junit":
      return junitXml(report);
    case "json":
      return `${JSON.stringify({ ...countsOf(report.suites), ...report }, null, 2)}\n`;
    default:
      return reportText(report, options["all"] === true);
  }
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new DropscopeError("TEST_REPORT", `${shown(file)} cannot be written (${code}).`, {
      next: "Name a file in a folder that is there, or correct its rights.",
      exitCode: EXIT.ioError,
    });
  }
}
