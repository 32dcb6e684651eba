import type { Decision } from "../decision.js";
import type { Endpoint } from "../endpoint.js";
import { parseAddress } from "../match/cidr.js";
import type { Protocol } from "../policy.js";
import { addressKey } from "./addresses.js";
import type { DnsNames } from "./dns-names.js";
import type { ObjectVersion } from "./objects.js";
import type { ObjectChange, VersionStore } from "./store.js";
import type { CatalogView } from "./view.js";

/** Both in ms. */
export interface Window {
  /** How long enforcement may lag behind the API. Default 10,000. */
  readonly before: number;
  /** How far clocks may differ. Default 2,000. */
  readonly after: number;
}

/** Ends by reference are looked up anew in every epoch; ends as a flow names them are taken as they are. */
export interface Question {
  readonly from: Endpoint | string;
  readonly to: Endpoint | string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** A time in which the answer stays the same. */
export interface Epoch {
  readonly from: number;
  readonly to: number;
  /** Whether the moment that was asked about lies in it. */
  readonly isAsked: boolean;
  /** Undefined when one of the ends was not there. */
  readonly decision: Decision | undefined;
  /** What changed at its beginning; empty for the first. */
  readonly changes: readonly ObjectChange[];
}

/** The epochs from `time − before` to `time + after`, in order; never empty. */
export function around(
  question: Question,
  time: number,
  { before = 10_000, after = 2_000 }: Partial<Window> = {},
  parts: {
    readonly store: VersionStore;
    readonly names: DnsNames;
    at(time: number): CatalogView;
  },
): Epoch[] {
  const [start, end] = [time - before, time + after];
  const refs = [question.from, question.to].filter((ref) => typeof ref === "string");
  const changes = parts.store.changes(start, end).filter((change) => concerns(change, refs));
  const times = new Set([start, ...changes.map(({ at }) => at)]);
  for (const ref of refs) for (const at of parts.names.moments(ref, start, end)) times.add(at);
  const epochs: Epoch[] = [];
  for (const from of [...times].sort((a, b) => a - b)) {
    const { protocol, port } = question;
    const decision = parts.at(from).decide(question.from, question.to, protocol, port);
    // Equal answers are one object.
    if (epochs.length > 0 && epochs.at(-1)?.decision === decision) continue;
    epochs.push({
      from,
      to: end,
      isAsked: false,
      decision,
      changes: changes.filter(({ at }) => at === from),
    });
  }
  return epochs.map((epoch, i) => {
    const to = epochs[i + 1]?.from ?? end;
    const isLast = i === epochs.length - 1;
    const isAsked = epoch.from <= time && (time < to || isLast);
    return withEnd(epoch, to, isAsked);
  });
}

function withEnd(epoch: Epoch, to: number, isAsked: boolean): Epoch {
  return { ...epoch, to, isAsked };
}

/** Pods come and go all the time: only those that are asked about count. */
function concerns({ id, before, after }: ObjectChange, refs: readonly string[]): boolean {
  if (id.kind !== "Pod") return true;
  return refs.some(
    (ref) =>
      ref === `${id.namespace}/${id.name}` ||
      (parseAddress(ref) !== undefined && [before, after].some((version) => has(version, ref))),
  );
}

function has(version: ObjectVersion | undefined, address: string): boolean {
  return (
    version?.object.kind === "Pod" &&
    version.object.value.addresses.some((one) => addressKey(one) === addressKey(address))
  );
}
