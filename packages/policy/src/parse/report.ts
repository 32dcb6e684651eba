import type { ManifestProblem, ProblemCode } from "../objects.js";
import type { Place } from "../place.js";
import { placeOf, type Slot } from "../source/slot.js";

export interface ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Collects what is wrong with one object. */
export interface Report {
  readonly object: ObjectName;
  /** Whether an error was reported: the object must not take effect. */
  readonly failed: boolean;
  /** Whether no more problems are taken: what costs time to find need not be looked for. */
  readonly full: boolean;
  error(code: ProblemCode, at: Slot | Place, message: string, fix: string): void;
  warn(code: ProblemCode, at: Slot | Place, message: string, fix: string): void;
}

/** Reports for one object; a hostile object with a mistake in each of its lines must not fill the memory. */
const MAX_PROBLEMS = 50;

export function createReport(object: ObjectName, problems: ManifestProblem[]): Report {
  const name = [object.namespace, object.name].filter(Boolean).join("/");
  const title = [short(object.kind, 80), short(name, 200)].filter(Boolean).join(" ");
  let count = 0;
  let failed = false;
  const add = (
    severity: "error" | "warning",
    code: ProblemCode,
    at: Slot | Place,
    message: string,
    fix: string,
  ): void => {
    if (severity === "error") failed = true;
    if (++count > MAX_PROBLEMS) return;
    const place = "origin" in at ? placeOf(at) : at;
    const where = place.path === "" ? "" : `${short(place.path, 200)}: `;
    problems.push({
      code,
      severity,
      message: `${title}: ${where}${message}`,
      fix,
      place,
      object,
    });
  };
  return {
    object,
    get failed() {
      return failed;
    },
    get full() {
      return count >= MAX_PROBLEMS;
    },
    error: (code, at, message, fix) => add("error", code, at, message, fix),
    warn: (code, at, message, fix) => add("warning", code, at, message, fix),
  };
}

/** A value for a message: shown as JSON, and never at a length that drowns the message. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  return typeof value === "string" ? JSON.stringify(short(value, 80)) : String(value);
}

function short(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
