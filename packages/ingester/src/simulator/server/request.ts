import { toJson } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { status as Code } from "@grpc/grpc-js";
import { compileSelection, type Flow, type FlowFilter as Filter } from "@dropscope/model";
import { RE2JS } from "re2js";
import { FlowFilterSchema, type FlowFilter } from "../../proto/gen/flow/flow_pb.js";
import type { GetFlowsRequest } from "../../proto/gen/observer/observer_pb.js";
import { compileMask } from "./mask.js";

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
      allow: request.whitelist.map(plain),
      deny: request.blacklist.map(plain),
    };
    const regex = (pattern: string) => {
      const compiled = RE2JS.compile(pattern);
      return { test: (text: string) => compiled.matcher(text).find() };
    };
    const match = compileSelection(selection, { regex });
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

function plain(filter: FlowFilter): Filter {
  return toJson(FlowFilterSchema, filter, { useProtoFieldName: true }) as Filter;
}

function offset(time: Timestamp | undefined, startMs: number): number | undefined {
  if (time === undefined) return undefined;
  // Whole ms first: ns since 1970 are more than a double can count exactly.
  const wholeMs = Number(time.seconds) * 1000 - startMs;
  return Number.isFinite(timestampMs(time)) ? wholeMs * 1_000_000 + time.nanos : undefined;
}
