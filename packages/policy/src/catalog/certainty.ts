import type { ObjectKind } from "./objects.js";

/** One list of all objects of a kind. `since` is −∞ when nothing was missed before it. */
export interface ListMark {
  readonly kind: ObjectKind;
  readonly at: number;
  readonly since: number;
}

/**
 * When the catalog knew what there was. Before the first list of a kind, and while
 * nothing was watched, it guesses.
 */
export interface Certainty {
  add(mark: ListMark): void;
  /** Whether it is the first list of the kind, as far as is known. */
  isFirst(kind: ObjectKind, at: number): boolean;
  isCertain(time: number): boolean;
  /** When every kind had been listed for the first time; −∞ when none was. */
  knownSince(): number;
  all(): readonly ListMark[];
  forget(time: number): void;
}

export function createCertainty(): Certainty {
  let marks: ListMark[] = [];
  let forgotten = Number.NEGATIVE_INFINITY;
  const firstOf = (kind: ObjectKind): number =>
    Math.min(
      Number.POSITIVE_INFINITY,
      ...marks.filter((mark) => mark.kind === kind).map(({ at }) => at),
    );
  return {
    add: (mark) => {
      marks.push(mark);
    },
    isFirst: (kind, at) => at <= firstOf(kind),
    isCertain: (time) => {
      if (time < forgotten) return false;
      return marks.every(
        ({ kind, at, since }) =>
          time >= firstOf(kind) && !(since > Number.NEGATIVE_INFINITY && since < time && time < at),
      );
    },
    knownSince: () => Math.max(Number.NEGATIVE_INFINITY, ...marks.map(({ kind }) => firstOf(kind))),
    all: () => marks,
    forget: (time) => {
      forgotten = Math.max(forgotten, time);
      marks = marks.filter(({ kind, at }) => at >= time || at === firstOf(kind));
    },
  };
}
