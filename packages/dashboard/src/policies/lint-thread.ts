import { Worker } from "node:worker_threads";
import type { Clock } from "@dropscope/model";
import type { Finding } from "@dropscope/policy";
import type { LintInput } from "./lint-run.js";

/** Lints somewhere; one after the other. */
export interface LintRun {
  /** @throws Error when it cannot be done, or takes longer than two minutes */
  run(input: LintInput): Promise<Finding[]>;
  stop(): void;
}

const PATIENCE_MS = 120_000;
/** A thread that has nothing to do keeps its memory so long. */
const IDLE_MS = 60_000;
/** Twenty thousand pods and three thousand policies take a quarter. */
const MEMORY_MB = 1024;

interface Answer {
  readonly ticket: number;
  readonly findings?: Finding[];
  readonly failure?: string;
}

/** Lints in a thread that is started when there is something to lint, and ends when there was nothing for a minute. */
export function createLintThread(clock: Clock): LintRun {
  const waiting = new Map<number, { done(findings: Finding[]): void; failed(why: Error): void }>();
  let worker: Worker | undefined;
  let cancelIdle = (): void => undefined;
  let last = 0;

  function end(why: string): void {
    const ended = worker;
    worker = undefined;
    cancelIdle();
    for (const one of waiting.values()) one.failed(new Error(why));
    waiting.clear();
    void ended?.terminate();
  }

  function started(): Worker {
    cancelIdle();
    if (worker !== undefined) return worker;
    const fresh = new Worker(new URL("./lint-worker.js", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    const gone = (why: string): void => {
      if (worker === fresh) end(why);
    };
    fresh.on("message", (answer: Answer) => settle(answer));
    fresh.on("error", (error) => gone(error instanceof Error ? error.message : String(error)));
    fresh.on("exit", (code) => gone(`the thread ended with code ${code}`));
    // It must not keep a process alive that is done.
    fresh.unref();
    worker = fresh;
    return fresh;
  }

  function settle({ ticket, findings, failure }: Answer): void {
    const one = waiting.get(ticket);
    waiting.delete(ticket);
    if (findings !== undefined) one?.done(findings);
    else one?.failed(new Error(failure ?? "no findings"));
    if (waiting.size === 0) cancelIdle = clock.after(IDLE_MS, () => end("idle"));
  }

  return {
    run(input) {
      const ticket = (last += 1);
      return new Promise((resolve, reject) => {
        const cancel = clock.after(PATIENCE_MS, () => end("it took longer than two minutes"));
        waiting.set(ticket, {
          done: (findings) => (cancel(), resolve(findings)),
          failed: (why) => (cancel(), reject(why)),
        });
        started().postMessage({ ticket, input });
      });
    },
    stop: () => end("stopped"),
  };
}
