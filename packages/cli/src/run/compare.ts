import {
  compareRanges,
  type ComparedRanges,
  DEFAULT_LIMITS,
  parseRanges,
} from "@dropscope/dashboard";
import { re2 } from "@dropscope/hubble/re2";
import {
  DropscopeError,
  EXIT,
  formatTimeNs,
  LOCAL_VIEWER,
  parseFilterWords,
  type Part,
} from "@dropscope/model";
import { createCompareReader, createObjectReader, createReader } from "@dropscope/store";
import { compareText } from "../compare/compare-text.js";
import { createQuietLogger } from "../log.js";
import type { Invocation } from "../program.js";
import { parseMoment } from "../wire/parse-time.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { storeToRead } from "../wire/store.js";

const ENDS = {
  since: "--since",
  until: "--until",
  withSince: "--with-since",
  withUntil: "--with-until",
} as const;

/** Runs `dropscope compare`. */
export async function run({ loaded, options, filterWords }: Invocation): Promise<void> {
  const selection = parseFilterWords(filterWords, { regex: re2 });
  const ranges = rangesOf(options, Date.now());
  const limit = Number(options["limit"]);
  const logger = createQuietLogger(loaded.config);
  const store = storeToRead(loaded.config, logger);
  const stopping = new AbortController();
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  const work = async (): Promise<void> => {
    const found = await compareRanges(
      {
        viewer: LOCAL_VIEWER,
        selection,
        ...ranges,
        limit: Number.isInteger(limit) && limit > 0 ? limit : 20,
      },
      {
        knowledge: {
          compare: createCompareReader(store.client),
          objects: createObjectReader(store.client),
        },
        reader: createReader(store.client),
        limits: DEFAULT_LIMITS,
        signal: stopping.signal,
      },
    );
    process.stdout.write(
      options["output"] === "json" ? `${JSON.stringify(found)}\n` : compareText(found),
    );
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "compare", part },
    ],
    logger,
    {
      until: () =>
        work().catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error;
        }),
    },
  );
}

/** @throws DropscopeError `BAD_TIME`, `BAD_RANGE`, `RANGE_OPEN`, `RANGE_TOO_WIDE` (exit 2) */
function rangesOf(options: Invocation["options"], now: number): ComparedRanges {
  const asked = Object.fromEntries(
    Object.entries(ENDS).flatMap(([name, flag]) => {
      const text = options[name];
      if (typeof text !== "string") return [];
      const at = text === "now" ? BigInt(now) * 1_000_000n : parseMoment(text, flag, now);
      return [[name, formatTimeNs(at)]];
    }),
  );
  // An age reaches to now, as everywhere on the command line.
  if (asked["since"] !== undefined) asked["until"] ??= formatTimeNs(BigInt(now) * 1_000_000n);
  try {
    return parseRanges(asked, now, DEFAULT_LIMITS);
  } catch (error) {
    if (!(error instanceof DropscopeError)) throw error;
    const { code, message, next } = error;
    throw new DropscopeError(code, asFlags(message), { next: asFlags(next), exitCode: EXIT.usage });
  }
}

/** The API's names of the ends as they are written here. */
function asFlags(text: string): string {
  return text.replaceAll(
    /`?\b(since|until|withSince|withUntil)\b`?/g,
    (_, name: keyof typeof ENDS) => ENDS[name],
  );
}
