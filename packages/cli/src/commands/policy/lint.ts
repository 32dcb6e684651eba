import { DropscopeError, EXIT, systemClock } from "@dropscope/model";
import {
  type Finding,
  findingsJson,
  findingsText,
  isAtLeast,
  lint,
  type Manifests,
  type Profile,
  sarifLog,
  SEVERITIES,
  type Severity,
} from "@dropscope/policy";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import type { AddCommand, Invocation } from "../../program.js";
import { version } from "../../version.js";
import { readIds, settingOptions, settingsOf } from "./lint-options.js";
import { loadManifests } from "./load.js";
import { profileOf, profileOptions } from "./profile-options.js";

export const addLint = (add: AddCommand): unknown =>
  add({
    name: "policy lint",
    summary: "mistakes, traps and dead rules in policies, with what to do about them",
    description:
      "Reads policies, and the cluster's other objects as far as they are there, from folders, files and - (standard input), and says what is invalid, does not do what it says, breaks applications, opens too much or has no effect. docs/lints.md explains each finding. Lints that need pods, namespaces or Services are silent where the input holds none. `dropscope.io/ignore: NP011,NP201` as an annotation silences them on an object. Exit codes: 0 nothing at or above --fail-on, 1 something is, 2 the line cannot be understood, 65 nothing in the files can be read, 66 a file is not there.",
    arguments: "<dir...>",
    groups: [],
    logless: true,
    options: [
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json", "sarif"])
        .default("text"),
      new Option("--fail-on <LEVEL>", "exit with 1 for a finding of this severity or worse")
        .choices([...SEVERITIES, "never"])
        .default("error"),
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
      ["dropscope policy lint manifests/ --fail-on high", "in CI, beside the application"],
      [
        "kubectl get netpol,cnp,ccnp,ns,pods,svc,ds,nodes -A -o yaml | dropscope policy lint -",
        "a whole cluster: with its pods more can be said",
      ],
      [
        "dropscope policy lint manifests/ -o sarif --fail-on never > lint.sarif",
        "for a code scanning service",
      ],
    ],
    run,
  });

async function run({ args, options, outcome }: Invocation): Promise<void> {
  const manifests = await loadManifests(args, {
    namespace: options["namespace"] as string,
    cluster: options["cluster"] as string,
    named: "DIR",
    mayBeEmpty: true,
    silent: true,
  });
  refuseNothing(args, manifests);
  const asOf = new Date(systemClock.now()).toISOString();
  const settings = settingsOf(options);
  const findings = lint(manifests, {
    profile: profileFor(manifests, options),
    asOf,
    settings,
    ...pick("only", options["only"] as string[] | undefined),
    ...pick("except", options["except"] as string[] | undefined),
  });
  process.stdout.write(render(options["output"] as string, findings, manifests, asOf));
  const level = options["failOn"] as Severity | "never";
  if (level !== "never" && findings.some(({ severity }) => isAtLeast(severity, level)))
    outcome.exitCode = EXIT.failed;
}

function render(
  format: string,
  findings: readonly Finding[],
  manifests: Manifests,
  asOf: string,
): string {
  if (format === "json") return `${JSON.stringify(findingsJson(findings), null, 2)}\n`;
  if (format === "sarif")
    return `${JSON.stringify(sarifLog(findings, manifests, { version, asOf }), null, 2)}\n`;
  return `${findingsText(findings).map(shown).join("\n")}\n`;
}

/** A mistyped folder must not pass for one without mistakes. */
function refuseNothing(paths: readonly string[], { sources, problems }: Manifests): void {
  if (sources.length > 0 || problems.length > 0) return;
  throw new DropscopeError(
    "POLICY_EMPTY",
    `There is no Kubernetes or Cilium object in ${shown(paths.join(", "))}.`,
    {
      next: "Name the folder or files (.yaml, .yml, .json) that hold the manifests.",
      exitCode: EXIT.noInput,
    },
  );
}

/** The data plane that the flags name, else the one that the input shows. */
export function profileFor(
  { policies, sources }: Manifests,
  options: Readonly<Record<string, unknown>>,
): Profile {
  const ofCilium =
    options["cni"] === "cilium" ||
    policies.some(({ kind }) => kind.startsWith("Cilium")) ||
    sources.some(({ kind, name }) => kind === "DaemonSet" && name === "cilium");
  return profileOf({
    ...options,
    profile: options["profile"] ?? (ofCilium ? "cilium" : "kubernetes"),
  });
}

/** Nothing at all for a flag that was not given. */
function pick<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
