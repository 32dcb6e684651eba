import { Worker } from "node:worker_threads";
import { type Clock, DropscopeError } from "@dropscope/model";
import type {
  TuningAnswers,
  TuningInput,
  TuningKeys,
  TuningQuestion,
  TuningRun,
} from "./question.js";

/** A week of a busy cluster takes seconds. */
const PATIENCE_MS = 60_000;
/** An editor rests longer than a page that only looks. */
const IDLE_MS = 10 * 60_000;
/** Four pieces of traffic of fifty thousand connections, and a cluster of twenty thousand pods. */
const MEMORY_MB = 1_536;

type AnyAnswer = TuningAnswers[TuningQuestion["of"]];

/** What is sent to the thread. */
export type TuningMessage =
  | { readonly do: "keep"; readonly key: string; readonly input: TuningInput }
  | { readonly do: "forget"; readonly key: string }
  | {
      readonly do: "answer";
      readonly ticket: number;
      readonly question: TuningQuestion;
      readonly keys: TuningKeys;
    };

/** What comes back: an error for a person keeps its words. */
export type TuningReply =
  | { readonly ticket: number; readonly answer: AnyAnswer }
  | { readonly ticket: number; readonly refused: Refusal }
  | { readonly ticket: number; readonly failure: string };

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

interface Waiting {
  done(answer: AnyAnswer): void;
  failed(why: Error): void;
}

/** Answers in a thread: a suggestion takes seconds, in which the server must go on. It ends when nobody asks for a while. */
export function createTuningThread(clock: Clock): TuningRun {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let cancelIdle = (): void => undefined;
  let last = 0;
  let life = 0;

  function end(why: string): void {
    const ended = worker;
    worker = undefined;
    life += 1;
    cancelIdle();
    for (const one of waiting.values()) one.failed(new Error(why));
    waiting.clear();
    void ended?.terminate();
  }

  function started(): Worker {
    if (worker !== undefined) return worker;
    const fresh = new Worker(new URL("./tuning-worker.js", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    const gone = (why: string): void => {
      if (worker === fresh) end(why);
    };
    fresh.on("message", (reply: TuningReply) => settle(reply));
    fresh.on("error", (error) => gone(error instanceof Error ? error.message : String(error)));
    fresh.on("exit", (code) => gone(`the thread ended with code ${code}`));
    // It must not keep a process alive that is done.
    fresh.unref();
    worker = fresh;
    return fresh;
  }

  function send(message: TuningMessage): void {
    cancelIdle();
    started().postMessage(message);
    if (waiting.size === 0) rest();
  }

  function rest(): void {
    cancelIdle();
    cancelIdle = clock.after(IDLE_MS, () => end("idle"));
  }

  function settle(reply: TuningReply): void {
    const one = waiting.get(reply.ticket);
    waiting.delete(reply.ticket);
    if (waiting.size === 0) rest();
    if ("answer" in reply) one?.done(reply.answer);
    else if ("failure" in reply) one?.failed(new Error(reply.failure));
    else one?.failed(refusedBy(reply.refused));
  }

  return {
    get life() {
      return life;
    },
    keep: (key, input) => send({ do: "keep", key, input }),
    forget(key) {
      if (worker !== undefined) send({ do: "forget", key });
    },
    ask(question, keys) {
      const ticket = (last += 1);
      return new Promise((resolve, reject) => {
        const cancel = clock.after(PATIENCE_MS, () => end("it took longer than a minute"));
        waiting.set(ticket, {
          done: (answer) => (cancel(), resolve(answer)),
          failed: (why) => (cancel(), reject(why)),
        });
        send({ do: "answer", ticket, question, keys });
      });
    },
    stop: () => end("stopped"),
  };
}

function refusedBy({ code, message, next }: Refusal): DropscopeError {
  return new DropscopeError(code, message, { next });
}
