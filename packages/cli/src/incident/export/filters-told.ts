import type { Redactor } from "../redact/redactor.js";

/** Flags stay, and so do verdicts and numbers. */
export function filtersTold(filters: readonly string[], redactor: Redactor): string[] {
  return filters.map((word) => {
    const [, flag = "", value = ""] = /^(-[^=]*=?)?(.*)$/s.exec(word) ?? [];
    return `${flag}${/^[A-Z_0-9]*$/.test(value) ? value : redactor.name(value)}`;
  });
}
