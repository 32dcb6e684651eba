import { fork } from "node:child_process";
import { expect, test } from "vitest";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { ServerStatusResponseSchema } from "@dropscope/hubble";
import { LOAD_MAIN, startLoadSource } from "@dropscope/ingester/simulator";
import { until } from "@dropscope/ingester/testing";
import { observerClient } from "../kit/observer-client.js";

const uuidNumber = (uuid: string): number => Number.parseInt(uuid.slice(24), 16);

test("every flow of the total arrives once, in order and with the time of its sending", async () => {
  const source = await startLoadSource({ port: 0, total: 8_000, distinct: 1000 });
  const begun = Date.now();
  const client = observerClient(source.address);
  const stream = client.flows({});
  expect(await stream.ended).toBeUndefined();
  const flows = stream.flows();
  expect(flows.map(({ uuid }) => uuidNumber(uuid))).toEqual(flows.map((_, i) => i));
  expect(flows).toHaveLength(8_000);
  expect(new Set(flows.map(({ uuid }) => uuid)).size).toBe(8_000);
  for (const { time } of flows) {
    expect(time && timestampMs(time)).toBeGreaterThanOrEqual(begun - 1);
    expect(time && timestampMs(time)).toBeLessThanOrEqual(Date.now() + 1);
  }
  expect(await client.unary("ServerStatus", ServerStatusResponseSchema)).toMatchObject({
    seenFlows: 8_000n,
  });
  client.close();
  await source.stop();
});

test("a reader that stops holds the source back; when it reads on, nothing is missing", async () => {
  const source = await startLoadSource({ port: 0, total: 20_000, distinct: 500 });
  const client = observerClient(source.address);
  const stream = client.flows({ follow: true });
  await until("the first flows", () => stream.flows().length > 0);
  stream.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const held = source.sent();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(source.sent()).toBe(held);
  expect(held).toBeLessThan(20_000);
  stream.resume();
  await until("all flows", () => stream.flows().length === 20_000);
  stream.cancel();
  client.close();
  await source.stop();
});

test("as a process of its own: it says where it listens, keeps its rate and ends with the count", async () => {
  const child = fork(LOAD_MAIN, ["--port", "0", "--rate", "2000", "--distinct", "300"], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  let output = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await until("its address", () => output.includes("\n"));
  const { address } = JSON.parse(output.split("\n")[0] ?? "") as { address: string };
  const client = observerClient(address);
  const stream = client.flows({ follow: true });
  await until("the first flow", () => stream.flows().length > 0);
  const begun = performance.now();
  const before = stream.flows().length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const rate = (stream.flows().length - before) / ((performance.now() - begun) / 1000);
  expect(rate).toBeGreaterThan(1500);
  expect(rate).toBeLessThan(2500);
  stream.cancel();
  client.close();
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  const { sent } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as { sent: number };
  expect(sent).toBeGreaterThan(2000);
});
