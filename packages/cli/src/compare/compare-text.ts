import {
  type CompareAnswer,
  type CompareSide,
  EDGE_CHANGES,
  type EdgeChange,
  type EdgeChangeKind,
  type EdgeSide,
  type Peer,
} from "@dropscope/model";
import { countText } from "../import/units.js";
import { alignColumns } from "../observe/columns.js";
import { shown } from "../observe/paint.js";

const KINDS: Record<EdgeChangeKind, string> = {
  verdict: "verdict changed",
  drops: "drop rate changed",
  new: "new",
  vanished: "vanished",
};

export type Compared = Omit<CompareAnswer, "coverage" | "timeline">;

/** Both ranges for a person: how they compare, what changed in between, and the connections that differ. */
export function compareText(found: Compared): string {
  const { before, after, changes, counts } = found;
  const rates = [
    ...found.reasons.map((one) => ["drops", one] as const),
    ...found.verdicts.map((one) => ["flows", one] as const),
  ];
  const parts = [
    alignColumns([sideCells("before", before), sideCells("after", after)]),
    rates.length === 0
      ? ""
      : alignColumns([
          ["", "before", "after"],
          ...rates.map(([what, { key, before: was, after: is }]) => [
            `${what} ${key}`,
            rateText(was, before),
            rateText(is, after),
          ]),
        ]),
    changes.length === 0
      ? "no policy and no label changed\n"
      : alignColumns(
          changes.map(({ time, what, kind, namespace, name, action, labels }) => [
            time,
            `${what === "workload" ? "labels of workload" : kind} ${nameText(namespace, name)} ${action}`,
            labels.join(" "),
          ]),
        ),
    found.edges.length === 0 ? "" : alignColumns(found.edges.map((edge) => edgeCells(edge, found))),
    `${[
      ...EDGE_CHANGES.filter((kind) => counts[kind] > 0).map(
        (kind) => `${countText(counts[kind])} ${KINDS[kind]}`,
      ),
      `${countText(counts.same)} as before`,
    ].join(", ")}\n`,
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => part.split("\n").map(shown).join("\n"))
    .join("\n");
}

function sideCells(name: string, side: CompareSide): string[] {
  const lost = side.gaps.reduce((sum, { count }) => sum + count, 0);
  const missing = [
    side.storedSince === null ? "" : `stored only since ${timeText(side.storedSince)}`,
    side.gaps.length === 0
      ? ""
      : `${countText(side.gaps.length)} ${side.gaps.length === 1 ? "gap" : "gaps"}${lost > 0 ? `, ${countText(lost)} events lost` : ""}`,
  ].filter((text) => text !== "");
  return [
    name,
    `${timeText(side.from)} to ${timeText(side.to)}`,
    `${rateText(side.flows, side)} flows`,
    `${rateText(side.dropped, side)} drops`,
    missing.length === 0 ? "nothing is known to be missing" : missing.join("; "),
  ];
}

function edgeCells(
  { change, client, server, protocol, port, before, after }: EdgeChange,
  found: Compared,
): string[] {
  const where = [port > 0 ? String(port) : "", protocol].filter((text) => text !== "").join("/");
  return [
    KINDS[change],
    `${peerText(client)} → ${peerText(server)}`,
    where,
    stateText(before, found.before),
    "→",
    stateText(after, found.after),
  ];
}

function stateText(side: EdgeSide, span: CompareSide): string {
  if (side.state === "none") return "none";
  const flows = side.dropped > 0 ? side.dropped : side.forwarded + side.audited;
  const reason = side.reason === "" ? "" : ` ${side.reason}`;
  return `${side.state === "mixed" ? "partly dropped" : side.state}${reason} ${rateText(flows, span)}`;
}

function rateText(count: number, { from, to }: CompareSide): string {
  const rate = count / (Math.max(1, to - from) / 1000);
  if (rate === 0) return "0/s";
  return rate < 0.05
    ? "<0.1/s"
    : `${rate < 9.95 ? rate.toFixed(1) : countText(Math.round(rate))}/s`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function peerText({ kind, namespace, name }: Peer): string {
  return kind === "unknown" && name === "" ? "unknown" : nameText(namespace, name);
}

const nameText = (namespace: string, name: string): string =>
  namespace === "" ? name : `${namespace}/${name}`;
