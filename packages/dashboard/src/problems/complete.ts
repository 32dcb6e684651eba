import { type CompleteAnswer, type Peer, type Problem, type Viewer } from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";

const MOST_READ = 500;
const MOST_VALUES = 50;

/** Ids of problems, what goes on first; typed is an id or a word of what the problem says. */
export async function completeProblem(
  { problems }: Pick<Knowledge, "problems">,
  typed: string,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<CompleteAnswer> {
  const found = await problems.problems({ viewer, limit: MOST_READ }, signal);
  const word = typed.toLowerCase();
  const fits = found.filter((one) => textOf(one).includes(word)).slice(0, MOST_VALUES);
  return { values: fits.map(({ id }) => id), notes: fits.map(noteOf) };
}

const textOf = (problem: Problem): string => `${problem.id} ${noteOf(problem)}`.toLowerCase();

function noteOf({ source, destination, protocol, port, outcome, state }: Problem): string {
  const where = port === 0 ? protocol : `${protocol}/${port}`;
  return `${nameOf(source)} → ${nameOf(destination)} ${where}, ${outcome}, ${state}`;
}

function nameOf({ namespace, name }: Peer): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
