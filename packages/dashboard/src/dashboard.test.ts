import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createDashboard } from "./dashboard.js";
import { serveDashboard, type ServedDashboard } from "./testing/serve.js";

const open: (ServedDashboard | Server)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function busyPort(): Promise<number> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

describe("starting", () => {
  test.each(["0.0.0.0", "::", "", "192.0.2.1"])(
    "S1: without authentication %j is refused, and nothing listens",
    async (host) => {
      const start = serveDashboard({ listen: { host, port: 0 } });
      await expect(start).rejects.toMatchObject({ code: "BIND_NEEDS_AUTH", exitCode: 78 });
    },
  );

  test.each(["127.0.0.1", "localhost"])("%s is served", async (host) => {
    const served = await serveDashboard({ listen: { host, port: 0 } });
    open.push(served);
    expect(served.dashboard.address()?.address).toMatch(/^127\.|^::1$/);
    expect((await fetch(`http://${host}:${served.port}/livez`)).status).toBe(200);
  });

  test("a busy port is said with the next step; the other port is given back", async () => {
    const port = await busyPort();
    const start = serveDashboard({
      listen: { host: "127.0.0.1", port },
      metricsListen: { host: "127.0.0.1", port: 0 },
    });
    await expect(start).rejects.toMatchObject({
      code: "PORT_BUSY",
      message: `Port ${port} on 127.0.0.1 is in use.`,
      next: expect.stringContaining("another port"),
    });
  });

  test("a busy metrics port too, before anybody was served", async () => {
    const port = await busyPort();
    const start = serveDashboard({ metricsListen: { host: "127.0.0.1", port } });
    await expect(start).rejects.toMatchObject({ code: "PORT_BUSY" });
  });

  test("new is inert, stop before start and stop twice are fine", async () => {
    const served = await serveDashboard();
    const idle = createDashboard({
      listen: { host: "127.0.0.1", port: served.port },
      auth: "none",
      reader: served.reader,
      knowledge: served.knowledge,
      coverage: () => ({}) as never,
      webDir: "/",
      logger: { info: () => {} } as never,
      version: "0",
    });
    await idle.stop(100);
    await served.close();
    await served.dashboard.stop(100);
    expect(served.dashboard.address()).toBeUndefined();
  });

  test("an answer that is under way is finished before the end", async () => {
    const served = await serveDashboard();
    let answer: Promise<Response> | undefined;
    const go = await new Promise<() => void>((asked) => {
      served.reader.before = () => new Promise((resolve) => asked(resolve));
      answer = fetch(`${served.url}/api/v1/flows`);
    });
    const begun = performance.now();
    const stopped = served.close();
    go();
    expect((await answer)?.status).toBe(200);
    await stopped;
    // A connection that is kept alive lasts five.
    expect(performance.now() - begun).toBeLessThan(4_500);
  });
});
