import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DropscopeError, systemClock } from "@dropscope/model";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../config/load.js";
import { printConfig } from "../config/print.js";
import { wireNotices } from "./notices.js";

const dir = mkdtempSync(join(tmpdir(), "dropscope-notices-"));
afterAll(() => rmSync(dir, { recursive: true }));

// No file of this machine is read.
const ENV = { HOME: dir };
const SECRET = "https://hooks.example/services/T0/sw0rdfish";

function wire(flags: Record<string, unknown>): ReturnType<typeof wireNotices> {
  const { config } = loadConfig(flags, ENV);
  return wireNotices({
    config,
    problems: { problems: () => Promise.resolve([]) },
    correlator: { stats: () => undefined },
    logger: pino({ level: "silent" }),
    clock: systemClock,
  });
}

function failure(flags: Record<string, unknown>): DropscopeError {
  try {
    wire(flags);
  } catch (error) {
    if (error instanceof DropscopeError) return error;
    throw error;
  }
  throw new Error("nothing failed");
}

test("without an address there is no part", () => {
  expect(wire({})).toEqual([]);
});

test("the address may stand in a file", () => {
  const file = join(dir, "hook");
  writeFileSync(file, `${SECRET}\n`);
  expect(wire({ "notify-webhook-file": file })).toHaveLength(1);
  expect(failure({ "notify-webhook-file": join(dir, "none") }).code).toBe("NOTIFY_FILE");
});

test("mistakes are said at once, and never the address", () => {
  const { code, message, next } = failure({ "notify-webhook": "hooks.example/services/sw0rdfish" });
  expect(code).toBe("NOTIFY_URL");
  expect(`${message} ${next}`).not.toContain("sw0rdfish");
  expect(failure({ "notify-webhook": SECRET, "notify-outcomes": ["denied"] }).code).toBe(
    "CONFIG_VALUE",
  );
  expect(failure({ "notify-webhook": SECRET, "notify-link": "dropscope" }).code).toBe(
    "CONFIG_VALUE",
  );
});

test("the printed configuration says that there is an address, not which", () => {
  const text = printConfig(loadConfig({ "notify-webhook": SECRET }, ENV));
  expect(text).toContain("notify-webhook: [secret]");
  expect(text).not.toContain("sw0rdfish");
});
