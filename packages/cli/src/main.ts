import { DropscopeError, EXIT, FilterError } from "@dropscope/model";
import { pointer } from "./pointer.js";
import { runLine } from "./program.js";
import { outputClosed } from "./wire/standard-output.js";

/**
 * Runs one command line.
 * @returns the exit code; codes are listed in docs/cli.md
 */
export async function main(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const outcome = { exitCode: EXIT.ok as number };
  void outputClosed();
  try {
    await runLine(argv, env, outcome);
    return outcome.exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof DropscopeError) {
    const shown = error instanceof FilterError ? pointer(error) : "";
    process.stderr.write(`dropscope: ${error.message}\n${shown}  ${error.next} [${error.code}]\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `dropscope: this is a defect of dropscope, please report it with the lines below. [INTERNAL]\n${text}\n`,
  );
  return EXIT.internal;
}
