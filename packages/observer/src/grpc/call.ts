import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { Outbox, readMessages } from "./messages.js";
import { CODE, encodeMessage, GrpcError, timeoutMs, type Code } from "./status.js";

/** Bytes of one write. */
const PIECE_BYTES = 128 * 1024;

export interface CallLimits {
  /** Longest request message. */
  readonly requestBytes: number;
  /** ms in which the request must be there. */
  readonly requestMs: number;
  /** ms for which a client may take nothing of what waits for it. */
  readonly stallMs: number;
}

/** One call of one client, from its request to its status. */
export class Call {
  readonly path: string;
  readonly #stream: ServerHttp2Stream;
  readonly #limits: CallLimits;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #gone = new AbortController();
  readonly #outbox = new Outbox(PIECE_BYTES);
  readonly #deadline: NodeJS.Timeout | undefined;
  #trailers: Record<string, string> = { "grpc-status": String(CODE.ok) };
  #over = false;

  /** @param headers what every answer carries, such as the server's version */
  constructor(
    stream: ServerHttp2Stream,
    head: IncomingHttpHeaders,
    limits: CallLimits,
    headers: Readonly<Record<string, string>>,
  ) {
    this.path = head[":path"] ?? "";
    this.#stream = stream;
    this.#limits = limits;
    this.#headers = headers;
    stream.on("error", () => {});
    stream.on("close", () => this.#leave(new GrpcError(CODE.cancelled, "the client left")));
    const ms = timeoutMs(head["grpc-timeout"]?.toString());
    if (ms !== undefined) {
      const late = (): void => this.stop(CODE.deadlineExceeded, "the deadline of the call is over");
      this.#deadline = setTimeout(late, Math.min(ms, 2 ** 31 - 1));
      this.#deadline.unref();
    }
  }

  /** Aborted when the client leaves, its deadline passes, or the server stops; the reason is a GrpcError. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Every message of the client. @throws GrpcError */
  messages(): AsyncIterable<Uint8Array> {
    // Who stops reading has an answer to give: the stream must outlive it.
    const body = this.#stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    return readMessages(body, this.#limits.requestBytes);
  }

  /** The one message of a call whose client sends one. @throws GrpcError */
  async message(): Promise<Uint8Array> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new GrpcError(CODE.deadlineExceeded, "the request did not arrive in time");
      timer = setTimeout(() => reject(error), this.#limits.requestMs);
    });
    try {
      return await Promise.race([this.#onlyMessage(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends the headers, so that the client knows it is being served before there is anything to send. */
  begin(): void {
    if (this.#stream.headersSent || this.#over) return;
    this.#stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...this.#headers },
      { waitForTrailers: true },
    );
    this.#stream.on("wantTrailers", () => {
      if (!this.#stream.destroyed) this.#stream.sendTrailers(this.#trailers);
    });
  }

  /** Puts a message (copied) to those that leave next; true when it is time to `flush`. */
  add(message: Uint8Array): boolean {
    this.#outbox.add(message);
    return this.#outbox.bytes >= PIECE_BYTES;
  }

  /**
   * Sends what was added and waits until the client can take more.
   * @throws GrpcError when the client left, and when it took nothing for too long
   */
  async flush(): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#outbox.bytes === 0) return;
    this.begin();
    if (this.#stream.write(this.#outbox.take())) return;
    await this.#drained();
  }

  /** Ends the call with OK, after what was added. */
  end(): void {
    if (this.#over) return;
    this.begin();
    this.#finish();
    if (this.#outbox.bytes > 0) this.#stream.end(this.#outbox.take());
    else this.#stream.end();
  }

  /** Ends the call with an error; what was added and not flushed is not sent. */
  fail(code: Code, message: string): void {
    if (this.#over) return;
    this.#finish();
    this.#trailers = { "grpc-status": String(code), "grpc-message": encodeMessage(message) };
    if (this.#stream.destroyed) return;
    if (this.#stream.headersSent) this.#stream.end();
    else
      this.#stream.respond(
        {
          ":status": 200,
          "content-type": "application/grpc",
          ...this.#headers,
          ...this.#trailers,
        },
        { endStream: true },
      );
    // What the client still sends is not wanted any more.
    if (!this.#stream.readableEnded) this.#stream.resume();
  }

  /** Ends whatever the call is doing. */
  stop(code: Code, message: string): void {
    this.#leave(new GrpcError(code, message));
  }

  /** The client takes nothing, so no status will reach it: the stream is cut. */
  cut(): void {
    this.#finish();
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  async #onlyMessage(): Promise<Uint8Array> {
    let only: Uint8Array | undefined;
    for await (const message of this.messages()) {
      if (only !== undefined) throw new GrpcError(CODE.internal, "one request message is expected");
      only = message;
    }
    if (only === undefined) throw new GrpcError(CODE.internal, "the request has no message");
    return only;
  }

  #drained(): Promise<void> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      const { signal } = this;
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        stream.off("drain", onDrain);
        signal.removeEventListener("abort", onGone);
        act();
      };
      const onDrain = (): void => settle(resolve);
      const onGone = (): void => settle(() => reject(signal.reason as Error));
      const stalled = new GrpcError(
        CODE.aborted,
        `the client took nothing for ${Math.round(this.#limits.stallMs / 1000)} s`,
      );
      const timer = setTimeout(() => {
        settle(() => reject(stalled));
        this.cut();
      }, this.#limits.stallMs);
      stream.on("drain", onDrain);
      signal.addEventListener("abort", onGone, { once: true });
      if (signal.aborted) onGone();
    });
  }

  #leave(reason: GrpcError): void {
    clearTimeout(this.#deadline);
    this.#gone.abort(reason);
  }

  #finish(): void {
    this.#over = true;
    clearTimeout(this.#deadline);
  }
}
