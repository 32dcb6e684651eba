import {
  type ChangeMark,
  cleanText,
  type DropOutcome,
  type Peer,
  type PolicyName,
  type Problem,
} from "@dropscope/model";

/** What happened to a problem that somebody should hear of. */
export const NOTICE_EVENTS = ["opened", "returned", "resolved"] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** One message, as a generic webhook gets it: this object as JSON. Fields are added, never changed. */
export interface Notice {
  readonly version: 1;
  readonly event: NoticeEvent;
  /** Id of the problem: the same through all its messages. */
  readonly problem: string;
  /** Who cannot reach whom, on what; one line. */
  readonly title: string;
  /** Why; one sentence. */
  readonly sentence: string;
  /** What to change; one sentence, empty when nothing sensible can be said. */
  readonly fix: string;
  readonly outcome: DropOutcome;
  /** Name of the drop reason, empty when the data path gave none. */
  readonly reason: string;
  readonly direction: Problem["direction"];
  readonly source: Peer;
  readonly destination: Peer;
  readonly protocol: string;
  /** 0 when the protocol has none. */
  readonly port: number;
  readonly policies: readonly PolicyName[];
  /** A change of a policy or of labels that came before it. */
  readonly change: ChangeMark | null;
  /** Forwarded all the same: audit mode only reports. */
  readonly audited: boolean;
  /** Packets dropped within the last day. */
  readonly count: number;
  /** Drops a minute. */
  readonly rate: number;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly podCount: number;
  /** Where to look further; empty when nobody said where the dashboard is. */
  readonly link: string;
  /** Messages that were left out since the one before, because there were too many. */
  readonly leftOut: number;
}

/** Some receivers refuse long messages. */
const MAX_TEXT = 1000;
const MAX_POLICIES = 20;

export function noticeOf(
  problem: Problem,
  event: NoticeEvent,
  { link, leftOut }: Pick<Notice, "link" | "leftOut">,
): Notice {
  const { explanation, policies } = problem;
  return {
    version: 1,
    event,
    problem: problem.id,
    title: titleOf(problem),
    sentence: cleanText(explanation.sentence, MAX_TEXT),
    fix: cleanText(explanation.next, MAX_TEXT),
    outcome: problem.outcome,
    reason: problem.reason,
    direction: problem.direction,
    source: problem.source,
    destination: problem.destination,
    protocol: problem.protocol,
    port: problem.port,
    policies: policies.slice(0, MAX_POLICIES),
    change: problem.change,
    audited: explanation.audited,
    count: problem.count,
    rate: problem.rate,
    firstSeen: problem.firstSeen,
    lastSeen: problem.lastSeen,
    podCount: problem.podCount,
    link,
    leftOut,
  };
}

/** `web/checkout → payments/fraud on TCP 8080`. */
function titleOf({ source, destination, protocol, port }: Problem): string {
  const on = protocol === "" ? "" : ` on ${protocol}${port === 0 ? "" : ` ${port}`}`;
  return cleanText(`${peerText(source)} → ${peerText(destination)}${on}`, MAX_TEXT);
}

function peerText({ namespace, name }: Peer): string {
  if (name === "") return namespace === "" ? "many" : `many of ${namespace}`;
  return namespace === "" ? name : `${namespace}/${name}`;
}
