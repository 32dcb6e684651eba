/** The one sentence at the top: is something wrong now? */
import type { Coverage, Edge } from "@dropscope/model";
import { ago, count, near, perSecond, plural, span } from "./format.js";
import { peerText, portText } from "./peer.js";
import { reasonTitle } from "./words.js";

export interface HeadlineFacts {
  /** Drops by reason over the range, most first. */
  reasons: { key: string; total: number }[];
  edges: readonly Edge[];
  coverage?: Coverage | undefined;
  /** `in the last 15 minutes`, `between 14:00 and 15:00`. */
  when: string;
  live: boolean;
  filtered: boolean;
  now: number;
  utc: boolean;
}

export interface Headline {
  /** `wrong`: drops now. `past`: drops, but none lately. `calm`: none. `blind`: the view cannot know. */
  mood: "wrong" | "past" | "calm" | "blind";
  /** Both are whole; the page puts them together as `lead`, then `rest`. */
  lead: string;
  rest: string;
}

const LATELY_MS = 60_000;
const LIVE_MS = 15 * 60_000;

export function headline(facts: HeadlineFacts): Headline {
  const total = facts.reasons.reduce((sum, { total }) => sum + total, 0);
  const matching = facts.filtered ? "matching " : "";
  if (total === 0) return quiet(facts, matching);
  const lead = `${count(total)} ${matching}${total === 1 ? "drop" : "drops"} ${facts.when},`;
  const top = facts.reasons[0];
  const mostly = top ? `${top.total === total ? "all" : "mostly"} ${reasonTitle(top.key)}` : "";
  const newest = newestEdge(facts.edges);
  const when = newest
    ? facts.live
      ? ago(newest.lastSeen, facts.now)
      : `at ${near(newest.lastSeen, facts.now, facts.utc)}`
    : "";
  const rest = newest ? `${mostly}; newest ${when}: ${edgeText(newest)}` : mostly;
  const recent = !newest || facts.now - newest.lastSeen < LATELY_MS;
  return { mood: !facts.live || recent ? "wrong" : "past", lead, rest };
}

/** `web/frontend → payments/payments-api :8443` */
export function edgeText(edge: Edge): string {
  const port = portText(edge.port, "");
  return `${peerText(edge.source)} → ${peerText(edge.destination)}${port === "" ? "" : ` ${port}`}`;
}

function newestEdge(edges: readonly Edge[]): Edge | undefined {
  let newest: Edge | undefined;
  for (const edge of edges) if (!newest || edge.lastSeen > newest.lastSeen) newest = edge;
  return newest;
}

function quiet(facts: HeadlineFacts, matching: string): Headline {
  const coverage = facts.coverage;
  if (facts.live && coverage && coverage.lagMs < 0) {
    const { kind, address, message } = coverage.source;
    const waiting =
      kind === "none" ? "No source is set." : `Waiting for the first from ${address}.`;
    return { mood: "blind", lead: "No flow has arrived yet.", rest: message || waiting };
  }
  if (
    facts.live &&
    coverage &&
    (coverage.source.state === "down" || coverage.store.state === "down")
  ) {
    return {
      mood: "blind",
      lead: `No ${matching}drops seen ${facts.when}, but this view is not complete.`,
      rest: coverage.source.state === "down" ? coverage.source.message : coverage.store.message,
    };
  }
  if (facts.live && coverage && coverage.lagMs > LIVE_MS) {
    // Silence of the source is not the calm of a cluster.
    return {
      mood: "blind",
      lead: `No flows ${facts.when}.`,
      rest: `The newest is ${span(coverage.lagMs)} old.`,
    };
  }
  const trusted = facts.live ? trust(coverage) : "";
  return {
    mood: "calm",
    lead: `No ${matching}drops ${facts.when}.`,
    rest: trusted === "" ? "" : `${trusted}.`,
  };
}

/** `1,204 flows/s from 3 of 3 nodes` */
export function trust(coverage: Coverage | undefined): string {
  if (!coverage) return "";
  const { connected, total } = coverage.nodes;
  const rate = perSecond(coverage.flowsPerSecond).replace("/s", " flows/s");
  return total > 0 ? `${rate} from ${count(connected)} of ${plural(total, "node")}` : rate;
}

/** One more fact for the title bar and for screen readers, without the numbers that change each second. */
export function spoken(found: Headline, lastSpan: number): string {
  return `${found.lead.replace(/,$/, ".")} ${found.mood === "past" ? `None in the last ${span(lastSpan)}.` : ""}`.trim();
}
