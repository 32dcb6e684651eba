import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@dropscope/ingester/testing";
import { expect } from "vitest";

const BIN = fileURLToPath(new URL("../../packages/cli/bin/dropscope.mjs", import.meta.url));

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Standard input; closed at once when absent. */
  input?: string;
}

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** A running `dropscope`. */
export interface Cli {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Waits until the output holds it; fails with all output when the command ends first. */
  says(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<CliResult>;
  readonly ended: Promise<CliResult>;
}

const scratch: string[] = [];
const running = new Set<ChildProcess>();

/** A folder that `cleanUp` removes. */
export function scratchDir(name = "cli"): string {
  const dir = mkdtempSync(join(tmpdir(), `dropscope-${name}-`));
  scratch.push(dir);
  return dir;
}

/** For `afterAll`: ends what still runs and removes the folders. */
export async function cleanUp(): Promise<void> {
  const left = [...running];
  for (const child of left) child.kill("SIGKILL");
  await Promise.all(left.map((child) => new Promise((done) => child.once("close", done))));
  for (const dir of scratch.splice(0))
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Starts the real command, with nothing of this machine's settings. */
export function startCli(args: readonly string[], options: CliOptions = {}): Cli {
  const cwd = options.cwd ?? scratchDir("cwd");
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, TZ: "UTC", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  let over: CliResult | undefined;
  const ended = new Promise<CliResult>((resolve) => {
    child.on("close", (code, signal) => {
      running.delete(child);
      over = { code, signal, out, err };
      resolve(over);
    });
  });
  return {
    child,
    ended,
    out: () => out,
    err: () => err,
    async says(pattern, timeoutMs = 90_000) {
      const found = (): RegExpMatchArray | null => `${out}\n${err}`.match(pattern);
      await until(
        `dropscope ${args[0]} says ${pattern.source}`,
        () => {
          if (over !== undefined && found() === null)
            throw new Error(`dropscope ${args.join(" ")} ended with ${over.code}:\n${out}\n${err}`);
          return found() !== null;
        },
        timeoutMs,
      );
      return found()!;
    },
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs the real command to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** Address of the dashboard that a command announced. */
export async function dashboardUrl(cli: Cli): Promise<string> {
  return (await cli.says(/dropscope is ready: (http:\S+)/))[1]!;
}

/** JSON behind an address; the status is in `status`. */
export async function getJson(url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

/** A failure as a person must meet it: what, what to do, a code; no stack, no secret, nothing on standard output. */
export function expectClearError(result: CliResult, code: string, exitCode: number): void {
  const { err, out } = result;
  // Between the two, of a filter, the line and the mark under the word.
  const pointer = "(?:    .*\\n    +\\^+\\n)?";
  expect(err).toMatch(new RegExp(`^dropscope: .+\n${pointer}  .+ \\[${code}\\]$`, "m"));
  expect(err).not.toMatch(/^\s+at /m);
  expect(`${out}${err}`).not.toContain(SECRET);
  expect({ code: result.code, out }).toEqual({ code: exitCode, out: "" });
}

/** What tests give as a password: it must never be seen again. */
export const SECRET = "sw0rdfish-never-print";
