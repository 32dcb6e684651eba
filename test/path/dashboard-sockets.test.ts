import { randomBytes } from "node:crypto";
import type { ClientEvents, LiveSnapshot, ServerEvents } from "@dropscope/model";
import { io, type Socket } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  dropAt,
  openRawSocket,
  type RawSocket,
  serveDashboard,
  type ServedDashboard,
} from "@dropscope/dashboard/testing";

let served: ServedDashboard;
const clients: { disconnect(): void }[] = [];
const raws: RawSocket[] = [];

beforeEach(async () => {
  served = await serveDashboard({ limits: { socketsPerAddress: 5 } });
});
afterEach(async () => {
  clients.splice(0).forEach((client) => client.disconnect());
  raws.splice(0).forEach((raw) => raw.destroy());
  await served.close();
});

function browser(): Socket<ServerEvents, ClientEvents> {
  const client: Socket<ServerEvents, ClientEvents> = io(served.url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    extraHeaders: { origin: served.url },
  });
  clients.push(client);
  return client;
}

async function raw(headers: Record<string, string> = {}, path?: string): Promise<RawSocket> {
  const socket = await openRawSocket(served.port, headers, path);
  raws.push(socket);
  return socket;
}

/** A raw socket that has joined the default namespace. */
async function joined(): Promise<RawSocket> {
  const socket = await raw();
  expect(socket.status).toBe(101);
  socket.frame("40");
  await vi.waitFor(() => expect(socket.received.some((text) => text.startsWith("42"))).toBe(true));
  return socket;
}

async function expectAlive(): Promise<void> {
  const client = browser();
  const snapshot = new Promise<LiveSnapshot>((resolve) => client.once("snapshot", resolve));
  expect(await client.emitWithAck("subscribe", { filter: "" })).toEqual({ ok: true });
  expect((await snapshot).drops.stepMs).toBe(1_000);
  client.disconnect();
}

const cuts = async (reason: string) => {
  const metric = await served.registry.getSingleMetric("dropscope_live_cuts_total")?.get();
  return metric?.values.find((value) => value.labels.reason === reason)?.value ?? 0;
};

describe("a browser", () => {
  test("is greeted, subscribes, gets a picture and frames", async () => {
    const client = browser();
    const hello = new Promise((resolve) => client.once("hello", resolve));
    expect(await hello).toEqual({ version: "0.0.0-test", viewer: "local" });
    const snapshot = new Promise<LiveSnapshot>((resolve) => client.once("snapshot", resolve));
    expect(await client.emitWithAck("subscribe", { filter: "--verdict DROPPED" })).toEqual({
      ok: true,
    });
    expect((await snapshot).flows).toEqual([]);
    served.reader.land([dropAt(Date.now())]);
    const row = await new Promise((resolve) =>
      client.on("frame", (frame) => frame.flows[0] && resolve(frame.flows[0])),
    );
    expect(row).toMatchObject({ verdict: "DROPPED", reason: "POLICY_DENIED" });
  });

  test("a bad filter is told with its place, and the old view goes on", async () => {
    const client = browser();
    // What lands before the first picture is in it, and no frame's.
    const pictured = new Promise<void>((resolve) =>
      client.on("snapshot", ({ at }) => at > 0 && resolve()),
    );
    await client.emitWithAck("subscribe", { filter: "" });
    await pictured;
    const answer = await client.emitWithAck("subscribe", { filter: "--verdict NOPE" });
    expect(answer).toMatchObject({ ok: false, error: { code: "FILTER_INVALID", at: [10, 14] } });
    served.reader.land([dropAt(Date.now())]);
    await new Promise<void>((resolve) =>
      client.on("frame", (frame) => frame.flows[0] && resolve()),
    );
  });

  test("a filter that is too long is told so, and the connection stays", async () => {
    const client = browser();
    const answer = await client.emitWithAck("subscribe", { filter: "x".repeat(5_000) });
    expect(answer).toMatchObject({ ok: false, error: { code: "FILTER_INVALID" } });
    expect(await client.emitWithAck("subscribe", { filter: "" })).toMatchObject({ ok: true });
  });

  test("changing the filter leaves the old room", async () => {
    const client = browser();
    const snapshot = new Promise<LiveSnapshot>((resolve) =>
      client.on("snapshot", (one) => one.at > 0 && resolve(one)),
    );
    await client.emitWithAck("subscribe", { filter: "" });
    await snapshot;
    await client.emitWithAck("subscribe", { filter: "--to-port 1" });
    const seen: unknown[] = [];
    client.on("frame", (frame) => seen.push(...frame.flows));
    served.reader.land([dropAt(Date.now())]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(seen).toEqual([]);
  });
});

describe("S11: who may open a socket", () => {
  const ours = () => `http://127.0.0.1:${served.port}`;
  test.each<[string, () => Record<string, string>, number]>([
    ["our page", () => ({ origin: ours() }), 101],
    [
      "our page by name",
      () => ({ host: `localhost:${served.port}`, origin: `http://localhost:${served.port}` }),
      101,
    ],
    ["evil", () => ({ origin: "https://evil.example" }), 400],
    ["null", () => ({ origin: "null" }), 400],
    ["absent", () => ({ origin: "-" }), 400],
    ["other case", () => ({ origin: ours().toUpperCase() }), 400],
    ["other port", () => ({ origin: "http://127.0.0.1:1" }), 400],
    ["other scheme", () => ({ origin: ours().replace("http", "https") }), 400],
    [
      "subdomain",
      () => ({ host: `localhost:${served.port}`, origin: `http://a.localhost:${served.port}` }),
      400,
    ],
    ["suffix", () => ({ origin: `${ours()}.evil.example` }), 400],
    [
      "foreign host, rebound",
      () => ({ host: `evil.example:${served.port}`, origin: `http://evil.example:${served.port}` }),
      400,
    ],
  ])("%s", async (_name, headers, status) => {
    expect((await raw(headers())).status).toBe(status);
  });

  test("long polling is not there", async () => {
    const response = await fetch(`${served.url}/socket.io/?EIO=4&transport=polling`);
    expect(response.status).toBe(400);
  });

  test("S12: a sixth socket of one address is refused; one that leaves makes place", async () => {
    const first = await raw();
    for (let n = 0; n < 4; n++) expect((await raw()).status).toBe(101);
    expect((await raw()).status).toBe(400);
    expect(await cuts("too-many")).toBe(1);
    first.destroy();
    await vi.waitFor(async () => expect((await raw()).status).toBe(101));
  });
});

describe("S12: what a socket may send", () => {
  test.each<[string, string, (socket: RawSocket) => void]>([
    ["an unknown event", "unknown-event", (s) => s.frame('42["shutdown",{}]')],
    ["an inherited name", "unknown-event", (s) => s.frame('421["constructor",{}]')],
    ["no acknowledgement", "malformed", (s) => s.frame('42["subscribe",{"filter":""}]')],
    ["a number for a filter", "malformed", (s) => s.frame('421["subscribe",{"filter":1}]')],
    [
      "one key too many",
      "malformed",
      (s) => s.frame('421["subscribe",{"filter":"","viewer":"x"}]'),
    ],
    ["no data", "malformed", (s) => s.frame('421["subscribe"]')],
    ["a list", "malformed", (s) => s.frame('421["subscribe",[]]')],
    ["a filter that is no text", "malformed", (s) => s.frame('421["subscribe",{"filter":[1]}]')],
    [
      "a binary attachment",
      "binary",
      (s) => s.frame('451-1["subscribe",{"_placeholder":true,"num":0}]'),
    ],
    ["bytes", "binary", (s) => s.frame(Buffer.from([1, 2, 3]), 2)],
    [
      "21 messages",
      "flood",
      (s) => {
        for (let n = 0; n < 21; n++) s.frame(`42${n}["subscribe",{"filter":"--to-port ${n + 1}"}]`);
      },
    ],
    [
      "21 pongs",
      "flood",
      (s) => {
        for (let n = 0; n < 21; n++) s.frame("3");
      },
    ],
  ])("%s cuts the connection", async (_name, reason, send) => {
    const socket = await joined();
    send(socket);
    await socket.closed;
    expect(await cuts(reason)).toBe(1);
    await expectAlive();
  });

  test("a message over 16 KiB cuts the connection", async () => {
    const socket = await joined();
    socket.frame(`421["subscribe",{"filter":"${"x".repeat(17_000)}"}]`);
    await socket.closed;
    await expectAlive();
  });

  test("raw frames of any kind: the server lives and memory stays bounded", async () => {
    const kinds = [
      () => "4".repeat(50),
      () => '42["subscribe"',
      () => `42[${"[".repeat(4_000)}`,
      () => '42["__proto__",{}]',
      () => '40/admin,{"token":1}',
      () => "49999999999",
      () => '451-99999999["x"]',
      () => "41",
      () => "0{}",
      () => "6",
      () => "",
      () => '42["connect"]',
      () => "43[]",
      () => '431[{"x":1}]',
      () => randomBytes(200).toString("latin1"),
      () => '42/socket.io,["subscribe"]',
      () => "\u0000".repeat(100),
    ];
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 60; round++) {
      const socket = await openRawSocket(served.port);
      if (socket.status === 101) {
        if (round % 3 > 0) socket.frame("40");
        for (let n = 0; n < 8; n++)
          socket.frame((kinds[(round * 3 + n) % kinds.length] ?? kinds[0]!)());
        // Broken on the level of websockets: reserved bits, lies about length, unmasked, half a frame.
        socket.write(randomBytes(1 + (round % 40)));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    await vi.waitFor(() => expectAlive(), { timeout: 5_000 });
  });

  test("a handshake that never ends, and a socket that never joins, hold nothing for long", async () => {
    const silent = await raw();
    expect(silent.status).toBe(101);
    await Promise.race([silent.closed, new Promise((resolve) => setTimeout(resolve, 12_000))]);
    expect(silent.isClosed()).toBe(true);
  });
});

describe("stopping", () => {
  test("sockets are cut and the port is free within the deadline, even with a stalled browser", async () => {
    const socket = await joined();
    socket.stopReading();
    const begun = Date.now();
    await served.dashboard.stop(1_000);
    await served.dashboard.stop(1_000);
    expect(Date.now() - begun).toBeLessThan(2_500);
    await expect(fetch(`${served.url}/livez`)).rejects.toThrow();
  });
});
