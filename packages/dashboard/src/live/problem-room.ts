import type { Coverage, ProblemRow, ProblemsAnswer, ProblemsFrame, Viewer } from "@dropscope/model";
import type { Clock } from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";
import type { ProblemMatcher } from "../problems/filter.js";
import { listProblems } from "../problems/list.js";
import type { Ask } from "./ask.js";
import type { Broadcast, Member } from "./audience.js";

/** Rows that a live list holds; what matters less is on the pages of REST. */
const LIVE_ROWS = 200;

export interface ProblemRoomDeps {
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly ask: Ask;
  readonly coverage: () => Coverage;
  readonly broadcast: Broadcast;
}

/** Browsers that follow one list of problems. */
export interface ProblemRoom {
  readonly size: number;
  join(member: Member): void;
  leave(id: string): void;
  /** Reads the list and tells what changed. @throws what the store threw */
  refresh(signal: AbortSignal): Promise<void>;
  /** Tells everybody who may take it. */
  tell(event: "problemsTrouble", data: Parameters<Broadcast>[1]): void;
}

export function createProblemRoom(
  view: { readonly viewer: Viewer; readonly matches: ProblemMatcher },
  { knowledge, clock, ask, coverage, broadcast }: ProblemRoomDeps,
): ProblemRoom {
  const members = new Map<string, Member>();
  /** Missed a frame: only the whole list makes theirs true again. */
  const stale = new Set<string>();
  let list: ProblemsAnswer | undefined;
  let shown = new Map<string, string>();
  let seq = 0;

  function keep(next: ProblemsAnswer): ProblemRow[] {
    const texts = new Map(next.problems.map((row) => [row.id, JSON.stringify(row)]));
    const changed = next.problems.filter(({ id }) => texts.get(id) !== shown.get(id));
    list = next;
    shown = texts;
    return changed;
  }

  return {
    get size() {
      return members.size;
    },
    join(member) {
      members.set(member.id, member);
      if (list !== undefined) member.send("problems", list);
      else stale.add(member.id);
    },
    leave(id) {
      members.delete(id);
      stale.delete(id);
    },
    async refresh(signal) {
      const query = { ...view, offset: 0, limit: LIVE_ROWS };
      const next = await ask(signal, (inner) =>
        listProblems(knowledge, query, clock.now(), coverage(), inner),
      );
      if (signal.aborted) return;
      const before = list;
      const changed = keep(next);
      seq += 1;
      const except: string[] = [];
      for (const member of members.values()) {
        const backlog = member.backlog();
        if (backlog === "behind" || (stale.has(member.id) && backlog !== "clear")) {
          stale.add(member.id);
          except.push(member.id);
        } else if (stale.delete(member.id)) {
          member.send("problems", next);
          except.push(member.id);
        }
      }
      if (before === undefined) {
        for (const { id } of members.values()) if (!except.includes(id)) except.push(id);
      }
      if (except.length < members.size)
        broadcast("problemsFrame", frameOf(seq, before, next, changed), except);
    },
    tell(event, data) {
      broadcast(event, data as never, []);
    },
  };
}

function frameOf(
  seq: number,
  before: ProblemsAnswer | undefined,
  next: ProblemsAnswer,
  changed: readonly ProblemRow[],
): ProblemsFrame {
  const order = next.problems.map(({ id }) => id);
  const had = before?.problems.map(({ id }) => id);
  return {
    seq,
    at: next.at,
    changed,
    ...(same(order, had) ? {} : { order }),
    ...(same(next.trend, before?.trend) ? {} : { trend: next.trend }),
    ...(same(next.counts, before?.counts) ? {} : { counts: next.counts }),
    ...(next.more === before?.more ? {} : { more: next.more }),
    coverage: next.coverage,
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
