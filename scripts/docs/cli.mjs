// docs/cli.md from the commands and settings themselves.
import { commandSpecs, envName, SETTINGS, settingsOf } from "@dropscope/cli";
import { EXIT, FILTER_FLAGS } from "@dropscope/model";

const exitMeanings = {
  ok: "done; also after SIGINT or SIGTERM of a command that runs until it is stopped",
  failed:
    "the work was done and found something wrong: `doctor`, or `status` with a part that is down",
  usage: "the command line, the config file or a filter cannot be understood; nothing was started",
  denied:
    "`policy check` and `policy explain`: the connection is denied; elsewhere: the viewer may not see this",
  badInput: "the input is not flows",
  noInput: "a file, folder or store that was named is not there",
  unavailable: "something that is needed does not answer: the engine, a ClickHouse server, a port",
  internal: "a mistake in dropscope; please report it",
  ioError: "the disk refuses: full, or failing",
  busy: "another process works on the data folder",
  noPermission: "this user may not: the folder, the port, the ClickHouse user",
  config: "the settings can be understood but not be used",
  interrupted: "ended by Ctrl-C before the work was done",
};

const groupTitles = {
  store: "Store",
  keeping: "Keeping",
  source: "Source",
  catalog: "Policies of a cluster",
  dashboard: "Dashboard",
  notify: "Notifications",
  observer: "Observer API",
  simulate: "Simulated cluster",
  general: "General",
};

const cell = (text) => String(text).replaceAll("|", "\\|");

/** @returns the page, and what is wrong with the tables above */
export async function cliPage() {
  const problems = Object.keys(EXIT)
    .filter((name) => !exitMeanings[name])
    .map((name) => `the exit code ${name} has no meaning in scripts/docs/cli.mjs`);
  const lines = [
    "# The dropscope command",
    "",
    "Written by `npm run docs` from the commands themselves; `npm test` fails when it is stale.",
    "",
    "After `npm run build`, `npx dropscope COMMAND` runs from the root of the project; `npm start -- FLAGS`",
    "is `dropscope up FLAGS`. Standard output is data, logs and messages go to standard error. A failure is",
    "said in two lines, what happened and what to do, with a code that [errors.md](errors.md) explains.",
    "",
    "## Commands",
    ...(await commandSpecs()).flatMap(commandLines),
    "",
    "## Filters of `observe`",
    "",
    "Those of `hubble observe` 1.19 (and of the page's filter line). Flags of one kind are alternatives, flags",
    "of different kinds must all hold, `--not` turns the next one round.",
    "",
    "| filter | meaning |",
    "| --- | --- |",
    ...FILTER_FLAGS.map(
      ({ name, short, value, help }) =>
        `| \`${short ? `-${short}, ` : ""}--${name}${value ? ` ${cell(value)}` : ""}\` | ${cell(help)} |`,
    ),
    "",
    "## Settings",
    "",
    "One name everywhere: `--ttl-drops` on the command line, `DROPSCOPE_TTL_DROPS` in the environment,",
    "`ttl-drops:` in `dropscope.yaml` (in the working directory, else `~/.config/dropscope/config.yaml`, or",
    "the file that `--config` or `DROPSCOPE_CONFIG` names). The command line wins over the environment, it",
    "over the file, it over the default. `--print-config` prints the result without secrets, as a config file.",
    "Lists are separated by spaces on the command line and by commas in the environment; sizes are written",
    "`512MiB`, times `90s`, `10m`, `2h`.",
    "",
    "For the relay, the variables of the hubble CLI (`HUBBLE_SERVER`, `HUBBLE_TLS`, `HUBBLE_TLS_*`) and of",
    "Hubble UI (`FLOWS_API_ADDR`, `TLS_TO_RELAY_ENABLED`, `TLS_RELAY_*`) count after our own variables and",
    "before the file. For a ClickHouse server, so do `CLICKHOUSE_USER`, `CLICKHOUSE_PASSWORD` and",
    "`CLICKHOUSE_PASSWORD_FILE`. A variable that holds `tcp://…`, as Kubernetes sets them beside a Service",
    "named dropscope, is no setting.",
    ...Object.entries(groupTitles).flatMap(([group, title]) => settingLines(group, title)),
    "",
    "## Exit codes",
    "",
    "| code | meaning |",
    "| ---: | --- |",
    ...Object.entries(EXIT).map(([name, code]) => `| ${code} | ${exitMeanings[name]} |`),
    "",
    "A second SIGINT or SIGTERM ends a command at once, with 130 or 143; what is acknowledged is on disk",
    "and is stored at the next start.",
  ];
  return { text: `${lines.join("\n")}\n`, problems };
}

function commandLines(spec) {
  const { name, description, summary, examples, options = [] } = spec;
  const own = options.filter(({ hidden }) => !hidden);
  return [
    "",
    `### ${name}`,
    "",
    description ?? `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    "",
    "```sh",
    ...examples.flatMap(([line, meaning]) => [`# ${meaning}`, line]),
    "```",
    ...(own.length > 0
      ? [
          "",
          "| flag | meaning |",
          "| --- | --- |",
          ...own.map(({ flags, description: text }) => `| \`${cell(flags)}\` | ${cell(text)} |`),
        ]
      : []),
    ...settingsLine(settingsOf(spec)),
  ];
}

function settingsLine(names) {
  if (names.length === 0) return [];
  return ["", `Settings: ${names.map((name) => `\`${name}\``).join(", ")}.`];
}

function settingLines(group, title) {
  const names = Object.keys(SETTINGS).filter((name) => SETTINGS[name].group === group);
  return [
    "",
    `### ${title}`,
    "",
    "| setting | variable | default | meaning |",
    "| --- | --- | --- | --- |",
    ...names.map((name) => {
      const { default: value, help, choices, kind } = SETTINGS[name];
      const shown = value ?? (kind === "flag" ? "false" : undefined);
      const allowed = choices ? ` (${choices.join(", ")})` : "";
      return `| \`${name}\` | \`${envName(name)}\` | ${shown === undefined ? "" : `\`${shown}\``} | ${cell(help)}${allowed} |`;
    }),
  ];
}
