import { stringify } from "yaml";
import type { LoadedConfig } from "./load.js";
import { SETTINGS, type Setting, type SettingName, settingNames } from "./settings.js";

/** The effective configuration as YAML that can be used as a config file; secrets are never in it. */
export function printConfig({ config, origins, file }: LoadedConfig): string {
  const lines = [`# effective configuration${file ? `, with ${file}` : ""}`];
  for (const name of settingNames) {
    const setting: Setting = SETTINGS[name];
    const value = config[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    // Commented out, so that the output stays a valid config file.
    const shown = setting.secret
      ? `# ${name}: [secret]`
      : stringify({ [name]: printable(name, value) }, { lineWidth: 0 }).trimEnd();
    lines.push(origins[name] === "default" ? shown : `${shown} # ${origins[name]}`);
  }
  return `${lines.join("\n")}\n`;
}

function printable(name: SettingName, value: unknown): unknown {
  if (name === "clickhouse") return withoutPassword(String(value));
  // Held in ms; a bare number would be refused when it is read back.
  return (SETTINGS[name] as Setting).kind === "duration" ? `${String(value)}ms` : value;
}

/** `http://user:password@host` is a way to write it; what stands there must not be shown. */
function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1@");
}
