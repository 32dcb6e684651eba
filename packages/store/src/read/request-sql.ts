import type { Condition } from "@dropscope/model";
import type { Params } from "./params.js";
import { and, or } from "./sql.js";

/** Go's regular expressions do not let `.` match a line feed; ClickHouse's do. */
function goRegex(pattern: string): string {
  return `(?-s)${pattern}`;
}

export type RequestCondition = Extract<Condition, { on: `http-${string}` | "dns-query" }>;

/** The part of a URL that `urlPath` of the model gives. */
const URL_PATH =
  "decodeURLComponent(extract(http_url, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?]*)?(/[^?]*)'))";
const URL_IS_ONE = "match(http_url, '^(?:/|[A-Za-z][A-Za-z0-9+.-]*://)')";

/** Conditions on HTTP and DNS; only for viewers who may see them. */
export function requestSql(condition: RequestCondition, params: Params): string {
  switch (condition.on) {
    case "http-status": {
      const text = "leftPad(toString(http_code), 3, '0')";
      return and([
        "l7_protocol = 'http'",
        "http_code != 0",
        or([
          condition.exact.length === 0
            ? "0"
            : `http_code IN ${params.add("Array(UInt32)", condition.exact)}`,
          ...condition.prefixes.map(
            (prefix) => `startsWith(${text}, ${params.add("String", prefix)})`,
          ),
        ]),
      ]);
    }
    case "http-method":
      return and([
        "l7_protocol = 'http'",
        "http_method != ''",
        `has(${params.add("Array(String)", condition.values)}, lowerUTF8(http_method))`,
      ]);
    case "http-header":
      return and([
        "l7_protocol = 'http'",
        or(
          condition.headers.map(
            (want) =>
              `arrayExists((k, v) -> k = ${params.add("String", want.key)} AND v = ${params.add("String", want.value)}, http_header_names, http_header_values)`,
          ),
        ),
      ]);
    case "http-url":
      return and([
        "l7_protocol = 'http'",
        "http_url != ''",
        anyMatch("http_url", condition.patterns, params),
      ]);
    case "http-path":
      return and([
        "l7_protocol = 'http'",
        URL_IS_ONE,
        anyMatch(URL_PATH, condition.patterns, params),
      ]);
    case "dns-query":
      return and(["l7_protocol = 'dns'", anyMatch("dns_query", condition.patterns, params)]);
  }
}

/** The second test is a constant: a bad pattern is found even when no row comes to be matched. */
function anyMatch(text: string, patterns: readonly string[], params: Params): string {
  const placed = patterns.map((pattern) => params.add("String", goRegex(pattern)));
  return and([
    or(placed.map((pattern) => `match(${text}, ${pattern})`)),
    ...placed.map((pattern) => `match('', ${pattern}) >= 0`),
  ]);
}
