import { ClickHouseError } from "@clickhouse/client";

/** What a failed insert means for the rows: try again, stop delivering, or look for the bad row. */
export type FailureKind = "retry" | "quarantine" | "halt";

/** The server or the way to it is at fault, and gets better by itself. */
const RETRY = new Set([
  159, // TIMEOUT_EXCEEDED
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  203, // NO_FREE_CONNECTION
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  225, // NO_ZOOKEEPER
  236, // ABORTED
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  252, // TOO_MANY_PARTS (or partitions: made impossible by clamping times)
  285, // TOO_FEW_LIVE_REPLICAS
  286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  319, // UNKNOWN_STATUS_OF_INSERT
  439, // CANNOT_SCHEDULE_TASK
  499, // S3_ERROR
  745, // SERVER_OVERLOADED
  999, // KEEPER_EXCEPTION
]);

/** Schema or rights: never the fault of the rows. */
const HALT = new Set([
  16, // NO_SUCH_COLUMN_IN_TABLE
  47, // UNKNOWN_IDENTIFIER
  60, // UNKNOWN_TABLE
  62, // SYNTAX_ERROR
  81, // UNKNOWN_DATABASE
  164, // READONLY
  194, // REQUIRED_PASSWORD
  497, // ACCESS_DENIED
  516, // AUTHENTICATION_FAILED
]);

/** A row that the table cannot hold. */
const QUARANTINE = new Set([
  6, // CANNOT_PARSE_TEXT
  25, // CANNOT_PARSE_ESCAPE_SEQUENCE
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  33, // CANNOT_READ_ALL_DATA
  41, // CANNOT_PARSE_DATETIME
  53, // TYPE_MISMATCH
  70, // CANNOT_CONVERT_TYPE
  117, // INCORRECT_DATA
  131, // TOO_LARGE_STRING_SIZE
  349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  407, // DECIMAL_OVERFLOW
  469, // VIOLATED_CONSTRAINT
  621, // CANNOT_PARSE_NUMBER
]);

/** An unknown code is tried this often before delivery stops. */
export const UNKNOWN_RETRIES = 10;

/** ClickHouse's error code, when the error is ClickHouse's. */
export function clickhouseCode(error: unknown): number | undefined {
  if (!(error instanceof ClickHouseError)) return undefined;
  const code = Number(error.code);
  return Number.isInteger(code) ? code : undefined;
}

/**
 * Decides once, by code and never by words, what a failed insert means.
 * @param failures how often this insert has failed before.
 */
export function classify(error: unknown, failures = 0): FailureKind {
  const code = clickhouseCode(error);
  // No code: no answer came, or not from ClickHouse (a proxy, a closed connection, a time-out).
  if (code === undefined || RETRY.has(code)) return "retry";
  if (HALT.has(code)) return "halt";
  if (QUARANTINE.has(code)) return "quarantine";
  return failures < UNKNOWN_RETRIES ? "retry" : "halt";
}
