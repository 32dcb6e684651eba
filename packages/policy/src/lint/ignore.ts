import type { SourceObject } from "../objects.js";
import { record, text } from "./context/raw.js";

/** Annotation that silences lints on its object: ids with commas between them, or `all`. */
export const IGNORE_ANNOTATION = "dropscope.io/ignore";

export function isIgnored({ value }: SourceObject, id: string): boolean {
  const annotations = record(record(value["metadata"])["annotations"]);
  if (!Object.hasOwn(annotations, IGNORE_ANNOTATION)) return false;
  const ids = text(annotations[IGNORE_ANNOTATION]).split(/[\s,]+/);
  return ids.includes(id) || ids.includes("all");
}
