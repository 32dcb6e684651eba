import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@dropscope/ingester/testing";
import type { ProblemsAnswer } from "@dropscope/model";
import { expect } from "vitest";
import { dashboardUrl, getJson, runCli, scratchDir, startCli } from "./run-cli.js";

/** A store that somebody filled, and the time of what went wrong in it. */
export interface StoredIncident {
  readonly data: string;
  /** RFC 3339, whole minutes apart. */
  readonly since: string;
  readonly until: string;
}

export const ENGINE = ["--engine-memory", "1GiB"] as const;

/** Runs the simulated cluster until what is wrong in it is known, and ends it. */
export async function simulatedIncident(): Promise<StoredIncident> {
  const data = join(scratchDir("incident"), "data");
  const begun = Date.now() - 60_000;
  const up = startCli(["up", "--port", "0", "--data", data, ...ENGINE]);
  const url = new URL(await dashboardUrl(up)).origin;
  await until(
    "two problems and a DNS finding are known",
    async () => {
      const { problems } = (await getJson(`${url}/api/v1/problems`)).body as ProblemsAnswer;
      return problems.length >= 2 && problems.some(({ dns }) => dns.length > 0);
    },
    90_000,
  );
  const ended = await up.stop();
  expect(ended.code).toBe(0);
  return {
    data,
    since: new Date(begun).toISOString(),
    until: new Date(Date.now()).toISOString(),
  };
}

/** Exports, and gives what the command said. */
export async function exported(
  incident: StoredIncident,
  file: string,
  more: readonly string[] = [],
): Promise<string> {
  const { data, since, until: to } = incident;
  const line = ["incident", "export", "--data", data, "--since", since, "--until", to];
  const { code, out, err } = await runCli([...line, "-o", file, ...more]);
  // How far it is, and that the simulated cluster went on for a moment after what was waited for.
  const usual = /^.* flows (?:written …|of this time are not explained yet; .*)\n/gm;
  expect({ code, err: err.replaceAll(usual, "") }).toEqual({ code: 0, err: "" });
  return out;
}

/** The tool that people use, or ours where there is none. */
function unzip(args: readonly string[]): string {
  const options = { encoding: "utf8", maxBuffer: 1024 ** 3 } as const;
  try {
    return execFileSync("unzip", args, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const own = fileURLToPath(new URL("unzip.mjs", import.meta.url));
    return execFileSync(process.execPath, [own, ...args], options);
  }
}

/** The text of a file in a bundle. */
export const unzipped = (bundle: string, name: string): string => unzip(["-p", bundle, name]);

/** Names of all files in a bundle. */
export const entriesOf = (bundle: string): string[] => unzip(["-Z1", bundle]).trim().split("\n");

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
