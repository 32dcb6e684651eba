import type { ProblemRecord } from "./types.js";

/** JSON without bigints: times are decimal texts. */
export function recordText(record: ProblemRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}

/** As it is in the JSON. */
interface Plain extends Omit<ProblemRecord, "firstNs" | "lastNs" | "samples"> {
  readonly firstNs: string;
  readonly lastNs: string;
  readonly samples: readonly { readonly uuid: string; readonly timeNs: string }[];
}

export function recordOfText(text: string): ProblemRecord {
  const raw = JSON.parse(text) as Plain;
  return {
    ...raw,
    firstNs: BigInt(raw.firstNs),
    lastNs: BigInt(raw.lastNs),
    samples: raw.samples.map(({ uuid, timeNs }) => ({ uuid, timeNs: BigInt(timeNs) })),
  };
}
