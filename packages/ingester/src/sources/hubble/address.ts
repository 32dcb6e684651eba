import { isIPv6 } from "node:net";

/** Relay's port where the address names none. */
export const DEFAULT_PORT = 4245;

export interface Address {
  /** What gRPC dials: `host:port`, `[v6]:port` or `unix:///path`. */
  dial: string;
  /** Host without brackets, or the socket's path. */
  host: string;
  /** 0 for a unix socket. */
  port: number;
  unix: boolean;
  /** `tls://` was written in front. */
  tls: boolean;
}

export type AddressResult = { ok: true; address: Address } | { ok: false; why: string };

/**
 * Reads what people write after `--relay`: `host`, `host:port`, `[::1]:4245`, `::1`,
 * `tls://host:port`, `unix:///var/run/cilium/hubble.sock`. The answer never quotes the
 * text itself, because it may hold a password.
 */
export function parseAddress(text: string): AddressResult {
  const trimmed = text.trim();
  if (trimmed === "") return no("it is empty");
  if (trimmed.startsWith("unix:")) return parseUnix(trimmed);
  const tls = trimmed.startsWith("tls://");
  const rest = tls ? trimmed.slice("tls://".length) : trimmed;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest);
  if (scheme !== null)
    return no(`it starts with ${scheme[0]}, and only tls:// and unix:// are known`);
  if (rest.includes("@")) return no("it holds a user name, and Hubble has no passwords");
  if (/[/?#\s]/.test(rest)) return no("it must be a host and a port, without path or spaces");
  return parseHostPort(rest, tls);
}

function parseUnix(text: string): AddressResult {
  const path = text.replace(/^unix:(\/\/)?/, "");
  if (!path.startsWith("/")) return no("the path of a unix socket must be absolute");
  const address = { dial: `unix://${path}`, host: path, port: 0, unix: true, tls: false };
  return { ok: true, address };
}

function parseHostPort(text: string, tls: boolean): AddressResult {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const colons = text.split(":").length - 1;
  let host: string;
  let port: string | undefined;
  if (bracketed !== null) {
    host = bracketed[1]!;
    port = bracketed[2];
    if (!isIPv6(host)) return no("what stands in brackets is not an IPv6 address");
  } else if (colons > 1) {
    host = text;
    if (!isIPv6(host)) return no("it has several colons but is no IPv6 address");
  } else {
    const colon = text.indexOf(":");
    host = colon < 0 ? text : text.slice(0, colon);
    port = colon < 0 ? undefined : text.slice(colon + 1);
    if (host === "") return no("the host is missing");
    if (!/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?$/i.test(host))
      return no("the host is not a host name");
  }
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (port !== undefined && !/^\d{1,5}$/.test(port)) return no("the port is not a number");
  if (number < 1 || number > 65_535) return no("the port must be 1 to 65535");
  const dial = isIPv6(host) ? `[${host}]:${number}` : `${host}:${number}`;
  return { ok: true, address: { dial, host, port: number, unix: false, tls } };
}

function no(why: string): AddressResult {
  return { ok: false, why };
}
