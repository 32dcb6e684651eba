/** The thread that makes the answers of tuning, and keeps what it is asked about. */
import { parentPort } from "node:worker_threads";
import { DropscopeError } from "@dropscope/model";
import { createTuningBench } from "./bench.js";
import type { TuningMessage, TuningReply } from "./tuning-thread.js";

const port = parentPort;
if (port === null) throw new Error("tuning-worker is the main file of a thread");
const bench = createTuningBench();
port.on("message", (message: TuningMessage) => {
  if (message.do === "keep") bench.keep(message.key, message.input);
  else if (message.do === "forget") bench.forget(message.key);
  else port.postMessage(replyTo(message));
});

function replyTo({
  ticket,
  question,
  keys,
}: Extract<TuningMessage, { readonly do: "answer" }>): TuningReply {
  try {
    return { ticket, answer: bench.answer(question, keys) };
  } catch (error) {
    if (error instanceof DropscopeError) {
      const { code, message, next } = error;
      return { ticket, refused: { code, message, next } };
    }
    return { ticket, failure: error instanceof Error ? error.message : String(error) };
  }
}
