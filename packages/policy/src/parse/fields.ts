import { nearest } from "@dropscope/model";
import { entries, items, type Slot } from "../source/slot.js";
import { isRecord } from "../source/record.js";
import { type Report, show } from "./report.js";

/**
 * Typed readers of fields. Absent and null are the same to the API server, and
 * give undefined; a wrong type is reported and gives undefined too.
 */

export function readText(report: Report, slot: Slot): string | undefined {
  if (isAbsent(slot)) return undefined;
  if (typeof slot.value === "string") return slot.value;
  const scalar = typeof slot.value === "number" || typeof slot.value === "boolean";
  wrongType(report, slot, "a text", scalar ? "Put it in quotes." : "Write a text.");
  return undefined;
}

export function readInteger(report: Report, slot: Slot): number | undefined {
  if (isAbsent(slot)) return undefined;
  if (Number.isSafeInteger(slot.value)) return slot.value as number;
  wrongType(report, slot, "an integer", "Write a whole number without quotes.");
  return undefined;
}

export function readBoolean(report: Report, slot: Slot): boolean | undefined {
  if (isAbsent(slot)) return undefined;
  if (typeof slot.value === "boolean") return slot.value;
  wrongType(report, slot, "a boolean", "Write true or false, without quotes.");
  return undefined;
}

/** The slot itself when it holds a map. */
export function readRecord(report: Report, slot: Slot): Slot | undefined {
  if (isAbsent(slot)) return undefined;
  if (isRecord(slot.value)) return slot;
  wrongType(report, slot, "a map", "Write fields, one a line, or {}.");
  return undefined;
}

/** The slots of a list's items. */
export function readList(report: Report, slot: Slot): Slot[] | undefined {
  if (isAbsent(slot)) return undefined;
  if (Array.isArray(slot.value)) return items(slot);
  wrongType(report, slot, "a list", "Begin each item with `- `.");
  return undefined;
}

/** The maps of a list; items that are none are reported and left out. */
export function readRecords(report: Report, slot: Slot): Slot[] | undefined {
  return readList(report, slot)?.filter((item) => {
    if (isRecord(item.value)) return true;
    wrongType(report, item, "a map", "Write fields after the `- `.");
    return false;
  });
}

/** The texts of a list, with their slots; other items are reported and left out. */
export function readTexts(report: Report, slot: Slot): { text: string; slot: Slot }[] | undefined {
  return readList(report, slot)?.flatMap((item) => {
    if (typeof item.value === "string") return [{ text: item.value, slot: item }];
    wrongType(report, item, "a text", "Put it in quotes.");
    return [];
  });
}

/** A map from texts to texts, such as labels. */
export function readTextMap(
  report: Report,
  slot: Slot,
): [key: string, value: string, slot: Slot][] {
  const record = readRecord(report, slot);
  if (!record) return [];
  return entries(record).flatMap(([key, value]): [string, string, Slot][] => {
    const text = value.value === null ? "" : readText(report, value);
    return text === undefined ? [] : [[key, text, value]];
  });
}

/** Warns of fields that the API does not have; it would drop them silently. */
export function checkFields(report: Report, slot: Slot, known: ReadonlySet<string>): void {
  if (!isRecord(slot.value)) return;
  for (const [key, value] of entries(slot)) {
    if (known.has(key)) continue;
    if (report.full) return;
    const near = nearest(key, known);
    report.warn(
      "UNKNOWN_FIELD",
      value,
      "no such field; it has no effect",
      near ? `Did you mean ${near}?` : `Known fields here: ${[...known].join(", ")}.`,
    );
  }
}

export function isAbsent(slot: Slot): boolean {
  return slot.value === undefined || slot.value === null;
}

function wrongType(report: Report, slot: Slot, wanted: string, fix: string): void {
  report.error("BAD_TYPE", slot, `${show(slot.value)} is not ${wanted}`, fix);
}
