import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createManualClock } from "../../testing/clock.js";
import { createStateKeeper, loadState, saveState, type SavedState } from "./saved-state.js";

const state: SavedState = {
  watermarks: new Map([["kind/n1", { newestNs: 1_700_000_000_123_456_789n, heardMs: 17 }]]),
  outages: [{ node: "n2", cause: "node-error", fromNs: 5n, noticedMs: 6, message: "x" }],
};
let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "dropscope-state-")), "sub", "hubble.json");
});

describe("saved state", () => {
  it("comes back as it was, to the nanosecond", async () => {
    await saveState(path, "relay:80", state);
    expect(await loadState(path, "relay:80")).toEqual(state);
    expect(await readdir(join(path, ".."))).toEqual(["hubble.json"]);
  });

  it("of another server, another version or a torn file is a first start", async () => {
    await saveState(path, "relay:80", state);
    expect(await loadState(path, "other:80")).toBeUndefined();
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace('"version":1', '"version":2'));
    expect(await loadState(path, "relay:80")).toBeUndefined();
    await writeFile(path, text.slice(0, -9));
    expect(await loadState(path, "relay:80")).toBeUndefined();
    expect(await loadState(`${path}.none`, "relay:80")).toBeUndefined();
  });

  it("is written at most once a second, the newest last", async () => {
    const clock = createManualClock();
    const keeper = createStateKeeper(path, "r", clock, () => {});
    keeper.keep({ watermarks: new Map(), outages: [] });
    keeper.keep(state);
    expect(await loadState(path, "r")).toBeUndefined();
    await clock.pass(1_000);
    await keeper.flush();
    expect(await loadState(path, "r")).toEqual(state);
  });

  it("that cannot be written is reported and stops nothing", async () => {
    const errors: unknown[] = [];
    await saveState(path, "r", state);
    const keeper = createStateKeeper(
      join(path, "below-a-file"),
      "r",
      createManualClock(),
      (error) => errors.push(error),
    );
    keeper.keep(state);
    await keeper.flush();
    expect(errors).toHaveLength(1);
  });
});
