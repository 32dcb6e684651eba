// Counts the checks of one corpus and keeps the first failures.
import { isDeepStrictEqual } from "node:util";

const MAX_SHOWN = 10;
const MAX_TEXT = 600;

/**
 * What a corpus module reports to. `check` compares plain data deeply; `pass` and
 * `fail` count what the module compared itself. Names say the case and the check.
 */
export function createReport() {
  const failures = [];
  const counts = { passed: 0, failed: 0 };
  const report = {
    counts,
    pass(times = 1) {
      counts.passed += times;
    },
    fail(name, expected, got) {
      counts.failed += 1;
      if (failures.length < MAX_SHOWN) failures.push({ name, expected, got });
    },
    check(name, expected, got) {
      if (isDeepStrictEqual(expected, got)) report.pass();
      else report.fail(name, expected, got);
    },
    /** The first failures, three lines each. */
    failureText() {
      return failures
        .map(
          ({ name, expected, got }) =>
            `  ${name}\n    expected ${shown(expected)}\n    got      ${shown(got)}\n`,
        )
        .join("");
    },
  };
  return report;
}

function shown(value) {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} …` : text;
}
