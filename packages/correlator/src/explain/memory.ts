import type { ObjectChange, Profile, Revisions } from "@dropscope/policy";
import { type Case, isDirected } from "./case.js";
import type { History } from "./catalog.js";
import { type ChangeLog, LOOK_BACK_MS, podsOf, touches } from "./changes.js";
import type { FlowEnd } from "./ends.js";
import { IN_FLIGHT, type Surrounding } from "./in-flight.js";
import { type Moment, momentAt } from "./moment.js";

/** What is kept between two flows; nothing that could change an answer. */
export interface Memory<Answer> extends Surrounding {
  readonly log: ChangeLog;
  /** What `make` gives, or gave for an equal case. */
  answer(one: Case, make: () => Answer): Answer;
}

/** Epochs, windows and connections that are remembered; each is small beside the catalog itself. */
const MAX_MOMENTS = 64;
const MAX_WINDOWS = 32;
const MAX_ANSWERS = 8192;
const MAX_ENDS = 8192;
const WINDOW_MS = 1000;
/** What changed within this time before may be part of the story itself, ms. */
const RECENT_MS = 60_000;

export function createMemory<Answer>(
  history: History,
  profile: Profile,
  revisions: (() => Revisions) | undefined,
): Memory<Answer> {
  const moments = new Map<string, Moment>();
  const windows = new Map<number, Window>();
  const answers = new Map<string, { readonly answer: Answer }>();
  const numbers = createNumbers();
  let seen: Revisions | undefined;

  /** Forgets what a newer word about the cluster may have changed. */
  function refresh(): boolean {
    if (revisions === undefined) return false;
    const now = revisions();
    if (seen === undefined || now.objects !== seen.objects) {
      moments.clear();
      answers.clear();
    }
    if (seen === undefined || now.objects !== seen.objects || now.pods !== seen.pods)
      windows.clear();
    seen = { objects: now.objects, pods: now.pods };
    return true;
  }

  /** Changes of the second of `time` and of as much around it as anybody asks for. */
  function windowAt(time: number): Window {
    const bucket = Math.floor(time / WINDOW_MS);
    let window = windows.get(bucket);
    if (window === undefined) {
      const start = bucket * WINDOW_MS;
      window = windowOf(history.changes(start - LOOK_BACK_MS, start + WINDOW_MS + IN_FLIGHT.after));
      put(windows, bucket, window, MAX_WINDOWS);
    }
    return window;
  }

  const log: ChangeLog = {
    between: (from, to, pods) => {
      const wanted = new Set(pods);
      if (!refresh())
        return history
          .changes(from, to)
          .filter(({ id }) => id.kind !== "Pod" || wanted.has(`${id.namespace}/${id.name}`));
      // The window is that of the drop itself, which lies behind its end by what clocks may differ.
      const window = windowAt(to);
      const earlier = from < Math.floor(to / WINDOW_MS) * WINDOW_MS - LOOK_BACK_MS;
      const known = earlier ? windowOf(history.changes(from, to)) : window;
      return between(known, from, to, pods);
    },
  };

  /** The same for all moments between two changes: then the policies are the same. */
  function epochOf(time: number): string {
    const last = windowAt(time).objects.findLast(({ at }) => at <= time);
    return last === undefined ? `none ${Math.floor(time / LOOK_BACK_MS)}` : `since ${last.at}`;
  }

  const keyOf = (one: Case): string | undefined => {
    const { flow, from, to, layer, direction, moment } = one;
    // A change in flight, and a doubt about the state, hold for this moment alone.
    if (!isDirected(one) || !moment.view.isCertain) return undefined;
    if (one.timed) {
      const { time } = moment;
      const near = log.between(time - RECENT_MS, time + IN_FLIGHT.after, podsOf(one));
      if (near.some((change) => isNewPod(change) || touches(change, one))) return undefined;
    }
    const { node_name, l7, drop_reason, drop_reason_desc, is_reply, reply } = flow;
    const facts = {
      epoch: one.timed ? epochOf(moment.time) : "newest",
      ends: [endNumber(from), endNumber(to)],
      layer,
      l4: layer === undefined ? flow.l4 : flow.l4?.TCP?.flags,
      direction,
      by: [flow.egress_denied_by, flow.ingress_denied_by],
      rest: [node_name, l7, drop_reason, drop_reason_desc, is_reply, reply, one.base.audited],
      type: flow.event_type?.type,
    };
    return JSON.stringify(facts);
  };

  /** Ports and addresses that only the catalog knows are told apart by the object that it gave. */
  const endKey = ({ endpoint, title, known, identity, pod }: FlowEnd): unknown => {
    const { kind, name, labels, addresses, ports, fqdns, hostNetwork, local } = endpoint;
    return [
      kind,
      name,
      title,
      labels.texts,
      kind === "address" ? addresses : 0,
      // Of an end that only the flow tells of they are made anew each time, and empty.
      ports.length === 0 ? 0 : numbers(ports),
      fqdns,
      hostNetwork,
      local,
      known,
      identity === 0,
      pod === "" ? 0 : 1,
    ];
  };

  /** Ends are texts of a kilobyte, and mostly the same objects: a number stands for each text. */
  const endNumbers = new WeakMap<FlowEnd, number>();
  const endTexts = new Map<string, number>();
  let lastEnd = 0;
  const endNumber = (end: FlowEnd): number => {
    let number = endNumbers.get(end);
    if (number !== undefined) return number;
    const text = JSON.stringify(endKey(end));
    number = endTexts.get(text);
    // A text that was forgotten gets another number than it had: answers about it are then made anew.
    if (number === undefined) put(endTexts, text, (number = ++lastEnd), MAX_ENDS);
    endNumbers.set(end, number);
    return number;
  };

  return {
    log,
    momentAt(time) {
      if (!refresh()) return momentAt(history, time, profile);
      const epoch = time < Number.MAX_SAFE_INTEGER ? epochOf(time) : "newest";
      const known = moments.get(epoch);
      if (known !== undefined) return { ...known, time, view: history.at(time) };
      const moment = momentAt(history, time, profile);
      put(moments, epoch, moment, MAX_MOMENTS);
      return moment;
    },
    answer(one, make) {
      if (!refresh()) return make();
      const key = keyOf(one);
      if (key === undefined) return make();
      const known = answers.get(key);
      if (known !== undefined) return known.answer;
      const answer = make();
      put(answers, key, { answer }, MAX_ANSWERS);
      return answer;
    },
  };
}

const isNewPod = ({ id, before }: ObjectChange): boolean =>
  id.kind === "Pod" && before === undefined;

interface Window {
  /** Of everything but pods. */
  readonly objects: readonly ObjectChange[];
  readonly byPod: ReadonlyMap<string, readonly ObjectChange[]>;
}

function windowOf(changes: readonly ObjectChange[]): Window {
  const objects: ObjectChange[] = [];
  const byPod = new Map<string, ObjectChange[]>();
  for (const change of changes) {
    const { kind, namespace, name } = change.id;
    if (kind !== "Pod") objects.push(change);
    else {
      const key = `${namespace}/${name}`;
      const others = byPod.get(key);
      if (others === undefined) byPod.set(key, [change]);
      else others.push(change);
    }
  }
  return { objects, byPod };
}

function between(
  { objects, byPod }: Window,
  from: number,
  to: number,
  pods: readonly string[],
): ObjectChange[] {
  const own = [...new Set(pods)].flatMap((pod) => byPod.get(pod) ?? []);
  const all = own.length === 0 ? objects : [...objects, ...own].sort((a, b) => a.at - b.at);
  return all.filter(({ at }) => from < at && at <= to);
}

/** The oldest goes when there are too many. */
function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  if (map.size >= most) {
    const [oldest] = map.keys();
    map.delete(oldest as Key);
  }
  map.set(key, value);
}

/** Small numbers for objects, equal for the same object only. */
function createNumbers(): (object: object) => number {
  const known = new WeakMap<object, number>();
  let last = 0;
  return (object) => {
    let number = known.get(object);
    if (number === undefined) known.set(object, (number = ++last));
    return number;
  };
}
