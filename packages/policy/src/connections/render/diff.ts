import type { ConnectionChange } from "../diff.js";
import { connectionText } from "../set-text.js";
import { csvLine, type Row, table } from "./table.js";

export type DiffFormat = "txt" | "csv" | "md";

const HEADER: Row = ["diff-type", "source", "destination", "ref1", "ref2", "workloads-diff-info"];

/** The changes in one of the formats of netpol-analyzer; nothing at all when nothing changed. */
export function renderDiff(changes: readonly ConnectionChange[], format: DiffFormat): string {
  if (changes.length === 0) return "";
  switch (format) {
    case "txt":
      return ["Connectivity diff:", ...changes.map(line), ""].join("\n");
    case "csv":
      return [HEADER, ...changes.map(rowOf)].map(csvLine).join("");
    case "md":
      return table(HEADER, changes.map(rowOf));
  }
}

function line(change: ConnectionChange): string {
  const { type, from, to, before, after } = change;
  const info = workloadsText(change);
  return [
    `diff-type: ${type}`,
    `source: ${from.text}`,
    `destination: ${to.text}`,
    `ref1: ${connectionText(before)}`,
    `ref2: ${connectionText(after)}`,
    ...(info === "" ? [] : [`workloads-diff-info: ${info}`]),
  ].join(", ");
}

function rowOf(change: ConnectionChange): Row {
  const { type, from, to, before, after } = change;
  return [
    type,
    from.text,
    to.text,
    connectionText(before),
    connectionText(after),
    workloadsText(change),
  ];
}

/** `workload ns/a[Pod] added`, `workload ns/a[Pod] and ns/b[Pod] added` */
function workloadsText({ workloads }: ConnectionChange): string {
  const [first] = workloads;
  if (first === undefined) return "";
  return `workload ${workloads.map(({ text }) => text).join(" and ")} ${first.change}`;
}
