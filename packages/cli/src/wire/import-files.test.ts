import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_VALUE_BYTES } from "@dropscope/ingester";
import type { Store } from "@dropscope/store";
import { afterAll, expect, it } from "vitest";
import { loadConfig } from "../config/load.js";
import { startImport } from "./import-files.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A store that holds nothing and takes everything. */
const store = {
  client: { query: () => Promise.resolve([]) },
  door: { seal: () => Promise.resolve(), spaceFreed: () => Promise.resolve() },
} as unknown as Store;

/** A file of one flow with a summary of `bytes`. */
function file(bytes: number): string {
  const path = join(folder, `${bytes}.json`);
  const flow = { time: "2026-01-01T00:00:00Z", verdict: "DROPPED", Summary: "x".repeat(bytes) };
  writeFileSync(path, JSON.stringify(flow));
  return path;
}

it.each([
  ["of a size that gRPC would refuse", 5 << 20, { stored: 1, rejected: 0 }],
  ["greater than a value of a file may be", MAX_VALUE_BYTES + 1, { stored: 0, rejected: 1 }],
])("a flow %s", async (_, bytes, expected) => {
  const { done } = startImport(loadConfig({}, {}).config, store, [file(bytes)]);
  expect(await done).toMatchObject({ read: 1, ...expected });
});
