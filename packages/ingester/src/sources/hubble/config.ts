import { isIP } from "node:net";
import { parseAddress, type Address } from "./address.js";
import { gather, type ConfigProblem, type Gathered, type HubbleSettings } from "./settings.js";

export type { ConfigProblem, HubbleSettings } from "./settings.js";

/** Where the Hubble API is and how to speak to it. */
export interface HubbleTarget {
  address: Address;
  tls?: HubbleTls;
}

export interface HubbleTls {
  /** PEM files; the system's roots where there are none. Read again when they change. */
  caFiles: string[];
  certFile?: string;
  keyFile?: string;
  /** Name that the server's certificate must carry. */
  serverName: string;
  /** The operator has turned verification off. */
  insecure: boolean;
}

export type TargetResult =
  | { ok: true; target: HubbleTarget }
  | { ok: false; problems: ConfigProblem[] };

export const DEFAULT_SERVER = "localhost:4245";
/** The name that Hubble UI verifies; relay's certificate is `*.hubble-relay.cilium.io`. */
export const DEFAULT_SERVER_NAME = "ui.hubble-relay.cilium.io";

/**
 * Reads the target from flags, then `HUBBLE_*`, then Hubble UI's names, then the config file;
 * the first that says something wins, setting by setting.
 */
export function resolveHubbleTarget(input: {
  flags?: HubbleSettings;
  env?: Readonly<Record<string, string | undefined>>;
  file?: HubbleSettings;
}): TargetResult {
  const { settings, problems } = gather(input);
  const server = settings.server ?? { value: DEFAULT_SERVER, where: "--relay" };
  const parsed = parseAddress(server.value);
  if (!parsed.ok) {
    problems.push({
      code: "HUBBLE_ADDRESS",
      where: server.where,
      message: `The address of the Hubble server cannot be used: ${parsed.why}.`,
      next: "Write host:port (hubble-relay.kube-system.svc:80), tls://host:port or unix:///path.",
    });
    return { ok: false, problems };
  }
  const { address } = parsed;
  const wantsTls = address.tls || (settings.tls?.value ?? false);
  problems.push(...pairProblems(settings, wantsTls), ...strayProblems(settings, wantsTls));
  if (wantsTls && address.unix) {
    problems.push({
      code: "HUBBLE_TLS_UNIX",
      where: settings.tls?.where ?? server.where,
      message: "An agent's unix socket does not speak TLS.",
      next: "Leave TLS off for unix:// addresses.",
    });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, target: wantsTls ? { address, tls: tlsOf(settings, address) } : { address } };
}

function tlsOf(settings: Gathered, address: Address): HubbleTls {
  const caFiles = settings.tlsCaCertFiles?.value ?? [];
  return {
    caFiles,
    serverName: settings.tlsServerName?.value ?? defaultServerName(address.host, caFiles),
    insecure: settings.tlsAllowInsecure?.value ?? false,
    ...(settings.tlsClientCertFile && { certFile: settings.tlsClientCertFile.value }),
    ...(settings.tlsClientKeyFile && { keyFile: settings.tlsClientKeyFile.value }),
  };
}

/**
 * Hubble's certificates name no host, so with a CA of one's own the name is Hubble's. Without one the
 * system's roots must vouch for the server: they cannot know Hubble's names, so the host's own counts.
 */
function defaultServerName(host: string, caFiles: string[]): string {
  const isName = isIP(host) === 0;
  if (isName && host.endsWith(".cilium.io")) return host;
  return isName && caFiles.length === 0 && host.includes(".") && !isClusterName(host)
    ? host
    : DEFAULT_SERVER_NAME;
}

/** No public authority signs for names inside a cluster. */
function isClusterName(host: string): boolean {
  return /\.svc(\.|$)|\.local$|\.internal$/.test(host);
}

function pairProblems(settings: Gathered, tls: boolean): ConfigProblem[] {
  const cert = settings.tlsClientCertFile;
  const key = settings.tlsClientKeyFile;
  if (cert === undefined && key === undefined) return [];
  if (cert === undefined || key === undefined) {
    const have = (cert ?? key)!;
    return [
      {
        code: "HUBBLE_TLS_PAIR",
        where: have.where,
        message: `The client ${cert === undefined ? "certificate" : "key"} is missing: ${have.where} is one half of a pair.`,
        next: "Give both --tls-client-cert-file and --tls-client-key-file, or neither.",
      },
    ];
  }
  if (tls) return [];
  return [
    {
      code: "HUBBLE_TLS_REQUIRED",
      where: cert.where,
      message: "A client certificate is given, but TLS is off.",
      next: "Add --tls (or write tls:// in front of the address), or drop the certificate.",
    },
  ];
}

/** A flag that asks for a verified server must not end in a plaintext connection unnoticed. */
function strayProblems(settings: Gathered, tls: boolean): ConfigProblem[] {
  if (tls) return [];
  return [settings.tlsCaCertFiles, settings.tlsServerName, settings.tlsAllowInsecure]
    .filter((s) => s !== undefined && s.where.startsWith("--") && s.value !== false)
    .map((s) => ({
      code: "HUBBLE_TLS_REQUIRED",
      where: s!.where,
      message: `${s!.where} is given, but TLS is off.`,
      next: "Add --tls (or write tls:// in front of the address), or drop the flag.",
    }));
}
