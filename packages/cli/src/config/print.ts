import { stringify } from "yaml";
import type { LoadedConfig } from "./load.js";
import { SETTINGS, type Setting, settingNames } from "./settings.js";

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
      : stringify({ [name]: withUnit(setting, value) }, { lineWidth: 0 }).trimEnd();
    lines.push(origins[name] === "default" ? shown : `${shown} # ${origins[name]}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Durations are held in ms; a bare number would be read back as ms without a unit and refused. */
function withUnit(setting: Setting, value: unknown): unknown {
  return setting.kind === "duration" ? `${String(value)}ms` : value;
}
