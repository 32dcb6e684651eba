/** Status codes as ClickHouse's own HTTP handler chooses them. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [36, 400],
  [41, 400],
  [46, 404],
  [47, 404],
  [60, 404],
  [62, 400],
  [81, 404],
  [115, 404],
  [158, 500],
  [159, 408],
  [164, 500],
  [202, 503],
  [241, 500],
  [394, 499],
  [456, 400],
  [457, 400],
  [516, 403],
]);

/** The code, the status and the text with which ClickHouse would answer. */
export function describeError(error: unknown): { code: number; status: number; text: string } {
  const message = error instanceof Error ? error.message : String(error);
  const known = error as { clickhouseCode?: unknown };
  const inText = /Code: (\d+)\./.exec(message)?.[1];
  let code = 1002;
  if (typeof known.clickhouseCode === "number") code = known.clickhouseCode;
  else if (inText !== undefined) code = Number(inText);
  const text = message.startsWith("Code: ") ? message : `Code: ${code}. DB::Exception: ${message}`;
  return { code, status: STATUS.get(code) ?? 500, text: `${text}\n` };
}
