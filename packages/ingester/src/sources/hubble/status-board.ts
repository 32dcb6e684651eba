import type { DropscopeError } from "@dropscope/model";
import type { Feed } from "../../feed.js";
import type { IngesterStatus } from "../../status.js";
import type { HubbleTarget } from "./config.js";
import type { FactsPoller } from "./server-facts.js";
import type { Stream } from "./stream.js";
import type { Tracker } from "./tracker.js";

/** Puts together what is known into one state with one sentence. */
export interface StatusBoard {
  opened(stream: Stream): void;
  failed(error: DropscopeError): void;
  ended(error: DropscopeError): void;
  /** Once a second: the rate. */
  tick(nowMs: number): void;
  status(): IngesterStatus;
}

const RATE_MS = 5_000;

export function createStatusBoard(parts: {
  target: HubbleTarget;
  feed: Feed;
  tracker: Tracker;
  poller: FactsPoller;
}): StatusBoard {
  const { target, feed, tracker, poller } = parts;
  let stream: Stream | undefined;
  let error: DropscopeError | undefined;
  let ended = false;
  let connects = 0;
  let rate = 0;
  const samples: { atMs: number; read: number }[] = [];

  function verdict(): Pick<IngesterStatus, "state" | "message" | "code" | "next"> {
    const address = target.address.dial;
    if (feed.sealState === "failed")
      return say(
        "down",
        "SPOOL_IO",
        "The spool cannot be written.",
        "Check the disk of the data directory.",
      );
    if (ended || (error !== undefined && !answered()))
      return say("down", error!.code, error!.message, error!.next);
    if (!answered()) return say("starting", "HUBBLE_CONNECTING", `Connecting to ${address}.`);
    if (feed.sealState === "full")
      return say(
        "degraded",
        "SPOOL_FULL",
        "The spool is full; reading has stopped.",
        "Check the store: the spool empties when it takes rows again.",
      );
    if (feed.sealState === "failing")
      return say(
        "degraded",
        "SPOOL_IO",
        "The spool cannot be written; it is tried again.",
        "Check the disk of the data directory.",
      );
    const away = tracker.outages.list();
    if (away.length > 0) {
      const names = away.slice(0, 3).map((outage) => outage.node);
      const more = away.length > 3 ? ` and ${away.length - 3} more` : "";
      return say(
        "degraded",
        "HUBBLE_NODES_AWAY",
        `No flows from ${names.join(", ")}${more}.`,
        "Look at the agents of these nodes (cilium status).",
      );
    }
    return { state: "ok", message: "" };
  }

  function answered(): boolean {
    return (
      stream?.answered === true ||
      (stream !== undefined && poller.facts.version !== "" && error === undefined)
    );
  }

  return {
    opened(opened) {
      stream = opened;
      connects++;
    },
    failed(failure) {
      error = failure;
      stream = undefined;
    },
    ended(failure) {
      error = failure;
      ended = true;
    },
    tick(nowMs) {
      if (answered()) error = undefined;
      samples.push({ atMs: nowMs, read: feed.books().read });
      while (samples.length > 2 && nowMs - samples[0]!.atMs > RATE_MS) samples.shift();
      const first = samples[0]!;
      const last = samples.at(-1)!;
      rate =
        last.atMs > first.atMs ? ((last.read - first.read) * 1000) / (last.atMs - first.atMs) : 0;
    },
    status() {
      const away = tracker.outages.list().map((outage) => outage.node);
      const told = poller.facts.nodes;
      const unavailable = [...new Set([...away, ...(told?.unavailable ?? [])])].sort();
      const total = Math.max(told?.total ?? 0, tracker.outages.connected + away.length);
      const version = stream?.version ?? poller.facts.version;
      return {
        ...verdict(),
        address: target.address.dial,
        ended,
        nodes: { connected: Math.max(0, total - unavailable.length), total, unavailable },
        flowsPerSecond: rate,
        ...(poller.facts.ringSeconds !== undefined && { ringSeconds: poller.facts.ringSeconds }),
        ...(version !== "" && { version }),
        paused: stream?.paused ?? false,
        connects,
      };
    },
  };
}

function say(
  state: IngesterStatus["state"],
  code: string,
  message: string,
  next?: string,
): Pick<IngesterStatus, "state" | "message" | "code" | "next"> {
  return { state, code, message, ...(next !== undefined && { next }) };
}
