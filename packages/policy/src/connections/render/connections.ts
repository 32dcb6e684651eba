import type { End } from "../ends.js";
import type { Focus } from "../focus.js";
import type { ListedConnection } from "../list.js";
import { connectionText } from "../set-text.js";
import { csvLine, type Row, table } from "./table.js";

export type ListFormat = "txt" | "json" | "csv" | "md" | "dot";

/** The connection list in one of the formats of netpol-analyzer, with a line end at the end. */
export function renderConnections(
  connections: readonly ListedConnection[],
  format: ListFormat,
  { focus, workloads = [] }: { focus?: Focus; workloads?: readonly End[] } = {},
): string {
  switch (format) {
    case "txt":
      return connectionLines(connections, focus);
    case "json":
      return `${JSON.stringify(connections.map(asRecord), null, 2)}\n`;
    case "csv":
      return [["src", "dst", "conn"], ...connections.map(asRow)].map(csvLine).join("");
    case "md":
      return table(["src", "dst", "conn"], connections.map(asRow));
    case "dot":
      return graph(connections, workloads);
  }
}

/** One connection is asked for: the list says once which, and then only who. */
export function connectionLines(connections: readonly ListedConnection[], focus?: Focus): string {
  const asked = focus?.connection;
  const lines = connections.map(({ from, to, set }) =>
    asked === undefined
      ? `${from.text} => ${to.text} : ${connectionText(set)}`
      : `${from.text} => ${to.text}`,
  );
  if (asked !== undefined)
    lines.unshift(`Permitted connections on ${asked.protocol} ${asked.port}:`);
  return lines.map((line) => `${line}\n`).join("");
}

export function asRecord({ from, to, set }: ListedConnection): Record<string, string> {
  return { src: from.text, dst: to.text, conn: connectionText(set) };
}

export function asRow({ from, to, set }: ListedConnection): Row {
  return [from.text, to.text, connectionText(set)];
}

/** Workloads in a box for each namespace; connections as labelled arrows. */
function graph(connections: readonly ListedConnection[], workloads: readonly End[]): string {
  const ends = new Map<string, End>();
  for (const end of [...workloads, ...connections.flatMap(({ from, to }) => [from, to])])
    ends.set(end.text, end);
  const inside = [...ends.values()].filter((end) => end.of === "workload");
  const lines = ["digraph {"];
  for (const namespace of [...new Set(inside.map((end) => end.workload.namespace))].sort()) {
    lines.push(`\tsubgraph ${quoted(`cluster_${namespace}`)} {`);
    for (const end of inside)
      if (end.workload.namespace === namespace)
        lines.push(
          `\t\t${quoted(end.text)} [label=${quoted(end.text.slice(namespace.length + 1))}]`,
        );
    lines.push(`\t\tlabel=${quoted(namespace)}`, "\t}");
  }
  for (const end of ends.values())
    if (end.of !== "workload") lines.push(`\t${quoted(end.text)} [label=${quoted(end.text)}]`);
  for (const { from, to, set } of connections)
    lines.push(
      `\t${quoted(from.text)} -> ${quoted(to.text)} [label=${quoted(connectionText(set))}]`,
    );
  return `${[...lines, "}"].join("\n")}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
