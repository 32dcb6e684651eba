import type { Clock, DropOutcome, Problem } from "@dropscope/model";
import type { StoreLogger } from "@dropscope/store";
import { type NoticeEvent, noticeOf } from "./notice.js";
import { post, type Target } from "./post.js";
import { createRate } from "./rate.js";
import { slackBody } from "./slack.js";
import { createTold } from "./told.js";

export const NOTIFY_FORMATS = ["json", "slack"] as const;
export type NotifyFormat = (typeof NOTIFY_FORMATS)[number];

/** Problems that are told of unless others are named: those that policies have to do with. */
export const NOTIFY_OUTCOMES: readonly DropOutcome[] = [
  "default-deny",
  "denied-by-rule",
  "l7-denied",
  "auth-required",
  "policy-changed",
  "unexplained",
];

export interface NotifierOptions {
  readonly target: Target;
  readonly format: NotifyFormat;
  readonly clock: Clock;
  readonly logger?: StoreLogger;
  readonly outcomes?: readonly DropOutcome[];
  /** Where a person finds the problem; empty when nobody knows. */
  readonly linkOf?: (problem: string) => string;
  readonly limits?: Partial<NotifierLimits>;
}

export interface NotifierLimits {
  /** Messages at once, and each minute after that. */
  readonly burst: number;
  readonly perMinute: number;
  /** Messages that wait, at most; further ones are counted and left out. */
  readonly waiting: number;
  /** Problems whose last message is remembered. */
  readonly remembered: number;
  /** A receiver that has not answered after so long has not, ms. */
  readonly timeoutMs: number;
  /** First wait before another attempt, and the longest, ms. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Attempts for one message. */
  readonly attempts: number;
}

export const NOTIFIER_LIMITS: NotifierLimits = {
  burst: 10,
  perMinute: 20,
  waiting: 200,
  remembered: 10_000,
  timeoutMs: 10_000,
  backoffMs: 1_000,
  maxBackoffMs: 60_000,
  attempts: 10,
};

/** Tells a receiver of problems that begin, come back and end; each change once. */
export interface Notifier {
  /** Looks at a problem; tells of it when something is new. Never waits and never throws. */
  problemChanged(problem: Problem): void;
  /** The problem was there before: nothing is told of what it is now. */
  assumeKnown(problem: Problem): void;
  /** Ends what is under way within the deadline (ms); what waits is given up. */
  stop(deadlineMs: number): Promise<void>;
  stats(): NotifierStats;
}

export interface NotifierStats {
  readonly sent: number;
  /** Given up: refused by the receiver, or not accepted after all attempts. */
  readonly failed: number;
  /** Never tried, because too many waited. */
  readonly leftOut: number;
  readonly retries: number;
  readonly waiting: number;
  readonly remembered: number;
}

interface Waiting {
  readonly problem: Problem;
  readonly event: NoticeEvent;
}

/*
 * problemChanged ─▶ told? ─▶ waiting (by problem, at most `waiting`) ─▶ rate ─▶ post ─▶ told
 *                                ▲ a newer change takes the place        │ again: backoff
 *                                └───────────────────────────────────────┘
 * One message is under way at a time, so that they arrive in order.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { clock, logger, outcomes = NOTIFY_OUTCOMES, linkOf = () => "" } = options;
  const limits: NotifierLimits = { ...NOTIFIER_LIMITS, ...options.limits };
  const told = createTold(limits.remembered);
  const rate = createRate(clock, limits);
  const waiting = new Map<string, Waiting>();
  const stopping = new AbortController();
  const counts = { sent: 0, failed: 0, leftOut: 0, retries: 0 };
  /** Left out since the last message that was accepted. */
  let silent = 0;
  let running: Promise<void> | undefined;
  let closing = false;
  let wake = (): void => undefined;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => (cancel(), resolve());
    });

  function problemChanged(problem: Problem): void {
    if (closing || !outcomes.includes(problem.outcome)) return;
    const event = told.eventOf(problem);
    const before = waiting.get(problem.id);
    if (event === undefined) {
      // What waited is not so any more: over before anybody heard of it, or not over after all.
      waiting.delete(problem.id);
      return;
    }
    if (before === undefined && waiting.size >= limits.waiting) {
      counts.leftOut += 1;
      silent += 1;
      // It is not told later either: by then it is no news.
      told.tell(problem.id, event);
      return;
    }
    waiting.set(problem.id, { problem, event });
    running ??= run();
  }

  async function run(): Promise<void> {
    for (let next = first(); next !== undefined; next = first()) {
      const waitMs = rate.take();
      if (waitMs > 0) await pause(waitMs);
      else await deliver(next);
    }
    running = undefined;
  }

  function first(): Waiting | undefined {
    if (closing) return undefined;
    const [next] = waiting.values();
    return next;
  }

  async function deliver({ problem, event }: Waiting): Promise<void> {
    waiting.delete(problem.id);
    // From now on a change of it is another message.
    told.tell(problem.id, event);
    const notice = noticeOf(problem, event, { link: linkOf(problem.id), leftOut: silent });
    const body = options.format === "slack" ? slackBody(notice) : notice;
    let backoff = limits.backoffMs;
    for (let attempt = 1; ; attempt += 1) {
      const posted = await post(options.target, body, {
        ...limits,
        clock,
        signal: stopping.signal,
      });
      if (posted.outcome === "accepted") {
        counts.sent += 1;
        silent -= notice.leftOut;
        return;
      }
      if (posted.outcome === "refused" || attempt >= limits.attempts) {
        counts.failed += 1;
        logger?.error("a notification was given up", { why: posted.why, attempts: attempt });
        return;
      }
      if (attempt === 1) logger?.warn("a notification is tried again", { why: posted.why });
      if (!closing)
        await pause(Math.min(Math.max(backoff, posted.afterMs ?? 0), limits.maxBackoffMs));
      if (closing) {
        counts.failed += 1;
        return;
      }
      counts.retries += 1;
      backoff = Math.min(backoff * 2, limits.maxBackoffMs);
    }
  }

  return {
    problemChanged,
    assumeKnown: (problem) => told.assume(problem),
    async stop(deadlineMs) {
      closing = true;
      if (waiting.size > 0)
        logger?.warn("notifications that waited are given up", { waiting: waiting.size });
      counts.leftOut += waiting.size;
      waiting.clear();
      // An attempt that is under way may end; a wait between two may not.
      wake();
      const cancel = clock.after(deadlineMs, () => stopping.abort());
      await running;
      cancel();
    },
    stats: () => ({ ...counts, waiting: waiting.size, remembered: told.size() }),
  };
}
