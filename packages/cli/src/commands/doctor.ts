import { EXIT } from "@dropscope/model";
import type { AddCommand, Invocation } from "../program.js";
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

export const addDoctor = (add: AddCommand): unknown =>
  add({
    name: "doctor",
    summary: "check this machine and these settings, and say what to do",
    description:
      "Checks Node, the data folder (space, rights, how fast it can fsync), the store, the dashboard's port, and the relay when one is named. Exit code 1 when something would not work.",
    groups: ["store", "source", "dashboard"],
    examples: [
      ["dropscope doctor", "before the first start"],
      [
        "dropscope doctor --relay tls://relay.example:443 --tls-ca-cert-files ca.crt",
        "with a relay",
      ],
    ],
    run,
  });

async function run({ loaded, env, outcome }: Invocation): Promise<void> {
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
