import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "@dropscope/ingester/testing";
import { cleanUp, scratchDir, startCli } from "../kit/run-cli.js";

const bodies: string[] = [];
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      bodies.push(await text(request));
      // The first message of all is refused for a moment.
      response.writeHead(bodies.length === 1 ? 503 : 200).end();
    };
    void take();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/sw0rdfish-never-print`;
});
afterAll(async () => {
  await cleanUp();
  server.closeAllConnections();
  server.close();
});

test("a problem of the running product reaches a webhook once, with policy and fix; a restart does not repeat it", async () => {
  const data = scratchDir("notify");
  const up = ["up", "--data", data, "--port", "0", "--incidents", "cloud-metadata"];
  const words = [...up, "--notify-format", "slack", "--notify-link", "https://d.example/"];
  const env = { DROPSCOPE_NOTIFY_WEBHOOK: url };
  const first = startCli(words, { env });
  await first.says(/ready: http/);
  const about = (): string[] => bodies.filter((body) => body.includes("no-cloud-metadata"));
  await until("a message that was refused once", () => about().length >= 2, 60_000);
  const [refused, accepted] = about() as [string, string];
  expect(accepted).toBe(refused);
  expect(JSON.parse(accepted)).toMatchObject({
    text: expect.stringMatching(
      /^Dropped: web\/frontend → .*169\.254\.169\.254.* on TCP 80/,
    ) as string,
  });
  expect(accepted).toContain("`CiliumNetworkPolicy web/no-cloud-metadata`");
  expect(accepted).toContain("*Fix:* If it is wanted, narrow or remove spec.egressDeny[0]");
  expect(accepted).toContain("https://d.example/?place=problems&item=");
  const one = await first.stop();
  expect(one.code).toBe(0);

  const before = about().length;
  const second = startCli(words, { env });
  await second.says(/ready: http/);
  // It goes on, and is explained again and again: no second message.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  const two = await second.stop();
  expect(about()).toHaveLength(before);
  for (const { out, err } of [one, two]) expect(`${out}${err}`).not.toContain("sw0rdfish");
});
