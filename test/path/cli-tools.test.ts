import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { ServerStatusResponseSchema } from "@dropscope/hubble";
import { until } from "@dropscope/ingester/testing";
import { afterAll, describe, expect, test } from "vitest";
import { observerClient } from "../kit/observer-client.js";
import { cleanUp, expectClearError, runCli, scratchDir, startCli } from "../kit/run-cli.js";

afterAll(cleanUp);

const listening = /the simulated relay listens on (\S+)/;

describe("simulate and correlate", () => {
  test("a default deny is explained with the policy's name", async () => {
    const dir = scratchDir();
    const policies = join(dir, "policies");
    const data = join(dir, "data");
    const simulate = startCli(["simulate", "--listen", "127.0.0.1:0", "--policies", policies]);
    const [, address] = await simulate.says(listening);

    const client = observerClient(address!);
    const status = await client.unary("ServerStatus", ServerStatusResponseSchema);
    expect(status.numConnectedNodes).toBe(3);
    const stream = client.flows({ number: 5n, follow: true });
    await until("flows over gRPC", () => stream.flows().length > 5);
    stream.cancel();
    client.close();
    const files = readdirSync(policies);
    expect(files).toContain("world.yaml");

    const correlate = startCli(["correlate", "--data", data, "--policies", policies]);
    const ingest = startCli(["ingest", "--data", data, "--relay", address!]);
    type Line = {
      reason: string;
      outcome: string;
      sentence: string;
      selecting: { name: string; namespace: string }[];
    };
    const lines = (): Line[] =>
      correlate
        .out()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
    const denied = (): Line | undefined =>
      lines().find(({ outcome }) => outcome === "default-deny");
    await until("a default deny", () => denied() !== undefined, 60_000);
    const [policy] = denied()!.selecting;
    expect(denied()).toMatchObject({ reason: "POLICY_DENIED", agreement: "cilium-silent" });
    expect(files.map((file) => readFileSync(join(policies, file), "utf8")).join("\n")).toContain(
      `name: ${policy!.name}`,
    );
    expect(denied()!.sentence).toContain(`${policy!.namespace}/${policy!.name}`);
    const stopped = await Promise.all([correlate.stop(), ingest.stop(), simulate.stop()]);
    expect(stopped.map(({ code }) => code)).toEqual([0, 0, 0]);
  });

  test("a folder of somebody else's policies is not written to", async () => {
    const policies = scratchDir();
    for (const name of ["world.yaml"]) writeFileSync(join(policies, name), "mine: true\n");
    const result = await runCli(["simulate", "--listen", "127.0.0.1:0", "--policies", policies]);
    expectClearError(result, "SIMULATOR_FOREIGN_FILE", 1);
    expect(readdirSync(policies)).toEqual(["world.yaml"]);
  });

  test("a busy port", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    const result = await runCli(["simulate", "--listen", `127.0.0.1:${port}`]);
    server.close();
    expectClearError(result, "PORT_BUSY", 69);
  });

  test("policies that are not there", async () => {
    const dir = scratchDir();
    const result = await runCli(["correlate", "--data", dir, "--policies", join(dir, "none")]);
    expectClearError(result, "POLICY_FILE", 66);
  });
});

test("migrate: the second run changes nothing", async () => {
  const data = join(scratchDir(), "data");
  const first = await runCli(["migrate", "--data", data]);
  expect(first).toMatchObject({ code: 0 });
  expect(first.out).toMatch(/^applied .+; the schema is at version \d+\n$/);
  const second = await runCli(["migrate", "--data", data]);
  expect(second).toMatchObject({ code: 0 });
  expect(second.out).toMatch(/^the schema is at version \d+; nothing to do\n$/);
});

describe("doctor", () => {
  test("says ok, and leaves nothing behind", async () => {
    const cwd = scratchDir();
    const { code, out } = await runCli(["doctor", "--port", "0"], { cwd });
    expect(out.split("\n").filter((line) => /^(ok|warn)/.test(line))).toHaveLength(4);
    expect(out).not.toContain("FAIL");
    expect(code).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("says what is wrong and what to do", async () => {
    const dir = scratchDir();
    mkdirSync(join(dir, "sub"));
    const file = join(dir, "file");
    writeFileSync(file, "");
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    const args = ["doctor", "--port", String(port), "--data", file, "--relay", "127.0.0.1:1"];
    const { code, out, err } = await runCli(args);
    server.close();
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^FAIL {2}data folder: .*\n {6}.*--data/m);
    expect(out).toMatch(/^FAIL {2}dashboard port: .* in use.*\n {6}.*--port/m);
    expect(out).toMatch(/^FAIL {2}relay: .*\[HUBBLE_UNAVAILABLE\]\n {6}\S/m);
  });
});
