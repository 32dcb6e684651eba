import { isLoopback } from "./loopback.js";

/** Decides which Host and Origin headers this server answers to. */
export interface HostRule {
  allowsHost(host: string | undefined): boolean;
  /** Whether a page of this Origin may open a socket to this Host. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean;
}

/**
 * Without authentication, loopback is the wall, and a foreign name that resolves to
 * 127.0.0.1 (DNS rebinding) is the ladder: only loopback names with our own port pass.
 * `port` is read at each call, because it is known only after listening.
 */
export function createHostRule(port: () => number, extra: readonly string[] = []): HostRule {
  const known = new Set(extra.map((host) => host.toLowerCase()));

  function allowsHost(host: string | undefined): boolean {
    if (host === undefined) return false;
    const name = host.toLowerCase();
    if (known.has(name)) return true;
    const parts = /^(\[[0-9a-f:.]+\]|[0-9a-z.-]+)(?::(\d{1,5}))?$/.exec(name);
    if (parts === null) return false;
    const [, bare = "", digits = "80"] = parts;
    if (Number(digits) !== port()) return false;
    return bare === "localhost" || isLoopback(bare.replace(/^\[|\]$/g, ""));
  }

  function allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    // Browsers always send Origin with a socket; one without it is no browser of ours.
    if (origin === undefined || host === undefined || !allowsHost(host)) return false;
    const name = host.toLowerCase();
    if (origin === `http://${name}`) return true;
    // The near end of a tunnel may speak TLS.
    return known.has(name) && origin === `https://${name}`;
  }

  return { allowsHost, allowsOrigin };
}
