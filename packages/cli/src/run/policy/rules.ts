import { EXIT, type RuleFinding, type RulesAnswer } from "@dropscope/model";
import { useOfRules } from "@dropscope/tuning";
import type { Invocation } from "../../program.js";
import { withTuning } from "../../tuning/inputs.js";
import { rulesText } from "../../tuning/rules-text.js";

type FindingKind = RuleFinding["kind"];

/** Runs `dropscope policy rules`. */
export async function run(invocation: Invocation): Promise<void> {
  const { options, outcome } = invocation;
  const namespace = options["namespace"] as string | undefined;
  const find = options["find"] as readonly FindingKind[] | undefined;
  const failOn = (options["failOn"] as readonly FindingKind[] | undefined) ?? [];
  await withTuning(invocation, namespace === undefined ? {} : { namespace }, (inputs) => {
    const { traffic, cluster } = inputs;
    const answer = useOfRules(traffic, cluster, namespace === undefined ? {} : { namespace });
    const told = find === undefined ? answer : only(answer, find);
    process.stdout.write(
      options["output"] === "json" ? `${JSON.stringify(told)}\n` : rulesText(told),
    );
    const isBad = answer.rules.some(({ findings }) =>
      findings.some(({ kind }) => failOn.includes(kind)),
    );
    if (isBad) outcome.exitCode = EXIT.failed;
  });
}

function only(answer: RulesAnswer, kinds: readonly FindingKind[]): RulesAnswer {
  const rules = answer.rules
    .map((rule) => ({
      ...rule,
      findings: rule.findings.filter(({ kind }) => kinds.includes(kind)),
    }))
    .filter(({ findings }) => findings.length > 0);
  return { ...answer, rules };
}
