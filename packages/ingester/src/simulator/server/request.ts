import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { status as Code } from "@grpc/grpc-js";
import { compileSelection, type Flow } from "@dropscope/model";
import { compileMask, filtersOf, type GetFlowsRequest } from "@dropscope/hubble";
import { re2 } from "@dropscope/hubble/re2";

/** What a reader asked for, understood. Times are ns since the start of the simulation. */
export interface FlowQuery {
  number: number;
  first: boolean;
  follow: boolean;
  since: number | undefined;
  until: number | undefined;
  passes: (flow: Flow) => boolean;
  mask: ((flow: Flow) => Flow) | undefined;
}

/** A request that the server refuses, with the status Hubble answers. */
export interface Refusal {
  code: Code;
  details: string;
}

export function readRequest(request: GetFlowsRequest, startMs: number): FlowQuery | Refusal {
  if (request.first && request.follow) {
    return { code: Code.INVALID_ARGUMENT, details: "first cannot be specified with follow" };
  }
  const mask = compileMask(request.fieldMask?.paths ?? []);
  if (mask === "invalid") return { code: Code.UNKNOWN, details: "invalid fieldmask" };
  try {
    const selection = {
      allow: filtersOf(request.whitelist),
      deny: filtersOf(request.blacklist),
    };
    const match = compileSelection(selection, { regex: re2 });
    return {
      // 2^64 − 1 means "all"; no ring is longer than a number can count.
      number: Number(request.number),
      first: request.first,
      follow: request.follow,
      since: offset(request.since, startMs),
      until: offset(request.until, startMs),
      passes: (flow) => match(flow, flow.node_name),
      mask,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unreadable";
    return { code: Code.UNKNOWN, details: `failed to build filters: ${why}` };
  }
}

function offset(time: Timestamp | undefined, startMs: number): number | undefined {
  if (time === undefined) return undefined;
  // Whole ms first: ns since 1970 are more than a double can count exactly.
  const wholeMs = Number(time.seconds) * 1000 - startMs;
  return Number.isFinite(timestampMs(time)) ? wholeMs * 1_000_000 + time.nanos : undefined;
}
