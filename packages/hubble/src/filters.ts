import { toJson } from "@bufbuild/protobuf";
import type { FlowFilter as Filter } from "@dropscope/model";
import { FlowFilterSchema, type FlowFilter } from "./gen/flow/flow_pb.js";

/** Filters of a request in the shape that the model reads: proto names, enums by name (or number, of a newer Hubble). */
export function filtersOf(messages: readonly FlowFilter[]): Filter[] {
  return messages.map(
    (message) => toJson(FlowFilterSchema, message, { useProtoFieldName: true }) as Filter,
  );
}
