import type { ServerWritableStream, status as Code } from "@grpc/grpc-js";
import type { Cursor } from "./cursor.js";

/** A GetFlows call that is being answered. */
export interface LiveStream {
  /** Sends what there is. Called when the rings have changed and when the reader can take more. */
  pump(): void;
  /** Ends the call with a status. */
  fail(code: Code, details: string): void;
}

/**
 * Moves a cursor's responses into a call for as long as the call takes them.
 * @param onClose called once when the call is over, whoever ended it
 */
export function startStream<Request>(
  call: ServerWritableStream<Request, Uint8Array>,
  cursor: Cursor,
  onClose: () => void,
): LiveStream {
  let over = false;
  let full = false;
  const close = (): void => {
    if (over) return;
    over = true;
    onClose();
  };
  const stream: LiveStream = {
    pump() {
      for (;;) {
        if (over || full) return;
        const sent = cursor.next();
        if (sent === "wait") return;
        if (sent === "end") {
          close();
          call.end();
          return;
        }
        full = !call.write(sent.bytes);
      }
    },
    fail(code, details) {
      if (over) return;
      close();
      call.emit("error", { code, details });
    },
  };
  call.on("drain", () => {
    full = false;
    stream.pump();
  });
  call.on("cancelled", close);
  call.on("close", close);
  call.on("error", close);
  return stream;
}
