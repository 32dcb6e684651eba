import { parseTimeNs, type Gap } from "@dropscope/model";

/** A message about something that is missing, and where it stands among the flows. */
export interface Notice {
  readonly timeNs: bigint;
  /** observer.GetFlowsResponse in the shape of its JSON. */
  readonly message: object;
}

/**
 * Gaps that Hubble did not report as lost events, as messages that its tools show: nodes whose
 * flows are missing as `node_status`, rings that were overtaken while nobody read as `lost_events`
 * without a count.
 */
export function noticesOf(gaps: readonly Gap[]): Notice[] {
  return gaps
    .flatMap((gap) => {
      const message = messageOf(gap);
      const time = gap.from ?? gap.time;
      const timeNs = parseTimeNs(time) ?? 0n;
      return message === undefined ? [] : [{ timeNs, message: { ...message, time } }];
    })
    .sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
}

function messageOf(gap: Gap): object | undefined {
  const cause: string = gap.cause;
  switch (cause) {
    case "node-unavailable":
      return status("NODE_UNAVAILABLE", gap, "no connection to the node");
    case "node-error":
      return status("NODE_ERROR", gap, "the stream of the node failed");
    case "node-silent":
      return status("NODE_ERROR", gap, "the node sent no flows while others did");
    case "spool-full":
      return status(
        "NODE_ERROR",
        gap,
        "dropscope's spool was full: flows of this time are missing",
      );
    case "removed":
      return status("NODE_ERROR", gap, "flows were removed to keep the bound of the disk");
    case "ring-wrapped":
      return {
        lost_events: {
          source: "HUBBLE_RING_BUFFER",
          ...(gap.count === 0 ? {} : { num_events_lost: String(gap.count) }),
          ...(gap.from === undefined ? {} : { first: gap.from }),
          ...(gap.to === undefined ? {} : { last: gap.to }),
        },
        ...(gap.node === "" ? {} : { node_name: gap.node }),
      };
    default:
      // Lost events are stored as the messages that they were.
      return undefined;
  }
}

function status(state: string, gap: Gap, what: string): object {
  const until = gap.to === undefined ? "" : ` (until ${gap.to})`;
  const message = `${gap.message === undefined || gap.message === "" ? what : gap.message}${until}`;
  return {
    node_status: {
      state_change: state,
      ...(gap.node === "" ? {} : { node_names: [gap.node] }),
      message,
    },
  };
}

/** What a follower hears of a node whose flows come again. */
export function backAgain(gap: Gap): Notice {
  const time = gap.to ?? gap.time;
  return {
    timeNs: parseTimeNs(time) ?? 0n,
    message: {
      node_status: {
        state_change: "NODE_CONNECTED",
        ...(gap.node === "" ? {} : { node_names: [gap.node] }),
      },
      time,
    },
  };
}
