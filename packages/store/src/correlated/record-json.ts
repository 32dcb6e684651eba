import type { ProblemRecord } from "./types.js";

/** JSON without bigints: times are decimal texts. */
export function recordText(record: ProblemRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

export function recordOfText(text: string): ProblemRecord {
  const raw = JSON.parse(text) as ProblemRecord;
  return {
    ...raw,
    firstNs: BigInt(raw.firstNs),
    lastNs: BigInt(raw.lastNs),
    samples: raw.samples.map(({ uuid, timeNs }) => ({ uuid, timeNs: BigInt(timeNs) })),
  };
}
