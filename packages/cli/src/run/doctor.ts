import { EXIT } from "@dropscope/model";
import type { Invocation } from "../program.js";
import {
  type Check,
  checkData,
  checkNode,
  checkPort,
  checkRelay,
  checkStore,
} from "../doctor/checks.js";
import { hubbleTarget, relayIsNamed } from "../wire/hubble-target.js";

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

/** Runs `dropscope doctor`. */
export async function run({ loaded, env, outcome }: Invocation): Promise<void> {
  const { config } = loaded;
  const checks: (() => Promise<Check> | Check)[] = [
    checkNode,
    () => checkData(config.data),
    () => checkStore(config),
    () => checkPort(config),
  ];
  if (relayIsNamed(loaded, env)) checks.push(() => checkRelay(hubbleTarget(loaded, env)));
  for (const check of checks) {
    const { state, what, found, next } = await check();
    process.stdout.write(`${MARKS[state]}  ${what}: ${found}\n${next ? `      ${next}\n` : ""}`);
    if (state === "fail") outcome.exitCode = EXIT.failed;
  }
}
