import { DropscopeError, EXIT } from "@dropscope/model";
import { type HubbleSettings, type HubbleTarget, resolveHubbleTarget } from "@dropscope/ingester";
import type { LoadedConfig } from "../config/load.js";
import type { Origin } from "../config/settings.js";

/** True when somebody named a relay: in our settings, or in the variables of the real CLI or Hubble UI. */
export function relayIsNamed(loaded: LoadedConfig, env: NodeJS.ProcessEnv): boolean {
  return Boolean(loaded.config.relay ?? env["HUBBLE_SERVER"] ?? env["FLOWS_API_ADDR"]);
}

/**
 * Where the relay is and how to speak to it. Our own settings win over `HUBBLE_*`, which win over
 * the names of Hubble UI, which win over the config file.
 * @throws DropscopeError with the first thing that is wrong (exit 2)
 */
export function hubbleTarget(loaded: LoadedConfig, env: NodeJS.ProcessEnv): HubbleTarget {
  const result = resolveHubbleTarget({
    flags: settingsFrom(loaded, ["flag", "environment"]),
    env,
    file: settingsFrom(loaded, ["file"]),
  });
  if (result.ok) return result.target;
  const [problem] = result.problems;
  throw new DropscopeError(
    problem?.code ?? "HUBBLE_ADDRESS",
    result.problems.map(({ where, message }) => `${where}: ${message}`).join(" "),
    { next: problem?.next ?? "Correct the address of the relay.", exitCode: EXIT.usage },
  );
}

function settingsFrom({ config, origins }: LoadedConfig, from: readonly Origin[]): HubbleSettings {
  const taken = <V>(name: keyof typeof origins, value: V): V | undefined =>
    from.includes(origins[name]) ? value : undefined;
  const files = taken("tls-ca-cert-files", config["tls-ca-cert-files"])?.flatMap((file) =>
    file.split(","),
  );
  const all = {
    server: taken("relay", config.relay),
    tls: taken("tls", config.tls),
    tlsAllowInsecure: taken("tls-allow-insecure", config["tls-allow-insecure"]),
    tlsCaCertFiles: files,
    tlsClientCertFile: taken("tls-client-cert-file", config["tls-client-cert-file"]),
    tlsClientKeyFile: taken("tls-client-key-file", config["tls-client-key-file"]),
    tlsServerName: taken("tls-server-name", config["tls-server-name"]),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
