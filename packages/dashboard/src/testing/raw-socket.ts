import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** A websocket by hand, for what no decent client would send, and for one that stops reading. */
export interface RawSocket {
  /** Status line of the handshake's answer, `101`, `403` … */
  status: number;
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void;
  /** Sends one masked frame; text by default. */
  frame(payload: string | Uint8Array, opcode?: number, fin?: boolean): void;
  /** Text frames that came, in order. */
  received: string[];
  stopReading(): void;
  closed: Promise<void>;
  isClosed(): boolean;
  destroy(): void;
}

const LIVE = "/socket.io/?EIO=4&transport=websocket";

export function openRawSocket(
  port: number,
  headers: Record<string, string> = {},
  path = LIVE,
): Promise<RawSocket> {
  const all = {
    host: `127.0.0.1:${port}`,
    origin: `http://127.0.0.1:${port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === "-" ? [] : [`${name}: ${value}`],
  );
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    });
    let head = Buffer.alloc(0);
    socket.once("error", reject);
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onHead);
      socket.off("error", reject);
      const status = Number(/^HTTP\/1.1 (\d+)/.exec(head.toString("latin1"))?.[1]);
      resolve(wrap(socket, status, head.subarray(end + 4)));
    };
    socket.on("data", onHead);
  });
}

function wrap(socket: Socket, status: number, rest: Buffer): RawSocket {
  let chunks: Buffer[] = [rest];
  let size = rest.length;
  /** Bytes until the next frame is whole: a large one comes in many chunks. */
  let needed = 2;
  let closed = false;
  const received: string[] = [];

  function read(chunk: Buffer): void {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    let pending = Buffer.concat(chunks);
    for (let frame = takeFrame(pending); ; frame = takeFrame(pending)) {
      needed = frame.length;
      if (frame.payload === undefined) break;
      pending = pending.subarray(frame.length);
      if (frame.opcode === 1) received.push(frame.payload.toString("utf8"));
    }
    chunks = [pending];
    size = pending.length;
  }

  const gone = new Promise<void>((resolve) =>
    socket.once("close", () => {
      closed = true;
      resolve();
    }),
  );
  socket.on("error", () => {});
  socket.on("data", read);
  read(Buffer.alloc(0));
  return {
    status,
    received,
    closed: gone,
    isClosed: () => closed,
    write: (bytes) => void socket.write(bytes),
    frame: (payload, opcode = 1, fin = true) => {
      socket.write(maskedFrame(Buffer.from(payload as string), opcode, fin));
    },
    stopReading() {
      socket.off("data", read);
      socket.pause();
    },
    destroy: () => void socket.destroy(),
  };
}

/** The first frame of the bytes, or how many bytes it takes at least. Server frames are not masked. */
function takeFrame(bytes: Buffer): { length: number; opcode: number; payload?: Buffer } {
  const opcode = (bytes[0] ?? 0) & 15;
  const short = (bytes[1] ?? 0) & 127;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < head) return { length: head, opcode };
  const size =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  const length = head + size;
  return bytes.length < length
    ? { length, opcode }
    : { length, opcode, payload: bytes.subarray(head, length) };
}

function maskedFrame(payload: Buffer, opcode: number, fin: boolean): Buffer {
  const mask = randomBytes(4);
  const extended = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = (fin ? 128 : 0) | opcode;
  head[1] = 128 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(payload.length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  const body = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return Buffer.concat([head, mask, body]);
}
