import { problemMatcher, type ProblemMatcher } from "@dropscope/dashboard";
import {
  FilterError,
  joinWords,
  LOCAL_VIEWER,
  type Part,
  type Problem,
  PROBLEM_STATES,
  type ProblemState,
} from "@dropscope/model";
import { createProblemReader, type ProblemQuery, type ProblemReader } from "@dropscope/store";
import { createQuietLogger } from "../log.js";
import { problemLine, problemText } from "../problems/problem-text.js";
import type { Invocation } from "../program.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed, outputDrained } from "../wire/standard-output.js";
import { storeToRead } from "../wire/store.js";

const FOLLOW_MS = 1_000;

/** Problems whose last word is remembered while they are followed. */
const MOST = 5_000;

const OPEN: readonly ProblemState[] = ["new", "back", "ongoing"];

/** Runs `dropscope problems`. */
export async function run({ loaded, args, options, filterWords }: Invocation): Promise<void> {
  const matches = matcherOf([...args, ...filterWords]);
  const logger = createQuietLogger(loaded.config);
  const store = storeToRead(loaded.config, logger);
  const reader = createProblemReader(store.client, {
    resolvedAfterMs: loaded.config["resolved-after"],
  });
  const stopping = new AbortController();
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  const query = queryOf(options);
  const json = options["output"] === "json";
  const print = async (problem: Problem): Promise<void> => {
    process.stdout.write(json ? `${JSON.stringify(problem)}\n` : problemText(problem));
    if (process.stdout.writableNeedDrain) await outputDrained();
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "problems", part },
    ],
    logger,
    {
      until: () =>
        options["follow"] === true
          ? Promise.race([
              outputClosed(),
              follow(reader, { query, matches }, print, json, stopping.signal),
            ])
          : list(reader, { query, matches }, print, stopping.signal),
    },
  );
}

function queryOf(options: Invocation["options"]): ProblemQuery {
  const limit = Number(options["limit"]);
  return {
    viewer: LOCAL_VIEWER,
    states: (options["state"] as ProblemState[] | undefined) ?? OPEN,
    limit: Number.isInteger(limit) && limit > 0 ? Math.min(limit, MOST) : 100,
  };
}

/** @throws FilterError placed in the words as one line, which it carries */
function matcherOf(words: readonly string[]): ProblemMatcher {
  const { line } = joinWords(words);
  try {
    return problemMatcher(line);
  } catch (error) {
    throw error instanceof FilterError && error.at !== undefined
      ? error.placed(error.at, line)
      : error;
  }
}

interface Asked {
  readonly query: ProblemQuery;
  readonly matches: ProblemMatcher;
}

type Print = (problem: Problem) => Promise<void>;

async function list(
  reader: ProblemReader,
  { query, matches }: Asked,
  print: Print,
  signal: AbortSignal,
): Promise<void> {
  const found = await reader.problems({ ...query, limit: MOST }, signal);
  for (const problem of found.filter(matches).slice(0, query.limit)) await print(problem);
}

/** Prints what is there, then what begins or changes. A store that goes away is waited for. */
async function follow(
  reader: ProblemReader,
  { query, matches }: Asked,
  print: Print,
  json: boolean,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<string, string>();
  while (!signal.aborted) {
    // Every state: that one is resolved is told too, of those that were told before.
    const found = await reader
      .problems({ ...query, states: PROBLEM_STATES, limit: MOST }, signal)
      .catch(() => []);
    for (const problem of found.filter(matches).toReversed()) {
      const { id, state, explanation } = problem;
      const word = `${state} ${explanation.outcome}`;
      if (told.get(id) === word) continue;
      if (!told.has(id) && !query.states?.includes(state)) continue;
      const isNew = !told.has(id);
      told.set(id, word);
      if (json || isNew) await print(problem);
      else process.stdout.write(problemLine(problem, new Date().toISOString()));
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FOLLOW_MS);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
