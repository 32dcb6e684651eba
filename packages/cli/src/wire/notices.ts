import { readFileSync } from "node:fs";
import {
  createNotifier,
  createProblemNotices,
  type Notifier,
  type NotifyFormat,
  readTarget,
} from "@dropscope/correlator";
import {
  type Clock,
  DROP_OUTCOMES,
  type DropOutcome,
  DropscopeError,
  EXIT,
} from "@dropscope/model";
import type { ProblemReader } from "@dropscope/store";
import type { Logger } from "pino";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Config } from "../config/settings.js";
import type { WiredCorrelator } from "./correlator.js";
import type { NamedPart } from "./run-until-stopped.js";
import { storeLogger } from "./store.js";

export interface NoticesWiring {
  readonly config: Config;
  readonly problems: Pick<ProblemReader, "problems">;
  readonly correlator: Pick<WiredCorrelator, "stats">;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly registry?: Registry;
}

/**
 * The part that tells a webhook of problems; nothing when none is named. Mistakes in the settings
 * are said at once.
 * @throws DropscopeError `NOTIFY_URL`, `NOTIFY_FILE`, `CONFIG_VALUE`
 */
export function wireNotices(wiring: NoticesWiring): NamedPart[] {
  const { config, problems, correlator, clock, registry } = wiring;
  const outcomes = outcomesOf(config["notify-outcomes"]);
  const linkOf = linksTo(config["notify-link"]);
  const address = addressOf(config);
  if (address === undefined) return [];
  const logger = storeLogger(wiring.logger);
  const notifier = createNotifier({
    target: readTarget(address),
    format: config["notify-format"] as NotifyFormat,
    clock,
    logger,
    ...(outcomes === undefined ? {} : { outcomes }),
    linkOf,
  });
  if (registry !== undefined) registerNotices(registry, notifier);
  const part = createProblemNotices({
    problems,
    notifier,
    clock,
    logger,
    isLeading: () => correlator.stats()?.state === "leading",
  });
  return [{ name: "notifications", part }];
}

function addressOf(config: Config): string | undefined {
  const file = config["notify-webhook-file"];
  if (file === undefined) return config["notify-webhook"];
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new DropscopeError(
      "NOTIFY_FILE",
      `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
      { next: "Correct --notify-webhook-file, or its rights.", exitCode: EXIT.noInput },
    );
  }
}

function outcomesOf(named: readonly string[]): DropOutcome[] | undefined {
  if (named.length === 0) return undefined;
  return named.map((text) => {
    const outcome = DROP_OUTCOMES.find((one) => one === text);
    if (outcome === undefined) throw wrong("notify-outcomes", `"${text}" is no cause of a drop`);
    return outcome;
  });
}

function linksTo(base: string | undefined): (problem: string) => string {
  if (base === undefined) return () => "";
  if (!URL.canParse(base) || !/^https?:/.test(base))
    throw wrong("notify-link", "it is no http address");
  return (problem) => {
    const url = new URL(base);
    url.search = new URLSearchParams({ place: "problems", item: problem }).toString();
    return url.href;
  };
}

function wrong(name: "notify-outcomes" | "notify-link", what: string): DropscopeError {
  return new DropscopeError("CONFIG_VALUE", `--${name} cannot be used: ${what}.`, {
    next: "See `dropscope up --help` for what it takes.",
    exitCode: EXIT.usage,
  });
}

/** The part counts; a counter of the library can only be told by how much it grew. */
export function registerNotices(registry: Registry, notifier: Pick<Notifier, "stats">): void {
  registry.registerMetric(
    new Counter({
      name: "dropscope_notify_messages_total",
      help: "Notifications by what became of them; left-out ones were too many.",
      labelNames: ["result"] as const,
      registers: [],
      collect() {
        const { sent, failed, leftOut } = notifier.stats();
        this.reset();
        this.inc({ result: "sent" }, sent);
        this.inc({ result: "failed" }, failed);
        this.inc({ result: "left-out" }, leftOut);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: "dropscope_notify_waiting",
      help: "Notifications that wait to be sent.",
      registers: [],
      collect() {
        this.set(notifier.stats().waiting);
      },
    }),
  );
}
