import type { CatalogObject, ObjectVersion } from "./objects.js";

/** What was heard of one object name. Without an object: it is gone. */
export interface TimelineEvent {
  readonly at: number;
  readonly uid: string;
  readonly object: CatalogObject | undefined;
}

/**
 * Versions of whatever bore one name, from events in any order of arrival. Events
 * of one moment count in the order of arrival.
 */
export interface Timeline {
  add(event: TimelineEvent): void;
  /** Ascending, without overlap. */
  versions(): readonly ObjectVersion[];
  at(time: number): ObjectVersion | undefined;
  /** Forgets versions that ended before `time`; says whether anything is left. */
  forget(time: number): boolean;
}

export function createTimeline(): Timeline {
  let events: TimelineEvent[] = [];
  let versions: readonly ObjectVersion[] = [];
  return {
    add: (event) => {
      const last = events.at(-1);
      // Watches repeat themselves for days; of one uid nothing is lost with the repetition.
      if (
        last !== undefined &&
        last.at <= event.at &&
        event.object !== undefined &&
        event.uid !== "" &&
        event.uid === last.uid &&
        sameObject(event.object, last.object)
      )
        return;
      let place = events.length;
      while (place > 0 && (events[place - 1] as TimelineEvent).at > event.at) place--;
      events.splice(place, 0, event);
      versions = replay(events, versions);
    },
    versions: () => versions,
    at: (time) => {
      const found = versions.findLast(({ from }) => from <= time);
      return found !== undefined && time < found.to ? found : undefined;
    },
    forget: (time) => {
      const open = versions.find(({ from, to }) => from < time && time < to);
      const later = events.filter(({ at }) => at >= time);
      events =
        open === undefined
          ? later
          : [{ at: open.from, uid: open.uid, object: open.object }, ...later];
      versions = replay(events, versions);
      return events.length > 0;
    },
  };
}

/** Unchanged versions stay the same objects. */
function replay(
  events: readonly TimelineEvent[],
  before: readonly ObjectVersion[],
): ObjectVersion[] {
  const result: ObjectVersion[] = [];
  let open: { from: number; uid: string; object: CatalogObject } | undefined;
  const close = (to: number): void => {
    if (open !== undefined && open.from < to) {
      const { from, uid, object } = open;
      const same = before.find((version) => version.from === from && version.to === to);
      result.push(same?.object === object && same.uid === uid ? same : { from, to, uid, object });
    }
    open = undefined;
  };
  for (const { at, uid, object } of events) {
    if (object === undefined) {
      if (open !== undefined && (uid === "" || open.uid === "" || uid === open.uid)) close(at);
      continue;
    }
    const same = open !== undefined && (uid === "" || uid === open.uid);
    // A repeated word about an unchanged object changes nothing.
    if (same && sameObject(object, open?.object)) continue;
    const known: string = same ? (open?.uid ?? "") : uid;
    close(at);
    open = { from: at, uid: known, object };
  }
  close(Number.POSITIVE_INFINITY);
  return result;
}

function sameObject(a: CatalogObject, b: CatalogObject | undefined): boolean {
  return a === b || JSON.stringify(a.value) === JSON.stringify(b?.value);
}
