import type { RedactOptions } from "@dropscope/ingester";
import type { Config } from "../config/settings.js";

/**
 * What must not reach the disk. A live source carries other people's secrets; a file that
 * somebody imports is already in his hands, and forensics compares with it.
 */
export function redaction(config: Config, source: "relay" | "file"): RedactOptions | false {
  const on = config.redact === "auto" ? source === "relay" : config.redact === "on";
  return on && { headers: config["redact-allow-headers"] };
}
