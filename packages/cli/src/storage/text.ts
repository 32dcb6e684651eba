import type { Removal, SpaceReport, TableSpace } from "@dropscope/model";
import { DAYS_OF, RETENTION_CLASSES, type Retention } from "@dropscope/store";
import { bytesText, countText } from "../import/units.js";
import { alignColumns } from "../observe/columns.js";
import type { Estimate } from "./estimate.js";
import type { FolderSpace } from "./folders.js";

/** What `dropscope storage` prints for people. */
export function storageText(
  report: SpaceReport,
  folders: FolderSpace,
  estimates: readonly Estimate[],
): string {
  const kept = [...report.tables].sort((a, b) => b.bytes - a.bytes);
  const table = alignColumns([
    ["TABLE", "CLASS", "ROWS", "ON DISK", "A ROW", "OLDEST", "NEWEST", "KEPT"],
    ...kept.map(tableCells),
  ]);
  const lines = [
    `${countText(report.flows)} flows${report.bytesPerFlow === undefined ? "" : `, ${report.bytesPerFlow.toFixed(1)} bytes each`}; all tables: ${bytesText(report.bytes)}`,
    ...report.classes.map(
      ({ class: name, days, perDay }) =>
        `${name}: kept ${countText(days)} days${perDay === undefined ? "" : `, about ${bytesText(Math.round(perDay.bytes))} a day${observed(perDay.days)}`}`,
    ),
    ...report.disks.map(({ name, free, total }) => diskLine(`disk ${name}`, free, total)),
    ...(folders.dataDisk && report.disks.length === 0
      ? [diskLine("disk of the data folder", folders.dataDisk.free, folders.dataDisk.total)]
      : []),
    `spool: ${bytesText(folders.spool.bytes)}; quarantine: ${bytesText(folders.quarantine.bytes)} in ${countText(folders.quarantine.files)} files`,
    ...removalLines(report.removals),
    ...estimates.map(estimateLine),
  ];
  return `${table}\n${lines.join("\n")}\n`;
}

function tableCells(one: TableSpace): string[] {
  return [
    one.table,
    one.class ?? "",
    countText(one.rows),
    bytesText(one.bytes),
    one.rows === 0 ? "" : `${(one.bytes / one.rows).toFixed(1)} B`,
    moment(one.oldest),
    moment(one.newest),
    one.days === undefined ? "while it is used" : `${countText(one.days)} days`,
  ];
}

function moment(ms: number | undefined): string {
  return ms === undefined ? "" : new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

const observed = (days: number): string =>
  days === 0
    ? " (from part of one day)"
    : ` (from ${days === 1 ? "one whole day" : `${days} whole days`})`;

const diskLine = (name: string, free: number, total: number): string =>
  `${name}: ${bytesText(free)} of ${bytesText(total)} free`;

/** Never as if nothing had happened: until when a class was removed, and how much of it. */
function removalLines(removals: readonly Removal[]): string[] {
  const classes = [...new Set(removals.map((one) => one.class))];
  return classes.map((name) => {
    const own = removals.filter((one) => one.class === name);
    const newest = own.reduce((day, one) => (one.day > day ? one.day : day), "");
    const rows = own.reduce((sum, one) => sum + one.rows, 0);
    const [last] = own;
    return `removed to keep the disk bound${last === undefined ? "" : ` of ${bytesText(last.bound)}`}: ${name} up to ${newest} (${countText(rows)} rows)`;
  });
}

function estimateLine({ class: name, days, perDay, bytes, present, fits }: Estimate): string {
  if (perDay === undefined || bytes === undefined || present === undefined)
    return `${name} for ${days} days: too little is stored to tell`;
  const room = fits === false ? "; more than is free on the disk" : "";
  return `${name} for ${days} days: about ${bytesText(Math.round(bytes))} (${bytesText(Math.round(perDay.bytes))} a day${observed(perDay.days)}); ${present.days} days take about ${bytesText(Math.round(present.bytes))}${room}`;
}

/** What `storage retention --set` did. */
export function retentionText(
  { before, after, tables }: { before: Retention; after: Retention; tables: readonly string[] },
  undone: readonly string[],
): string {
  const lines = RETENTION_CLASSES.map((name) => {
    const [was, is] = [before[DAYS_OF[name]], after[DAYS_OF[name]]];
    return `${name}: ${was === is ? `${is} days, as before` : `${was} days → ${is} days`}`;
  });
  lines.push(
    tables.length === 0 ? "no table had to change" : `changed: ${tables.join(", ")}`,
    ...undone.map(
      (name) => `${name} stands in the settings and wins at the next start; change it there too`,
    ),
  );
  return `${lines.join("\n")}\n`;
}
