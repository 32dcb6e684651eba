import type { ExposedTo, Exposure } from "../exposure/exposure.js";
import type { Focus } from "../focus.js";
import { connectionText } from "../set-text.js";
import { asRecord, asRow, connectionLines, renderConnections } from "./connections.js";
import { csvLine, type Row, table } from "./table.js";

export type ExposureFormat = "txt" | "json" | "csv" | "md";

const RESULT = "Exposure Analysis Result:";
const EGRESS = "Egress Exposure:";
const INGRESS = "Ingress Exposure:";

/** The connection list, and below it who is exposed to whom, in one of the formats of netpol-analyzer. */
export function renderExposure(found: Exposure, format: ExposureFormat, focus?: Focus): string {
  const { connections } = found.list;
  switch (format) {
    case "txt":
      return text(found, connectionLines(connections, focus), focus);
    case "json":
      return `${JSON.stringify(
        {
          connlist_results: connections.map(asRecord),
          exposure_results: {
            egress_exposure: found.egress.map(({ workload, peer, set }) => ({
              src: workload.text,
              dst: peer,
              conn: connectionText(set),
            })),
            ingress_exposure: found.ingress.map(({ workload, peer, set }) => ({
              src: peer,
              dst: workload.text,
              conn: connectionText(set),
            })),
          },
        },
        null,
        2,
      )}\n`;
    case "csv":
      return [
        renderConnections(connections, "csv"),
        csvLine([RESULT, "", ""]),
        ...csvSection(EGRESS, ["src", "dst", "conn"], found.egress),
        ...csvSection(INGRESS, ["dst", "src", "conn"], found.ingress),
      ].join("");
    case "md":
      return [
        table(["src", "dst", "conn"], connections.map(asRow)),
        `## ${RESULT}\n`,
        mdSection(EGRESS, ["src", "dst", "conn"], found.egress),
        mdSection(INGRESS, ["dst", "src", "conn"], found.ingress),
      ].join("");
  }
}

function text(found: Exposure, list: string, focus: Focus | undefined): string {
  const width = Math.max(
    0,
    ...[...found.egress, ...found.ingress].map(({ workload }) => workload.text.length),
  );
  const section = (title: string, arrow: string, items: readonly ExposedTo[]): string =>
    items.length === 0
      ? ""
      : [
          title,
          ...items.map(({ workload, peer, set }) => {
            const conn = focus?.connection === undefined ? ` : ${connectionText(set)}` : "";
            return `${workload.text.padEnd(width)} \t${arrow} \t${peer}${conn}`;
          }),
          "",
        ].join("\n");
  const open = found.unprotected
    .map(
      ({ workload, direction }) =>
        `${workload.text} is not protected on ${direction === "egress" ? "Egress" : "Ingress"}`,
    )
    .toSorted();
  const parts = [
    section(EGRESS, "=>", found.egress),
    section(INGRESS, "<=", found.ingress),
    open.length === 0
      ? ""
      : ["Workloads not protected by network policies:", ...open, ""].join("\n"),
  ].filter((part) => part !== "");
  return `${list}${list === "" ? "" : "\n"}${RESULT}\n${parts.join("\n")}`;
}

function csvSection(title: string, header: Row, items: readonly ExposedTo[]): string[] {
  if (items.length === 0) return [];
  return [csvLine([title, "", ""]), csvLine(header), ...items.map((item) => csvLine(rowOf(item)))];
}

function mdSection(title: string, header: Row, items: readonly ExposedTo[]): string {
  return items.length === 0 ? "" : `### ${title}\n${table(header, items.map(rowOf))}\n`;
}

function rowOf({ workload, peer, set }: ExposedTo): Row {
  return [workload.text, peer, connectionText(set)];
}
