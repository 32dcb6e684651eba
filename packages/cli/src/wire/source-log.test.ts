import type { IngesterStatus } from "@dropscope/ingester";
import type { Clock } from "@dropscope/model";
import { expect, test } from "vitest";
import { createSourceLog, troubleText } from "./source-log.js";

const status = (more: Partial<IngesterStatus>): IngesterStatus => ({
  state: "ok",
  message: "",
  address: "relay:80",
  ended: false,
  nodes: { connected: 1, total: 1, unavailable: [] },
  flowsPerSecond: 0,
  paused: false,
  connects: 1,
  ...more,
});
const down = status({
  state: "down",
  code: "HUBBLE_UNAVAILABLE",
  message: "It cannot be reached.",
  next: "Check the address.",
});

test("each change is said once, with its code and what to do", async () => {
  let now: IngesterStatus | undefined;
  let look: () => void = () => undefined;
  const clock = {
    now: () => 0,
    after: (_ms: number, run: () => void) => ((look = run), () => (look = () => undefined)),
  };
  const lines: unknown[] = [];
  const write = (level: string) => (fields: { code?: string; next?: string }, text: string) =>
    void lines.push([level, fields.code, fields.next, text]);
  const logger = { info: write("info"), warn: write("warn") } as never;
  const log = createSourceLog(() => now, logger, clock as unknown as Clock);
  await log.start();
  for (const next of [status({ state: "starting" }), down, down, status({}), status({}), down]) {
    now = next;
    look();
  }
  await log.stop(0);
  now = status({});
  look();
  const trouble = ["warn", "HUBBLE_UNAVAILABLE", "Check the address.", "It cannot be reached."];
  expect(lines).toEqual([trouble, ["info", undefined, undefined, "flows are read"], trouble]);
});

test("troubleText", () => {
  expect(troubleText(down)).toBe("It cannot be reached. Check the address. [HUBBLE_UNAVAILABLE]");
  expect(troubleText(status({}))).toBe("");
});
