import { DropscopeError, EXIT, FILTER_FLAGS, nearest } from "@dropscope/model";
import type { Command, CommanderError } from "commander";

/** Flags of the real `hubble observe` that say which server is asked. */
const SERVER_FLAGS = new Set(
  "server timeout request-timeout basic-auth-username basic-auth-password port-forward auto-port-forward port-forward-port kube-context kube-namespace kubeconfig tls tls-allow-insecure tls-ca-cert-files tls-client-cert-file tls-client-key-file tls-server-name".split(
    " ",
  ),
);

/** Says a mistake in the command line in the form of all other errors (exit 2). */
export function usageError(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): DropscopeError {
  const found = commandOf(program, argv);
  const command = found === program ? undefined : found;
  const name = pathOf(found);
  const help = `See \`dropscope ${command ? `${name} ` : ""}--help\`.`;
  const message = error.message.replace(/^error: /, "").split("\n")[0] ?? "";
  const refuse = (next: string, code = "USAGE"): DropscopeError =>
    new DropscopeError(code, sentence(message), { next, exitCode: EXIT.usage });

  const flag = /unknown option '--?([^'=]*)/.exec(message)?.[1];
  if (flag !== undefined) {
    if (name === "observe" && SERVER_FLAGS.has(flag))
      return refuse("Leave it out: observe reads the stored history, `dropscope up` the relay.");
    if (!command && everyOption(program).includes(flag))
      return refuse(`Put it behind the command: dropscope COMMAND ${flagText(message)} …`);
    const known = command ? optionsOf(command) : optionsOf(program);
    const guess = nearest(flag, name === "observe" ? [...known, ...filterFlags()] : known);
    return refuse(guess ? `Did you mean --${guess}? ${help}` : help);
  }
  const unknown = /unknown command '([^']*)'/.exec(message)?.[1];
  if (unknown !== undefined) {
    const guess = nearest(
      unknown,
      found.commands.map((one) => one.name()),
    );
    const whole = `dropscope ${command ? `${name} ` : ""}${guess}`;
    return refuse(guess ? `Did you mean \`${whole}\`? ${help}` : help);
  }
  return refuse(help);
}

/** The command that a line names, as far as its words are known: the program, a group or a command. */
function commandOf(program: Command, argv: readonly string[]): Command {
  let command = program;
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next) break;
    command = next;
  }
  return command;
}

/** `policy check`; empty for the program itself. */
function pathOf(command: Command): string {
  if (!command.parent) return "";
  return `${pathOf(command.parent)} ${command.name()}`.trim();
}

const optionsOf = (command: Command): string[] =>
  command.options.flatMap(({ long }) => (long ? [long.slice(2)] : []));

const everyOption = (program: Command): string[] =>
  program.commands.flatMap((command) => [...optionsOf(command), ...everyOption(command)]);

const filterFlags = (): string[] => FILTER_FLAGS.map((spec) => spec.name);

const flagText = (message: string): string => /'([^']*)'/.exec(message)?.[1] ?? "";

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
