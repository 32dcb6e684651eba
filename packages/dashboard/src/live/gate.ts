import type { Clock } from "@dropscope/model";
import type { Connection } from "./connection.js";
import type { Limits } from "../config.js";
import type { CutReason } from "../metrics.js";

const SPAN_MS = 10_000;

/** What ws has and engine.io's types do not show. */
interface RawTransport {
  socket?: { terminate(): void; bufferedAmount: number };
}

/**
 * Looks at each packet before socket.io decodes it: our page sends little, and text only.
 * Counts every kind, so that a flood of pongs is a flood too.
 */
export function guardConnection(
  connection: Connection,
  clock: Clock,
  messagesPer10s: number,
  onCut: (reason: CutReason) => void,
): void {
  let spanStart = clock.now();
  let count = 0;

  function refuse(reason: CutReason): void {
    onCut(reason);
    cutConnection(connection);
  }

  // ws would wait half a minute for the other side's goodbye.
  connection.once("close", () => rawSocket(connection)?.terminate());
  connection.on("packet", (packet: { type: string; data?: unknown }) => {
    const now = clock.now();
    if (now - spanStart >= SPAN_MS) {
      spanStart = now;
      count = 0;
    }
    count += 1;
    if (count > messagesPer10s) return refuse("flood");
    if (packet.type !== "message") return;
    // 5 and 6 announce binary attachments, which would be kept in memory until they come.
    if (typeof packet.data !== "string" || /^[56]/.test(packet.data)) refuse("binary");
  });
}

/** At once: a polite close waits for a browser that may never read. */
export function cutConnection(connection: Connection): void {
  connection.close(true);
  rawSocket(connection)?.terminate();
}

/** How much a browser has not taken yet. The kernel's buffers fill first and are not seen here. */
export function backlogOf(
  connection: Connection,
  limits: Pick<Limits, "backlogPackets" | "backlogBytes">,
): "clear" | "some" | "behind" {
  const packets = waitingPackets(connection);
  const bytes = rawSocket(connection)?.bufferedAmount ?? 0;
  if (packets > limits.backlogPackets || bytes > limits.backlogBytes) return "behind";
  return packets === 0 && bytes === 0 ? "clear" : "some";
}

export function waitingPackets(connection: Connection): number {
  return (connection as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
}

function rawSocket(connection: Connection): RawTransport["socket"] {
  return (connection.transport as unknown as RawTransport).socket;
}
