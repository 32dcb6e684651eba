import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { GetFlowsRequestSchema, type GetFlowsRequest } from "@dropscope/hubble";

export interface ResumePlan {
  /** Oldest watermark of the active nodes, ns; undefined on the first start. */
  oldestNs: bigint | undefined;
  /** Up to which flow time the memory of ids is incomplete, ms; 0 when it is complete. */
  horizonMs: number;
  nowMs: number;
  overlapMs: number;
  backfillMs: number;
}

/** L7 flows carry the proxy's time, which is up to seconds earlier than the ring's. */
export const HORIZON_SLACK_MS = 10_000;

/**
 * From when to read, ns since 1970: the oldest watermark less the overlap; on the first start the
 * backfill, since a follow without `since` leaves out what is in the rings. Never from before the time that the memory of ids
 * covers: what was forgotten there could come twice. A wrapped ring shows as a gap, a repeat would be silent.
 */
export function resumeFrom(plan: ResumePlan): bigint {
  const wanted =
    plan.oldestNs === undefined
      ? ms(plan.nowMs - plan.backfillMs)
      : plan.oldestNs - ms(plan.overlapMs);
  const floor = plan.horizonMs === 0 ? 0n : ms(plan.horizonMs + HORIZON_SLACK_MS);
  const now = ms(plan.nowMs);
  const since = wanted > floor ? wanted : floor;
  return since > now ? now : since < 0n ? 0n : since;
}

/** `follow` and `since` only: `number` counts per node, and again for every node that comes back. */
export function resumeRequest(sinceNs: bigint): GetFlowsRequest {
  return create(GetFlowsRequestSchema, { follow: true, since: timestamp(sinceNs) });
}

function timestamp(ns: bigint): MessageInitShape<typeof TimestampSchema> {
  return { seconds: ns / 1_000_000_000n, nanos: Number(ns % 1_000_000_000n) };
}

function ms(value: number): bigint {
  return BigInt(Math.trunc(value)) * 1_000_000n;
}
