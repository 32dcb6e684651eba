import { countsOf, type TestCase, type TestReport, type TestSuite } from "./report.js";

/** JUnit XML, as GitHub's and GitLab's report readers take it: what failed first in `message`, all of it as text. */
export function junitXml({ suites }: TestReport): string {
  const total = countsOf(suites);
  const ms = suites.reduce((sum, suite) => sum + suite.ms, 0);
  const sums = attributes({
    name: "dropscope policy test",
    tests: total.passed + total.failed + total.skipped,
    failures: total.failed,
    errors: 0,
    skipped: total.skipped,
    time: seconds(ms),
  });
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites${sums}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines(suite: TestSuite): string[] {
  const { passed, failed, skipped } = countsOf([suite]);
  const open = attributes({
    name: suite.name,
    tests: passed + failed + skipped,
    failures: failed,
    errors: 0,
    skipped,
    time: seconds(suite.ms),
  });
  return [
    `  <testsuite${open}>`,
    ...suite.cases.flatMap((one) => caseLines(suite.name, one)),
    "  </testsuite>",
  ];
}

function caseLines(suite: string, { name, file, line, state, says }: TestCase): string[] {
  const open = attributes({
    // Readers group by class: the file is what a person looks for.
    classname: file === "" ? suite : `${suite}.${file}`,
    name,
    ...(file === "" ? {} : { file }),
    ...(line === 0 ? {} : { line }),
    time: "0",
  });
  const text = says.join("\n");
  if (state === "passed")
    return says.length === 0
      ? [`    <testcase${open}/>`]
      : [
          `    <testcase${open}>`,
          `      <system-out>${escape(text)}</system-out>`,
          "    </testcase>",
        ];
  const message = attributes({ message: says[0] ?? "" });
  return [
    `    <testcase${open}>`,
    state === "skipped"
      ? `      <skipped${message}/>`
      : `      <failure${message} type="${suite}">${escape(text)}</failure>`,
    "    </testcase>",
  ];
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escape(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** Characters that XML 1.0 cannot hold, not even escaped, become U+FFFD. */
function escape(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one)
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
