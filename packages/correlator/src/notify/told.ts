import type { Problem } from "@dropscope/model";
import type { NoticeEvent } from "./notice.js";

/** What receivers have been told of each problem, so that each change is told once. */
export interface Told {
  /** What is to be told of the problem now; undefined when it is known. */
  eventOf(problem: Problem): NoticeEvent | undefined;
  /** From now on this is what they know. */
  tell(problem: string, event: NoticeEvent): void;
  /** They know it already, whatever it is: of a problem that was there before. */
  assume(problem: Problem): void;
  size(): number;
}

/** @param most problems that are remembered; the ones of which nothing came for longest are forgotten */
export function createTold(most: number): Told {
  const told = new Map<string, NoticeEvent>();
  const put = (id: string, event: NoticeEvent): void => {
    told.delete(id);
    told.set(id, event);
    for (const oldest of told.keys()) {
      if (told.size <= most) break;
      told.delete(oldest);
    }
  };
  return {
    eventOf({ id, state }) {
      const before = told.get(id);
      if (before !== undefined) put(id, before);
      // What nobody heard of need not be called off.
      if (state === "resolved")
        return before === undefined || before === "resolved" ? undefined : "resolved";
      if (before === undefined) return "opened";
      return before === "resolved" ? "returned" : undefined;
    },
    tell: put,
    assume: ({ id, state }) => put(id, state === "resolved" ? "resolved" : "opened"),
    size: () => told.size,
  };
}
