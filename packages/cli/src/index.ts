export { main } from "./main.js";
// For the documentation and its checks.
export { envName, SETTINGS, type Setting, type SettingName } from "./config/settings.js";
export { type CommandSpec, commandSpecs, settingsOf } from "./program.js";
