import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { DropscopeError, EXIT } from "@dropscope/model";

/** 127.0.0.0/8, ::1, and 127.0.0.0/8 written as v4-mapped IPv6. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIP(plain) === 4) return plain.startsWith("127.");
  // The URL parser brings every spelling of an IPv6 address to one form.
  if (isIP(plain) !== 6 || plain.includes("%")) return false;
  const normal = new URL(`http://[${plain}]`).hostname;
  return normal === "[::1]" || /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(normal);
}

type Lookup = (host: string) => Promise<readonly string[]>;

const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true })).map((found) => found.address);

/**
 * The address to bind for a host name without authentication. Every address that the
 * name has must be loopback: a name that means two things is not a promise.
 * @throws DropscopeError `BIND_NEEDS_AUTH`, `BIND_UNKNOWN_HOST`
 */
export async function loopbackAddress(
  host: string,
  resolve: Lookup = systemLookup,
): Promise<string> {
  const addresses = await addressesOf(host, resolve);
  const foreign = addresses.find((address) => !isLoopback(address));
  const chosen = addresses.find((address) => isIP(address) === 4) ?? addresses[0];
  if (chosen === undefined || foreign !== undefined) {
    throw new DropscopeError(
      "BIND_NEEDS_AUTH",
      `The dashboard has no authentication, so it does not listen on ${host || "all addresses"}` +
        (foreign === undefined || foreign === host ? "." : ` (${foreign}).`),
      {
        next: "Listen on 127.0.0.1 and reach it by `ssh -L` or `kubectl port-forward`.",
        exitCode: EXIT.config,
      },
    );
  }
  return chosen;
}

async function addressesOf(host: string, resolve: Lookup): Promise<readonly string[]> {
  if (host === "") return [];
  if (isIP(host) !== 0) return [host];
  try {
    return await resolve(host);
  } catch {
    throw new DropscopeError("BIND_UNKNOWN_HOST", `The name ${host} has no address here.`, {
      next: "Listen on 127.0.0.1, or correct the name.",
      exitCode: EXIT.config,
    });
  }
}
