import { sentence } from "@dropscope/policy";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { type Answer, answerJson, ask, exitCodeOf } from "../../commands/policy/question.js";
import { remarks } from "../../commands/policy/remarks.js";

/** Runs `dropscope policy check`. */
export async function run(invocation: Invocation): Promise<void> {
  const answer = await ask(invocation);
  process.stdout.write(
    invocation.options["output"] === "json"
      ? `${JSON.stringify(answerJson(answer))}\n`
      : checkText(answer),
  );
  invocation.outcome.exitCode = exitCodeOf(answer);
}

/** The sentences of what decides: the denials, or when there are none the allowances. */
function checkText(answer: Answer): string {
  const { explanations, allowed } = answer;
  const telling = explanations.filter(({ decision }) => decision.allowed === allowed);
  const lines: string[] = [];
  for (const explanation of telling) {
    const { egress, ingress } = explanation;
    lines.push(sentence(explanation));
    for (const hint of egress.hints) lines.push(`  hint: ${shown(hint.text)}`);
    for (const hint of ingress.hints) lines.push(`  hint: ${shown(hint.text)}`);
  }
  return `${[...lines, ...remarks(answer)].join("\n")}\n`;
}
