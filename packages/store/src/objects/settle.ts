import type { ObjectVersionRow, ObjectWatch } from "./version.js";

/**
 * Histories that were imported say what objects were while nobody watched the cluster:
 *
 *     guess of a live source │ what a folder says │ a git history │ a live source, watching
 *     ── weakest ───────────────────────────────────────────────────────────── strongest ──▶
 *
 * Rows stay in the store as each source told them; which of them counts when is decided here, as
 * they are read. So an import changes nothing of what was watched, and needs no word from it.
 */

/** Sources of imported histories, by how their names begin. */
export const GIT_SOURCE = "git:";
export const FOLDER_SOURCE = "files:";

export function isImported(source: string): boolean {
  return source.startsWith(GIT_SOURCE) || source.startsWith(FOLDER_SOURCE);
}

/** From a moment to before another, ms since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A source that was away for less has not stopped to watch, ms. */
const AWAY_MS = 3_600_000;
const ALL_TIME: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/**
 * The parts of versions that count. Equal neighbours become one again; imported versions lose the
 * uid that only keeps them apart in the store.
 * @param rows in any order; @param watches of all time; @param now ms since 1970
 * @returns sorted by kind, namespace, name and time
 */
export function settle<Row extends ObjectVersionRow>(
  rows: readonly Row[],
  watches: readonly ObjectWatch[],
  now: number,
): Row[] {
  const stronger = strongerThan(watches, now);
  const parts: Row[] = [];
  for (const row of rows) {
    const uid = isImported(row.source) ? "" : row.uid;
    for (const { from, to } of without(row, stronger(row))) parts.push({ ...row, from, to, uid });
  }
  return joined(parts.sort(inOrder));
}

/** Without those of imports that a newer import of the same history made void. */
export function currentWatches(watches: readonly ObjectWatch[]): ObjectWatch[] {
  const newest = new Map<string, number>();
  for (const { source, until } of watches)
    newest.set(source, Math.max(until, newest.get(source) ?? until));
  return watches.filter(({ source, until }) => !isImported(source) || until === newest.get(source));
}

/** The last moment up to `at` at which another source took over from one; 0 when there is none. */
export function turnBefore(at: number, watches: readonly ObjectWatch[], now: number): number {
  const kinds = new Set(watches.map(({ kind }) => kind));
  const turns = [...kinds].flatMap((kind) =>
    watchedSpans(kind, watches, now).flatMap(({ from, to }) => [from, to]),
  );
  for (const { source, listedAt } of watches) if (isImported(source)) turns.push(listedAt);
  return Math.max(0, ...turns.filter((turn) => turn <= at));
}

/** When a live source watched a kind, in order and apart. */
export function watchedSpans(
  kind: string,
  watches: readonly ObjectWatch[],
  now: number,
): readonly Span[] {
  const spans: Span[] = [];
  const live = watches.filter((watch) => watch.kind === kind && !isImported(watch.source));
  for (const { listedAt: from, until } of [...live].sort((a, b) => a.listedAt - b.listedAt)) {
    const to = until + AWAY_MS >= now ? Number.POSITIVE_INFINITY : until + AWAY_MS;
    const last = spans.at(-1);
    if (last === undefined || last.to < from) spans.push({ from, to });
    else spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, to) };
  }
  return spans;
}

/** When something stronger than a row's own source speaks about its kind. */
function strongerThan(
  watches: readonly ObjectWatch[],
  now: number,
): (row: Pick<ObjectVersionRow, "kind" | "source">) => readonly Span[] {
  const current = currentWatches(watches);
  const made = new Map<string, readonly Span[]>();
  const make = (kind: string, source: string): readonly Span[] => {
    const watched = watchedSpans(kind, current, now);
    if (source.startsWith(GIT_SOURCE)) return watched;
    const imported = current.filter((one) => one.kind === kind && isImported(one.source));
    if (source.startsWith(FOLDER_SOURCE)) {
      const git = imported.filter((one) => one.source.startsWith(GIT_SOURCE));
      const from = Math.min(...git.map(({ listedAt }) => listedAt));
      return git.length === 0 ? watched : [...watched, { from, to: ALL_TIME.to }];
    }
    return imported.length === 0 ? [] : without(ALL_TIME, watched);
  };
  return ({ kind, source }) => {
    const key = `${kind} ${source}`;
    const known = made.get(key) ?? make(kind, source);
    made.set(key, known);
    return known;
  };
}

function without(span: Span, holes: readonly Span[]): Span[] {
  let left: Span[] = [{ from: span.from, to: span.to }];
  for (const hole of holes)
    left = left
      .flatMap(({ from, to }) => [
        { from, to: Math.min(to, hole.from) },
        { from: Math.max(from, hole.to), to },
      ])
      .filter(({ from, to }) => from < to);
  return left;
}

/** One source takes over from another, and nothing changed. */
function joined<Row extends ObjectVersionRow>(rows: readonly Row[]): Row[] {
  const result: Row[] = [];
  for (const row of rows) {
    const last = result.at(-1);
    const isSame =
      last !== undefined &&
      last.kind === row.kind &&
      last.namespace === row.namespace &&
      last.name === row.name &&
      last.content === row.content;
    if (isSame && row.from <= last.to && isImported(last.source) !== isImported(row.source))
      result[result.length - 1] = { ...row, from: last.from, to: Math.max(last.to, row.to) };
    else result.push(row);
  }
  return result;
}

function inOrder(a: ObjectVersionRow, b: ObjectVersionRow): number {
  return (
    compare(a.kind, b.kind) ||
    compare(a.namespace, b.namespace) ||
    compare(a.name, b.name) ||
    a.from - b.from ||
    compare(a.uid, b.uid)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
