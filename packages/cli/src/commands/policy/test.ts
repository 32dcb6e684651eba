import { DropscopeError, EXIT } from "@dropscope/model";
import { SEVERITIES } from "@dropscope/policy";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import { REPLAY_FAILURES, type ReplayFailure } from "../../policy-test/report.js";
import type { AddCommand } from "../../program.js";
import { readIds, settingOptions } from "./lint-options.js";
import { profileOptions } from "./profile-options.js";

export const addTest = (add: AddCommand): unknown =>
  add({
    name: "policy test",
    summary: "assertions about who may reach whom, lints and replayed traffic, for CI",
    description:
      "Tests the policies of folders, files and - (standard input): by assertions, which are documents of kind PolicyTest among them (`allow` or `deny` from, to, port), by the lints of `policy lint`, and by traffic that was seen. docs/policy-tests.md describes the assertions, and how to run them in GitHub Actions and GitLab. Exit codes: 0 everything holds, 1 something does not, 2 the line cannot be understood, 65 an assertion cannot be asked or contradicts another, 66 a file is not there.",
    arguments: "<dir...>",
    groups: [],
    logless: true,
    options: [
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json", "junit"])
        .default("text"),
      new Option("--junit <FILE>", "write JUnit XML into this file as well"),
      new Option("--all", "name what passed, too"),
      new Option("--lint <LEVEL>", "fail for a finding of this severity or worse; off: no lints")
        .choices([...SEVERITIES, "off"])
        .default("error"),
      new Option(
        "--replay <FILE>",
        "judge the traffic of an incident bundle, or of flows in a form that import reads; may be repeated",
      ).argParser(oneMore),
      new Option("--replay-fail-on <WHAT>", "what of it fails, separated by commas")
        .argParser(readFailures)
        .default(["newly-denied"], "newly-denied"),
      new Option("--only <IDS>", "only these lints, separated by commas").argParser(readIds),
      new Option("--except <IDS>", "all lints but these").argParser(readIds),
      ...profileOptions().filter(({ long }) => long !== "--profile"),
      new Option(
        "--profile <NAME>",
        "data plane to judge for (default: cilium where the input shows Cilium, else kubernetes)",
      ).choices(["kubernetes", "cilium"]),
      ...settingOptions(),
    ],
    examples: [
      ["dropscope policy test manifests/", "assertions and lints of a repository"],
      [
        "dropscope policy test manifests/ tests/ --lint high --junit report.xml",
        "assertions in a folder of their own, and a report for CI",
      ],
      [
        "dropscope policy test manifests/ --replay incident.zip",
        "whether what passed in that incident still would",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/test.js")).run(invocation),
  });

function oneMore(path: string, before: readonly string[] = []): string[] {
  return [...before, path];
}

/** @throws DropscopeError `USAGE` */
function readFailures(text: string): ReplayFailure[] {
  return text.split(",").map((word) => {
    const found = REPLAY_FAILURES.find((one) => one === word.trim());
    if (found !== undefined) return found;
    throw new DropscopeError("USAGE", `--replay-fail-on ${shown(JSON.stringify(word))} is none.`, {
      next: `Write ${REPLAY_FAILURES.join(", ")}, with commas between.`,
      exitCode: EXIT.usage,
    });
  });
}
