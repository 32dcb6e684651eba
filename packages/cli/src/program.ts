import { FILTER_FLAGS, type FlagSpec, takeFilterWords } from "@dropscope/model";
import { Command, CommanderError, Option } from "commander";
import { commandsFor } from "./commands/registry.js";
import { loadConfig, type LoadedConfig } from "./config/load.js";
import { printConfig } from "./config/print.js";
import {
  SETTINGS,
  type Setting,
  type SettingGroup,
  type SettingName,
  settingNames,
} from "./config/settings.js";
import { usageError } from "./usage-error.js";
import { version } from "./version.js";

export interface Outcome {
  exitCode: number;
}

/** What a command gets: its configuration, what else stood on the line, and where to leave its exit code. */
export interface Invocation {
  readonly loaded: LoadedConfig;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Words of the filter language, in their order; only for commands that take filters. */
  readonly filterWords: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly outcome: Outcome;
}

export interface CommandSpec {
  /** One word, or two: `policy check` is a command of the group `policy`. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments?: string;
  readonly groups: readonly SettingGroup[];
  /** Settings of other groups that the command takes as well. */
  readonly settings?: readonly SettingName[];
  readonly options?: readonly Option[];
  /** Takes the filters of `hubble observe`: their order counts, so they are not commander's. */
  readonly filters?: boolean;
  /** Writes no log, and so takes no settings of it. */
  readonly logless?: boolean;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  run(invocation: Invocation): Promise<void>;
}

export type AddCommand = (spec: CommandSpec) => unknown;

/** Runs the command that a line names. @throws DropscopeError `USAGE` (exit 2) for a line that cannot be understood */
export async function runLine(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  outcome: Outcome,
): Promise<void> {
  const [name = "", ...words] = argv;
  const isFiltering = filtering.has(name) || filtering.has(argv.slice(0, 2).join(" "));
  const split = isFiltering ? takeFilterWords(words) : { filter: [], rest: words };
  const program = await buildProgram(argv, env, outcome, split.filter);
  // Without a command there is nothing to refuse: say what there is.
  const bare = argv.length === 0 || (argv.length === 1 && Object.hasOwn(GROUPS, name));
  try {
    await program.parseAsync(bare ? [...argv, "--help"] : [name, ...split.rest], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end this way too; they have been printed.
    if (error.exitCode !== 0) throw usageError(error, program, argv);
  }
}

/** Words under which several commands stand, and what they have in common. */
const GROUPS: Readonly<Record<string, string>> = {
  incident: "write an incident into one file, and show it elsewhere",
  policy: "judge, explain, compare and check policies, without a cluster",
};

/** Commands whose line holds words of the filter language. */
const filtering = new Set(["observe", "problems", "compare", "incident export"]);

async function buildProgram(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  outcome: Outcome,
  filterWords: readonly string[],
): Promise<Command> {
  const program = new Command("dropscope")
    .description("Says why Kubernetes traffic was dropped under Cilium.")
    .version(version, "-V, --version")
    .exitOverride()
    // What is wrong is said in one form, in main.
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(false)
    .helpCommand("help [command]", "help for a command");
  const add: AddCommand = (spec) =>
    addCommand(program, spec, env, (rest) => ({ ...rest, env, outcome, filterWords }));
  for (const register of await commandsFor(argv)) register(add);
  return program;
}

/** Every command as it describes itself, for the documentation. */
export async function commandSpecs(): Promise<CommandSpec[]> {
  const specs: CommandSpec[] = [];
  for (const register of await commandsFor([])) register((spec) => specs.push(spec));
  return specs;
}

/** Settings that a command takes as flags. */
export function settingsOf(spec: CommandSpec): SettingName[] {
  return settingNames.filter(
    (name) =>
      spec.groups.includes(SETTINGS[name].group) ||
      (!spec.logless && SETTINGS[name].group === "general" && name.startsWith("log-")) ||
      spec.settings?.includes(name),
  );
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  env: NodeJS.ProcessEnv,
  invocation: (given: Pick<Invocation, "loaded" | "args" | "options">) => Invocation,
): void {
  const words = spec.name.split(" ");
  const command = groupOf(program, words.slice(0, -1))
    .command(words.at(-1)!)
    .summary(spec.summary)
    .description(spec.description ?? spec.summary);
  if (spec.arguments) command.arguments(spec.arguments);
  const taken = settingsOf(spec);
  for (const option of spec.options ?? []) command.addOption(option);
  for (const name of taken) command.addOption(toOption(name));
  command
    .addOption(
      new Option(
        "--config <FILE>",
        "settings as YAML (default: dropscope.yaml, ~/.config/dropscope/config.yaml)",
      ),
    )
    .addOption(
      new Option("--print-config", "print the effective settings, without secrets, and stop"),
    )
    .addHelpText(
      "after",
      `${spec.filters ? filterHelp() : ""}\nExamples:\n${spec.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}\n`).join("")}`,
    )
    .exitOverride()
    .action(async (...received: unknown[]) => {
      const options = command.opts<Record<string, unknown>>();
      const loaded = loadConfig(
        flagsOf(command, taken),
        env,
        options["config"] as string | undefined,
      );
      if (options["printConfig"]) {
        process.stdout.write(printConfig(loaded));
        return;
      }
      // Behind the arguments commander hands over the options and the command itself.
      const args = received.slice(0, -2).flatMap((word) => word ?? []) as string[];
      await spec.run(invocation({ loaded, args, options }));
    });
}

/** The group that a command stands in: the program itself for a command of one word. */
function groupOf(program: Command, [name]: readonly string[]): Command {
  if (name === undefined) return program;
  const there = program.commands.find((one) => one.name() === name);
  if (there) return there;
  // Printing settings are inherited, so that a usage error is still said in main.
  return program
    .command(name)
    .summary(GROUPS[name]!)
    .description(`${GROUPS[name]!.charAt(0).toUpperCase()}${GROUPS[name]!.slice(1)}.`)
    .helpCommand("help [command]", "help for a command");
}

function toOption(name: SettingName): Option {
  const setting: Setting = SETTINGS[name];
  const value =
    setting.kind === "flag"
      ? ""
      : setting.kind === "list"
        ? ` <${setting.value}...>`
        : ` <${setting.value}>`;
  const shown =
    setting.default === undefined || setting.secret ? "" : ` (default: ${String(setting.default)})`;
  const choices = setting.choices ? ` [${setting.choices.join(", ")}]` : "";
  return new Option(`--${name}${value}`, `${setting.help}${choices}${shown}`);
}

/** What really stood on the command line: an option that was not given must not hide the environment. */
function flagsOf(
  command: Command,
  names: readonly SettingName[],
): Partial<Record<SettingName, unknown>> {
  const flags: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    const key = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (command.getOptionValueSource(key) === "cli") flags[name] = command.getOptionValue(key);
  }
  return flags;
}

function filterHelp(): string {
  const left = (flag: FlagSpec): string =>
    `${flag.short ? `-${flag.short}, ` : "    "}--${flag.name}${flag.value === "" ? "" : ` <${flag.value}>`}`;
  const width = Math.max(...FILTER_FLAGS.map((flag) => left(flag).length));
  const lines = FILTER_FLAGS.map((flag) => `  ${left(flag).padEnd(width)}  ${flag.help}`);
  return `\nFilters (each may be given several times):\n${lines.join("\n")}\n`;
}
