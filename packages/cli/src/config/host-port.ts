import { DropscopeError, EXIT } from "@dropscope/model";

/**
 * `HOST:PORT`, `[::1]:PORT` or `:PORT`, which is on 127.0.0.1.
 * @param flag what the value was given with, for the error
 * @throws DropscopeError `CONFIG_VALUE`
 */
export function parseHostPort(flag: string, text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new DropscopeError("CONFIG_VALUE", `${flag}: ${JSON.stringify(text)} is not HOST:PORT.`, {
      next: "Write an address such as 127.0.0.1:4245.",
      exitCode: EXIT.usage,
    });
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port };
}
