import { DropscopeError, EXIT, READINESS_STAGES, type ReadinessStage } from "@dropscope/model";
import { defaultDenyYaml, readinessOf } from "@dropscope/tuning";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { withTuning } from "../../tuning/inputs.js";
import { readinessText } from "../../tuning/readiness-text.js";

/** Runs `dropscope policy readiness`. */
export async function run(invocation: Invocation): Promise<void> {
  const { options, outcome } = invocation;
  const namespace = options["namespace"] as string | undefined;
  if (options["defaultDeny"] === true) {
    process.stdout.write(defaultDenyYaml(nameForYaml(namespace)));
    return;
  }
  const days = options["days"] as number;
  const asked = namespace === undefined ? {} : { namespace };
  await withTuning(invocation, asked, ({ traffic, cluster }) => {
    const answer = readinessOf(traffic, cluster, { ...asked, days });
    if (answer.namespaces.length === 0) throw unknownNamespace(namespace);
    process.stdout.write(
      options["output"] === "json"
        ? `${JSON.stringify(answer)}\n`
        : readinessText(answer, namespace !== undefined),
    );
    const level = options["require"] as ReadinessStage | undefined;
    const isBehind = answer.namespaces.some(({ stage }) => isBefore(stage, level ?? stage));
    if (isBehind) outcome.exitCode = EXIT.failed;
  });
}

function isBefore(stage: ReadinessStage, level: ReadinessStage): boolean {
  return READINESS_STAGES.indexOf(stage) < READINESS_STAGES.indexOf(level);
}

function unknownNamespace(namespace: string | undefined): DropscopeError {
  return new DropscopeError(
    "TUNING_NO_NAMESPACE",
    namespace === undefined
      ? "No namespace is known: neither objects nor flows name one."
      : `There is no namespace ${shown(namespace)}: neither objects nor flows name it.`,
    { next: "Correct the name; `dropscope policy readiness` lists them.", exitCode: EXIT.noInput },
  );
}

/** A name that stands in YAML must be one. */
function nameForYaml(namespace: string | undefined): string {
  if (namespace !== undefined && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    return namespace;
  throw new DropscopeError("USAGE", "--default-deny needs the name of a namespace.", {
    next: "Name it with --namespace.",
    exitCode: EXIT.usage,
  });
}
