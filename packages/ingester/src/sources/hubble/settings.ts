/** One thing that is wrong, and where it was written (`--tls-client-key-file`, `HUBBLE_TLS`, …). */
export interface ConfigProblem {
  code: string;
  where: string;
  message: string;
  next: string;
}

/** What a person may set, however they set it: flags or keys of the config file. */
export interface HubbleSettings {
  server?: string;
  tls?: boolean;
  tlsAllowInsecure?: boolean;
  tlsCaCertFiles?: readonly string[];
  tlsClientCertFile?: string;
  tlsClientKeyFile?: string;
  tlsServerName?: string;
}

interface Located<T> {
  value: T;
  where: string;
}

/** Every setting with the place that it came from. */
export interface Gathered {
  server?: Located<string>;
  tls?: Located<boolean>;
  tlsAllowInsecure?: Located<boolean>;
  tlsCaCertFiles?: Located<string[]>;
  tlsClientCertFile?: Located<string>;
  tlsClientKeyFile?: Located<string>;
  tlsServerName?: Located<string>;
}

type Kind = "text" | "flag" | "list";

/** Name of each setting as a flag, in Hubble's environment, in Hubble UI's environment. */
const NAMES: { key: keyof HubbleSettings; kind: Kind; flag: string; env: string[] }[] = [
  { key: "server", kind: "text", flag: "--relay", env: ["HUBBLE_SERVER", "FLOWS_API_ADDR"] },
  { key: "tls", kind: "flag", flag: "--tls", env: ["HUBBLE_TLS", "TLS_TO_RELAY_ENABLED"] },
  {
    key: "tlsAllowInsecure",
    kind: "flag",
    flag: "--tls-allow-insecure",
    env: ["HUBBLE_TLS_ALLOW_INSECURE"],
  },
  {
    key: "tlsCaCertFiles",
    kind: "list",
    flag: "--tls-ca-cert-files",
    env: ["HUBBLE_TLS_CA_CERT_FILES", "TLS_RELAY_CA_CERT_FILES"],
  },
  {
    key: "tlsClientCertFile",
    kind: "text",
    flag: "--tls-client-cert-file",
    env: ["HUBBLE_TLS_CLIENT_CERT_FILE", "TLS_RELAY_CLIENT_CERT_FILE"],
  },
  {
    key: "tlsClientKeyFile",
    kind: "text",
    flag: "--tls-client-key-file",
    env: ["HUBBLE_TLS_CLIENT_KEY_FILE", "TLS_RELAY_CLIENT_KEY_FILE"],
  },
  {
    key: "tlsServerName",
    kind: "text",
    flag: "--tls-server-name",
    env: ["HUBBLE_TLS_SERVER_NAME", "TLS_RELAY_SERVER_NAME"],
  },
];

/** All names in the environment that this source reads. */
export const HUBBLE_ENV_NAMES: readonly string[] = NAMES.flatMap((name) => name.env);

export function gather(input: {
  flags?: HubbleSettings;
  env?: Readonly<Record<string, string | undefined>>;
  file?: HubbleSettings;
}): { settings: Gathered; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const settings: Record<string, Located<unknown>> = {};
  for (const name of NAMES) {
    const found =
      written(input.flags?.[name.key], name.flag) ??
      fromEnv(input.env ?? {}, name, problems) ??
      written(input.file?.[name.key], `hubble.${name.key}`);
    if (found !== undefined) settings[name.key] = found;
  }
  return { settings, problems };
}

function written(value: unknown, where: string): Located<unknown> | undefined {
  if (value === undefined || value === "") return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : { value: [...value], where };
  return { value, where };
}

function fromEnv(
  env: Readonly<Record<string, string | undefined>>,
  name: (typeof NAMES)[number],
  problems: ConfigProblem[],
): Located<unknown> | undefined {
  for (const where of name.env) {
    const text = env[where]?.trim();
    if (text === undefined || text === "") continue;
    if (name.kind === "text") return { value: text, where };
    if (name.kind === "list") {
      const value = text.split(",").map((part) => part.trim());
      return { value: value.filter((part) => part !== ""), where };
    }
    const value = readBoolean(text);
    if (value !== undefined) return { value, where };
    problems.push({
      code: "HUBBLE_ENV_BOOLEAN",
      where,
      message: `${where} is neither true nor false.`,
      next: `Set ${where} to true or false, or unset it.`,
    });
    return undefined;
  }
  return undefined;
}

/** What Go's strconv.ParseBool takes, because the same variables configure Hubble's own tools. */
function readBoolean(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  return undefined;
}
