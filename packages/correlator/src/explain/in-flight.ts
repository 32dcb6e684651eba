import type { ChangeMark } from "@dropscope/model";
import {
  type DecisionExplanation,
  type Endpoint,
  NAMESPACE_LABEL_PREFIX,
  type ObjectChange,
  parseLabels,
  type SideExplanation,
} from "@dropscope/policy";
import { accountOf, atMoment, type DirectedCase } from "./case.js";
import { type ChangeLog, markOf, podsOf, touches } from "./changes.js";
import type { FlowEnd } from "./ends.js";
import type { Moment } from "./moment.js";
import { policyText } from "./text.js";

/** How long enforcement may lag behind the API, and how far clocks may differ, ms. */
export const IN_FLIGHT = { before: 10_000, after: 2_000 } as const;
/** Moments that are tried at most, the nearest first: a rollout changes hundreds of objects in seconds. */
const MAX_MOMENTS = 32;

export interface Surrounding {
  readonly log: ChangeLog;
  momentAt(time: number): Moment;
}

/** How the case looks at a neighbouring moment, and the change that lies between. */
export interface Neighbour {
  readonly one: DirectedCase;
  readonly account: DecisionExplanation;
  readonly change: ChangeMark;
}

/**
 * The nearest moment shortly before or after the drop at which the policies say what the data
 * path did. Undefined when there is none: then no change explains it.
 */
export function neighbour(
  one: DirectedCase,
  around: Surrounding,
  fits: (side: SideExplanation, account: DecisionExplanation) => boolean,
): Neighbour | undefined {
  if (!one.timed) return undefined;
  const { time } = one.moment;
  const [start, end] = [time - IN_FLIGHT.before, time + IN_FLIGHT.after];
  const changes = around.log
    .between(start, end, podsOf(one))
    .filter((change) => touches(change, one));
  for (const { at, border } of moments(changes, start, time)) {
    const then = atMoment(one, around.momentAt(at));
    for (const variant of [then, ...withLabelsOfCatalog(then, border)]) {
      const account = accountOf(variant);
      if (account === undefined || !fits(account[one.direction], account)) continue;
      return { one: variant, account, change: markOf(telling(border, variant)) };
    }
  }
  return undefined;
}

/** `NetworkPolicy web/db was changed at …`. */
export function markOfNeighbour({ change }: Neighbour): string {
  const { what, action, kind, namespace, name, time } = change;
  const changed =
    what === "namespace" ? `namespace ${name}` : policyText({ kind, namespace, name });
  return `${changed} was ${action} at ${time}`;
}

interface Neighbouring {
  readonly at: number;
  /** What changed between there and the drop, at the side of the drop's own epoch or of theirs. */
  readonly border: readonly ObjectChange[];
}

/** One moment in each neighbouring epoch, the nearest to the drop first. */
function moments(changes: readonly ObjectChange[], start: number, time: number): Neighbouring[] {
  const times = [...new Set(changes.map(({ at }) => at))].sort((a, b) => a - b);
  const at = (moment: number): ObjectChange[] => changes.filter((change) => change.at === moment);
  const earlier = times.filter((moment) => moment <= time);
  const found: Neighbouring[] = earlier.map((moment, i) => ({
    at: earlier[i - 1] ?? start,
    border: at(moment),
  }));
  for (const moment of times) if (moment > time) found.push({ at: moment, border: at(moment) });
  const distance = ({ border }: Neighbouring): number => Math.abs((border[0]?.at ?? 0) - time);
  return found.sort((a, b) => distance(a) - distance(b)).slice(0, MAX_MOMENTS);
}

/** Of several changes of one moment the one that has a say. */
function telling(border: readonly ObjectChange[], one: DirectedCase): ObjectChange {
  return border.find((change) => touches(change, one)) ?? (border[0] as ObjectChange);
}

/**
 * The flow's own labels are those of its packet; while labels are changing, the policy map may
 * know the others, which the catalog has.
 */
function withLabelsOfCatalog(one: DirectedCase, border: readonly ObjectChange[]): DirectedCase[] {
  const relabelled = (end: FlowEnd): FlowEnd => {
    const labels = otherLabels(end, one.moment, border);
    return labels === undefined ? end : { ...end, endpoint: { ...end.endpoint, labels } };
  };
  const [from, to] = [relabelled(one.from), relabelled(one.to)];
  return from === one.from && to === one.to ? [] : [{ ...one, from, to }];
}

function otherLabels(
  { endpoint, pod }: FlowEnd,
  { view }: Moment,
  border: readonly ObjectChange[],
): Endpoint["labels"] | undefined {
  if (endpoint.kind !== "pod") return undefined;
  const changed = (kind: string, name: string): boolean =>
    border.some(({ id }) => id.kind === kind && [id.namespace, id.name].join("/") === name);
  if (changed("Pod", pod)) return view.endpoint(pod)?.labels;
  if (!changed("Namespace", `/${endpoint.namespace}`)) return undefined;
  const prefix = `k8s:${NAMESPACE_LABEL_PREFIX}`;
  const own = endpoint.labels.texts.filter((text) => !text.startsWith(prefix));
  const labels = Object.entries(view.namespaceLabels(endpoint.namespace));
  return parseLabels([...own, ...labels.map(([key, value]) => `${prefix}${key}=${value}`)]);
}
