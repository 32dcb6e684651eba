import { readFileSync } from "node:fs";
import { DropscopeError, EXIT } from "@dropscope/model";
import { DATABASE } from "../config.js";
import type { StoreTarget } from "../engine/start.js";
import { clickhouseCode } from "./classify.js";

/** How the operator names a ClickHouse server. */
export interface ServerOptions {
  /** `http://host:8123` or `https://…`. */
  url: string;
  user?: string;
  password?: string;
  /** Read at start; its last line end is not part of the password. */
  passwordFile?: string;
  database?: string;
}

/**
 * Checks what the operator gave and fills in `CLICKHOUSE_USER`, `CLICKHOUSE_PASSWORD` and
 * `CLICKHOUSE_PASSWORD_FILE` from the environment.
 * @throws DropscopeError `CLICKHOUSE_URL`, `CLICKHOUSE_PASSWORD_FILE` (exit 78).
 */
export function serverTarget(
  options: ServerOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): StoreTarget {
  let url: URL;
  try {
    url = new URL(options.url);
  } catch (error) {
    throw badUrl(options.url, error);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw badUrl(options.url);
  const file = options.passwordFile ?? env["CLICKHOUSE_PASSWORD_FILE"];
  const inUrl = decodeURIComponent(url.password);
  const password =
    options.password ??
    (file === undefined ? undefined : readPassword(file)) ??
    (inUrl === "" ? env["CLICKHOUSE_PASSWORD"] : inUrl) ??
    "";
  const userInUrl = decodeURIComponent(url.username);
  const user = options.user ?? (userInUrl === "" ? env["CLICKHOUSE_USER"] : userInUrl) ?? "default";
  return { url: url.origin, user, password, database: options.database ?? DATABASE };
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new DropscopeError(
      "CLICKHOUSE_PASSWORD_FILE",
      `the password file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      { next: "Check the path and its rights.", exitCode: EXIT.config, cause: error },
    );
  }
}

function badUrl(url: string, cause?: unknown): DropscopeError {
  // What stands before an @ may be a password.
  const shown = url.replace(/\/\/[^@/]*@/, "//[secret]@");
  return new DropscopeError(
    "CLICKHOUSE_URL",
    `"${shown}" is not the address of a ClickHouse server`,
    {
      next: "Give --clickhouse an address such as http://clickhouse:8123 (the HTTP port, not 9000).",
      exitCode: EXIT.config,
      cause,
    },
  );
}

/** Says in an operator's words why the store did not answer. Undefined when the error is not of that kind. */
export function storeTrouble(error: unknown, target: StoreTarget): DropscopeError | undefined {
  const code = clickhouseCode(error);
  if (code === 516 || code === 194 || code === 192 || code === 193)
    return new DropscopeError(
      "CLICKHOUSE_LOGIN",
      `ClickHouse at ${target.url} refused the user ${target.user}`,
      {
        next: "Check --clickhouse-user and the password (CLICKHOUSE_PASSWORD or --clickhouse-password-file).",
        exitCode: EXIT.noPermission,
        cause: error,
      },
    );
  if (code === 497 || code === 164)
    return new DropscopeError(
      "CLICKHOUSE_RIGHTS",
      `the user ${target.user} may not do this on ${target.url}: ${(error as Error).message}`,
      {
        next: `Grant it all rights on the database ${target.database}.`,
        exitCode: EXIT.noPermission,
        cause: error,
      },
    );
  if (code !== undefined) return undefined;
  const said = error instanceof Error ? error.message : String(error);
  // The client's words for a time limit; no user did anything.
  const reason = /aborted a request/.test(said) ? "it did not answer in time" : said;
  const system = (error as NodeJS.ErrnoException).code ?? "";
  // ClickHouse's native port answers HTTP with a line that says so.
  const wrongPort =
    /9000|Port \d+ is for clickhouse-client/i.test(reason) || system.startsWith("HPE_");
  return new DropscopeError(
    "CLICKHOUSE_UNREACHABLE",
    `no ClickHouse answers at ${target.url}: ${reason === "" ? system : reason.slice(0, 200)}`,
    {
      next: wrongPort
        ? "Use the port of the HTTP interface, usually 8123 (8443 with TLS)."
        : "Check the address, that the server runs, and that a firewall lets this host in.",
      exitCode: EXIT.unavailable,
      cause: error,
    },
  );
}
