import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  EVERYTHING,
  eventName,
  LOCAL_VIEWER,
  type Flow,
  type ObservedItem,
} from "@dropscope/model";
import { createReader, newBatchId } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RowWriter } from "../kit/flow-rows.js";

// Real dumps with what the real CLI prints for them. They are no part of the project.
const golden = resolve(process.env["DROPSCOPE_SHARED"] ?? "../shared", "flows/golden");
const there = existsSync(golden);
if (!there && process.env["CI"] === "true")
  throw new Error(`no golden flows in ${golden}; set DROPSCOPE_SHARED`);

const cases = there
  ? readdirSync(golden).flatMap((name) =>
      name.endsWith(".jsonpb.jsonl") ? [name.slice(0, -".jsonpb.jsonl".length)] : [],
    )
  : [];

function items(name: string): ObservedItem[] {
  const text = readFileSync(resolve(golden, `${name}.jsonpb.jsonl`), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ObservedItem);
}

/** The fields that the real CLI asks for when it prints lines. */
function masked(flow: Flow): Flow {
  const {
    traffic_direction: _,
    policy_match_type: __,
    debug_capture_point: ___,
    sock_xlate_point: ____,
    ...kept
  } = flow;
  return kept;
}

describe.skipIf(!there)("real flows", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await startTestStore();
  });
  afterAll(() => store.close());

  it.each(cases)("%s comes back as the real CLI prints it, key by key", async (name) => {
    await store.client.command("TRUNCATE TABLE flows");
    const given = items(name).filter((item) => item.flow !== undefined);
    const writer = new RowWriter(newBatchId(Date.now()));
    for (const item of given) if (item.flow !== undefined) writer.add(item.flow);
    if (given.length > 0) await writer.insert(store.client);
    const found: string[] = [];
    for await (const item of createReader(store.client).observe({
      viewer: LOCAL_VIEWER,
      selection: EVERYTHING,
    })) {
      found.push(JSON.stringify(item));
    }
    expect(found.sort()).toEqual(given.map((item) => JSON.stringify(item)).sort());
  });

  it.each(cases)("%s has the event names of the real CLI", (name) => {
    const lines = readFileSync(resolve(golden, `${name}.compact.txt`), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const flows = items(name);
    expect(lines).toHaveLength(flows.length);
    for (const [at, line] of lines.entries()) {
      const flow = flows[at]?.flow;
      if (flow !== undefined) expect(line).toContain(` ${eventName(masked(flow))} `);
    }
  });
});
