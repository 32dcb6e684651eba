import {
  dropAt,
  openRawSocket,
  type RawSocket,
  serveDashboard,
} from "@dropscope/dashboard/testing";
import { expect, test, vi } from "vitest";

const STALLED = 30;
const QUICK = 5;
const BOUND = 4;
const LONG = "x".repeat(6_000);

/** Frames of more than 1 MiB four times a second, so that the kernel's buffers fill in seconds. */
async function broadcast(backlog: { backlogPackets: number; backlogBytes: number }) {
  const served = await serveDashboard({
    limits: { socketsPerAddress: 100, handshakesPerMinute: 10_000, stalledMs: 4_000, ...backlog },
  });
  const sockets: RawSocket[] = [];
  for (let n = 0; n < STALLED + QUICK; n++) {
    const socket = await openRawSocket(served.port);
    socket.frame("40");
    await vi.waitFor(() => expect(socket.received.length).toBeGreaterThan(1));
    socket.frame('420["subscribe",{"filter":""}]');
    await vi.waitFor(() =>
      expect(socket.received.some((text) => text.includes("snapshot"))).toBe(true),
    );
    if (n < STALLED) socket.stopReading();
    else socket.received.splice(0);
    sockets.push(socket);
  }
  const quick = sockets.slice(STALLED);
  const delays: number[] = [];
  const metric = async (name: string) =>
    (await served.registry.getSingleMetric(name)?.get())?.values.reduce(
      (sum, { value }) => sum + value,
      0,
    ) ?? 0;
  let most = 0;
  for (let frame = 0; frame < 24; frame++) {
    const now = Date.now();
    served.reader.land(Array.from({ length: 200 }, () => dropAt(now, { Summary: LONG })));
    await new Promise((resolve) => setTimeout(resolve, 250));
    most = Math.max(most, await metric("dropscope_live_waiting_packets"));
    for (const socket of quick) {
      const sent = socket.received
        .splice(0)
        .flatMap((text) => /"at":(\d+),"drops":\[\[/.exec(text) ?? []);
      if (sent[1] !== undefined) delays.push(Date.now() - Number(sent[1]));
    }
  }
  const result = {
    most,
    skipped: await metric("dropscope_live_skipped_frames_total"),
    cut: sockets.slice(0, STALLED).filter((socket) => socket.isClosed()).length,
    cuts: await metric("dropscope_live_cuts_total"),
    quickAlive: quick.every((socket) => !socket.isClosed()),
    p95: delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.95)] ?? Infinity,
  };
  sockets.forEach((socket) => socket.destroy());
  await served.close();
  return result;
}

test("R12: stalled browsers cost little, are told, and are cut; others see no difference", async () => {
  const guarded = await broadcast({ backlogPackets: BOUND, backlogBytes: 512 * 1024 });
  expect(guarded.skipped).toBeGreaterThan(0);
  expect(guarded.cuts).toBeGreaterThan(0);
  expect(guarded.quickAlive).toBe(true);
  expect(guarded.p95).toBeLessThan(1_500);
  // One packet may be on its way beyond the bound when it is looked at.
  expect(guarded.most).toBeLessThanOrEqual(STALLED * (BOUND + 2));

  // Negative control: without the guard nothing is skipped and nobody is cut.
  const open = await broadcast({ backlogPackets: Infinity, backlogBytes: Infinity });
  expect(open.skipped).toBe(0);
  expect(open.cuts).toBe(0);
  expect(open.most).toBeGreaterThan(STALLED * (BOUND + 2));
}, 60_000);
