import { CODE, GrpcError } from "./status.js";

/** Before each message: 1 byte "compressed?", 4 bytes length. */
export const PREFIX = 5;

/**
 * Cuts what a client sends into messages.
 * @throws GrpcError for compressed and for oversized messages, and for an end within one
 */
export async function* readMessages(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0);
  for await (const part of body) {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    while (held.length >= PREFIX) {
      if (held[0] !== 0)
        throw new GrpcError(CODE.unimplemented, "compressed requests are not supported");
      const length = held.readUInt32BE(1);
      if (length > maxBytes)
        throw new GrpcError(
          CODE.resourceExhausted,
          `the request has ${length} bytes; at most ${maxBytes} are taken`,
        );
      if (held.length < PREFIX + length) break;
      yield held.subarray(PREFIX, PREFIX + length);
      held = held.subarray(PREFIX + length);
    }
  }
  if (held.length > 0) throw new GrpcError(CODE.internal, "the request ends within a message");
}

/** Room for the message that fills a piece. */
const SLACK = 8_192;

/**
 * Messages on their way out, several in one piece: a write costs more than a message.
 * What `take` gave belongs to whoever took it.
 */
export class Outbox {
  readonly #pieceBytes: number;
  #piece: Buffer;
  #at = 0;

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
    this.#piece = Buffer.allocUnsafe(0);
  }

  get bytes(): number {
    return this.#at;
  }

  add(message: Uint8Array): void {
    const end = this.#at + PREFIX + message.length;
    if (end > this.#piece.length) this.#grow(end);
    const piece = this.#piece;
    piece[this.#at] = 0;
    piece.writeUInt32BE(message.length, this.#at + 1);
    piece.set(message, this.#at + PREFIX);
    this.#at = end;
  }

  take(): Buffer {
    const taken = this.#piece.subarray(0, this.#at);
    this.#piece = Buffer.allocUnsafe(0);
    this.#at = 0;
    return taken;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#pieceBytes + SLACK));
    grown.set(this.#piece.subarray(0, this.#at));
    this.#piece = grown;
  }
}
