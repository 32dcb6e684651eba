import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RepairAnswer } from "@dropscope/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

const data = join(scratchDir(), "data");
const policies = join(scratchDir(), "policies");
const file = join(scratchDir(), "flows.jsonl");
let offline: string[] = [];

interface Line {
  uuid: string;
  agreement: string;
}

beforeAll(async () => {
  const { lines } = await simulatedFlows("explicit-deny", 12, policies);
  writeFileSync(file, lines);
  expect(await runCli(["import", file, "--data", data])).toMatchObject({ code: 0 });
  const args = ["explain", "--flows", file, "--policies", policies, "-o", "json"];
  offline = (await runCli(args)).out.trimEnd().split("\n");
});
afterAll(cleanUp);

test("a stored flow gets the answer that its line gets offline, each event of its packet too", async () => {
  expect(offline.length).toBeGreaterThan(4);
  for (const line of offline.slice(0, 4)) {
    const { uuid, agreement } = JSON.parse(line) as Line;
    expect(agreement).toBe("same");
    const args = ["explain", uuid, "--data", data, "--policies", policies, "-o", "json"];
    expect(await runCli(args)).toMatchObject({ code: 0, err: "", out: `${line}\n` });
  }
});

test("without policies, and none in the store, nobody is blamed but whom the data path names", async () => {
  const { uuid } = JSON.parse(offline[0]!) as Line;
  const { code, out } = await runCli(["explain", uuid, "--data", data, "-o", "json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    outcome: "denied-by-rule",
    denying: [{ name: "deny-web-to-postgres", rule: "" }],
    agreement: "differs",
    nearest: null,
  });
});

test("what would let a stored flow pass, as a patch of files that the store does not know", async () => {
  const { uuid } = JSON.parse(offline[0]!) as Line;
  const where = ["--data", data, "--policies", policies];
  const { code, out, err } = await runCli([
    "policy",
    "repair",
    "--flow",
    uuid,
    ...where,
    "-o",
    "json",
  ]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [fix] = (JSON.parse(out) as RepairAnswer).fixes;
  expect(fix?.title).toMatch(/^Leave pods with app=catalog out of spec\.ingressDeny\[0\], and in /);
  expect(fix?.files.map(({ path }) => path)).toContain("deny-web-to-postgres.yaml");
  expect(fix?.remains).toBe("");
  expect(fix?.replay).toMatchObject({ newlyDenied: { edges: 0 } });
  expect(fix?.replay?.newlyAllowed.edges).toBeGreaterThan(0);
});

test("an id that is none, that is not there, or whose flow was not dropped", async () => {
  const explain = (...args: string[]) => runCli(["explain", "--data", data, ...args]);
  expectClearError(await explain("cart"), "USAGE", 2);
  expectClearError(await explain("00000000-0000-4000-8000-000000000001"), "FLOW_MISSING", 66);
  const observed = await runCli([
    "observe",
    "--data",
    data,
    "--verdict",
    "FORWARDED",
    "--last",
    "1",
    "-o",
    "jsonpb",
  ]);
  const { flow } = JSON.parse(observed.out) as { flow: { uuid: string } };
  expectClearError(await explain(flow.uuid), "FLOW_NOT_DROPPED", 65);
  expectClearError(
    await runCli(["explain", flow.uuid, "--data", join(scratchDir(), "none")]),
    "DATA_MISSING",
    66,
  );
});
