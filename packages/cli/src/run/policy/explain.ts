import type { Invocation } from "../../program.js";
import { accountText } from "../../commands/policy/account-text.js";
import { answerJson, ask, exitCodeOf } from "../../commands/policy/question.js";
import { remarks } from "../../commands/policy/remarks.js";

/** Runs `dropscope policy explain`. */
export async function run(invocation: Invocation): Promise<void> {
  const answer = await ask(invocation);
  process.stdout.write(
    invocation.options["output"] === "json"
      ? `${JSON.stringify(answerJson(answer), undefined, 2)}\n`
      : `${[...answer.explanations.map(accountText), ...remarks(answer)].join("\n")}\n`,
  );
  invocation.outcome.exitCode = exitCodeOf(answer);
}
