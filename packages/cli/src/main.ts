import { DropscopeError, EXIT } from "@dropscope/model";
import { CommanderError } from "commander";
import { runLine } from "./program.js";

/**
 * Runs one command line.
 * @returns the exit code; codes are listed in docs/cli.md
 */
export async function main(argv: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const outcome = { exitCode: EXIT.ok as number };
  try {
    await runLine(argv, env, outcome);
    return outcome.exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has already printed its message; help and version are not mistakes.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof DropscopeError) {
    process.stderr.write(`dropscope: ${error.message}\n  ${error.next} [${error.code}]\n`);
    return error.exitCode;
  }
  if (isBrokenPipe(error)) return EXIT.ok;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `dropscope: this is a defect of dropscope, please report it with the lines below. [INTERNAL]\n${text}\n`,
  );
  return EXIT.internal;
}

/** `dropscope observe | head` ends the pipe early: nothing went wrong. */
function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}
