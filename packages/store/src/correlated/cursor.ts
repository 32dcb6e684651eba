import type { TailCursor } from "../reader.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";

/** What the correlator keeps about itself in `correlator_state`, under the name `cursor`. */
export interface CorrelatorCursor {
  readonly tail: TailCursor;
  /** When the newest batch that was done landed, ms since 1970. */
  readonly landedAt: number;
}

export async function readCursor(
  run: Runner,
  signal: AbortSignal | undefined,
): Promise<CorrelatorCursor | undefined> {
  const rows = await run.rows<{ value: string }>(
    "SELECT value FROM correlator_state WHERE name = 'cursor' ORDER BY version DESC LIMIT 1",
    new Params(),
    signal,
  );
  return rows[0] && (JSON.parse(rows[0].value) as CorrelatorCursor);
}

export async function correlatedUntil(
  run: Runner,
  signal: AbortSignal | undefined,
): Promise<number> {
  return (await readCursor(run, signal))?.landedAt ?? 0;
}
