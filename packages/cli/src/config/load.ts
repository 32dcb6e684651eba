import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { DropscopeError, EXIT, nearest } from "@dropscope/model";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { parseValue } from "./parse-value.js";
import {
  type Config,
  envName,
  type Origin,
  SETTINGS,
  type Setting,
  type SettingName,
  settingNames,
} from "./settings.js";

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value came from. */
  readonly origins: Readonly<Record<SettingName, Origin>>;
  /** The file that was read, if any. */
  readonly file?: string;
}

/**
 * Joins command line, environment, file and defaults.
 * @param flags what stood on the command line, by setting name
 * @throws DropscopeError `CONFIG_FILE`, `CONFIG_KEY`, `CONFIG_VALUE` (exit 2)
 */
export function loadConfig(
  flags: Partial<Record<SettingName, unknown>>,
  env: NodeJS.ProcessEnv,
  configFile?: string,
): LoadedConfig {
  const file = findFile(configFile ?? env["DROPSCOPE_CONFIG"], configFile !== undefined);
  const fromFile = file ? readConfigFile(file) : {};
  const config: Record<string, unknown> = {};
  const origins = {} as Record<SettingName, Origin>;
  for (const name of settingNames) {
    const [given, origin, where] = pick(name, flags, env, fromFile, file);
    origins[name] = origin;
    if (given === undefined) {
      config[name] = absent(SETTINGS[name]);
      continue;
    }
    const parsed = parseValue(name, given);
    if ("problem" in parsed)
      throw new DropscopeError(
        "CONFIG_VALUE",
        `${where}: ${parsed.problem}${SETTINGS[name as "clickhouse-password"].secret ? "" : `, not ${JSON.stringify(given)}`}.`,
        {
          next: "Correct the value; `dropscope up --help` lists the settings.",
          exitCode: EXIT.usage,
        },
      );
    config[name] = parsed.value;
  }
  return { config: config as Config, origins, ...(file ? { file } : {}) };
}

function pick(
  name: SettingName,
  flags: Partial<Record<SettingName, unknown>>,
  env: NodeJS.ProcessEnv,
  fromFile: Record<string, unknown>,
  file: string | undefined,
): [given: unknown, origin: Origin, where: string] {
  if (flags[name] !== undefined) return [flags[name], "flag", `--${name}`];
  const variable = env[envName(name)];
  if (variable !== undefined && variable !== "" && !isServiceLink(variable))
    return [variable, "environment", envName(name)];
  if (fromFile[name] !== undefined && fromFile[name] !== null)
    return [fromFile[name], "file", `${file}: ${name}`];
  return [(SETTINGS[name] as Setting).default, "default", name];
}

/** Kubernetes sets `DROPSCOPE_PORT=tcp://10.96.0.7:80` in every pod beside a Service named dropscope. */
const isServiceLink = (text: string): boolean => /^(tcp|udp|sctp):\/\//.test(text);

function absent(setting: Setting): unknown {
  if (setting.kind === "flag") return false;
  return setting.kind === "list" ? [] : undefined;
}

function findFile(named: string | undefined, byFlag: boolean): string | undefined {
  if (named) {
    if (existsSync(named)) return named;
    throw new DropscopeError("CONFIG_FILE", `There is no config file ${named}.`, {
      next: byFlag ? "Correct --config." : "Correct or unset DROPSCOPE_CONFIG.",
      exitCode: EXIT.usage,
    });
  }
  return ["dropscope.yaml", join(homedir(), ".config", "dropscope", "config.yaml")].find((path) =>
    existsSync(path),
  );
}

const FileShape = z.record(z.string(), z.unknown()).nullable();

function readConfigFile(file: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parseYaml(readFileSync(file, "utf8"), { maxAliasCount: 10 });
  } catch (error) {
    throw new DropscopeError("CONFIG_FILE", `${file}: ${(error as Error).message.split("\n")[0]}`, {
      next: "Correct the file: it is YAML, one `name: value` a line.",
      exitCode: EXIT.usage,
    });
  }
  const shaped = FileShape.safeParse(parsed);
  if (!shaped.success)
    throw new DropscopeError("CONFIG_FILE", `${file} is not a list of settings.`, {
      next: "Write one `name: value` a line, for example `relay: hubble-relay:80`.",
      exitCode: EXIT.usage,
    });
  for (const key of Object.keys(shaped.data ?? {}))
    if (!(settingNames as string[]).includes(key)) {
      const guess = nearest(key, settingNames);
      throw new DropscopeError(
        "CONFIG_KEY",
        `${file}: there is no setting ${JSON.stringify(key)}.`,
        {
          next: guess ? `Did you mean \`${guess}\`?` : "`dropscope up --help` lists the settings.",
          exitCode: EXIT.usage,
        },
      );
    }
  return shaped.data ?? {};
}
