import { fromBinary, type Message } from "@bufbuild/protobuf";
import { FieldMaskSchema, type Timestamp } from "@bufbuild/protobuf/wkt";
import {
  compileMask,
  filtersOf,
  GetFlowsRequestSchema,
  type FlowFilter as FilterMessage,
  type GetFlowsRequest,
} from "@dropscope/hubble";
import { re2 } from "@dropscope/hubble/re2";
import { compileSelection, type Flow, type FlowFilter, type FlowSelection } from "@dropscope/model";
import { CODE, GrpcError } from "../grpc/status.js";
import { checkSize } from "./size.js";

/** What a client asked for, understood. */
export interface FlowsQuery {
  readonly selection: FlowSelection;
  /** ns since 1970, both inclusive. */
  readonly since: bigint | undefined;
  readonly until: bigint | undefined;
  /** The oldest or the newest N; absent: all. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly follow: boolean;
  /** Nothing but what is stored from now on. */
  readonly onlyNew: boolean;
  readonly mask: ((flow: Flow) => Flow) | undefined;
}

/**
 * Reads a GetFlowsRequest with the semantics of Hubble's server; see `proto/observer`.
 * @throws GrpcError INVALID_ARGUMENT that names the field
 */
export function readRequest(bytes: Uint8Array): FlowsQuery {
  const request = decode(bytes);
  const { follow, first } = request;
  if (first && follow) throw invalid("first cannot be specified with follow");
  const since = nsOf(request.since);
  const until = nsOf(request.until);
  // 2^64 − 1 means "all", and no store holds so many.
  const number = request.number === 0n || request.number >= 1n << 53n ? undefined : request.number;
  const count = number === undefined ? undefined : Number(number);
  // `since` wins over the direction; while following, a number only says how far to go back.
  const fromOldest = since !== undefined || first;
  return {
    selection: selectionOf(request),
    since,
    until,
    first: fromOldest && !follow ? count : undefined,
    last: since === undefined && !first ? count : undefined,
    follow,
    onlyNew: follow && since === undefined && request.number === 0n,
    mask: maskOf(request),
  };
}

function decode(bytes: Uint8Array): GetFlowsRequest {
  try {
    return fromBinary(GetFlowsRequestSchema, bytes);
  } catch {
    throw invalid("the request is not an observer.GetFlowsRequest");
  }
}

function nsOf(time: Timestamp | undefined): bigint | undefined {
  return time === undefined ? undefined : time.seconds * 1_000_000_000n + BigInt(time.nanos);
}

/** Relays and command lines before 1.16 sent the mask in the experimental part, as its field 1. */
const LEGACY_MASK = 1;

function maskOf(request: GetFlowsRequest): ((flow: Flow) => Flow) | undefined {
  const paths = [...(request.fieldMask?.paths ?? [])];
  if (paths.length === 0)
    for (const { no, data } of request.experimental?.$unknown ?? [])
      if (no === LEGACY_MASK) paths.push(...legacyPaths(data));
  const mask = compileMask(paths);
  if (mask !== "invalid") return mask;
  const wrong = paths.find((path) => compileMask([path]) === "invalid");
  throw invalid(`invalid fieldmask: flow.Flow has no ${JSON.stringify(wrong)}`);
}

/** The bytes of an unknown field begin with their length. */
function legacyPaths(data: Uint8Array): string[] {
  let at = 0;
  while (((data[at++] ?? 0) & 0x80) !== 0);
  try {
    return fromBinary(FieldMaskSchema, data.subarray(at)).paths;
  } catch {
    throw invalid("invalid fieldmask: experimental.field_mask cannot be read");
  }
}

function selectionOf(request: GetFlowsRequest): FlowSelection {
  const { whitelist, blacklist } = request;
  checkSize(whitelist, blacklist);
  for (const [name, filters] of [
    ["whitelist", whitelist],
    ["blacklist", blacklist],
  ] as const)
    for (const [index, filter] of filters.entries()) refuseUnknown(filter, `${name}[${index}]`);
  const selection = { allow: filtersOf(whitelist), deny: filtersOf(blacklist) };
  try {
    // Only to be refused now, with the field's name: the store makes SQL of the same conditions.
    compileSelection(selection, { regex: re2 });
  } catch (error) {
    throw invalid(`failed to build filters: ${whyOf(selection, error)}`);
  }
  return selection;
}

/** A field of a newer Hubble that would be ignored makes an answer that holds too much. */
function refuseUnknown(filter: FilterMessage, where: string): void {
  const parts: [string, Message][] = [[where, filter]];
  if (filter.experimental !== undefined) parts.push([`${where}.experimental`, filter.experimental]);
  for (const [name, part] of parts) {
    const [unknown] = part.$unknown ?? [];
    if (unknown !== undefined)
      throw invalid(`failed to build filters: ${name}: field ${unknown.no} is not known here`);
  }
}

/** Which field of which filter it was: each is tried on its own. */
function whyOf(selection: FlowSelection, error: unknown): string {
  const message = error instanceof Error ? error.message : "unreadable";
  for (const [list, filters] of [
    ["whitelist", selection.allow],
    ["blacklist", selection.deny],
  ] as const) {
    for (const [index, filter] of filters.entries()) {
      for (const key of Object.keys(filter) as (keyof FlowFilter)[]) {
        const why = faultOf({ [key]: filter[key] });
        if (why !== undefined) return `${list}[${index}].${key}: ${why}`;
      }
      const why = faultOf(filter);
      if (why !== undefined) return `${list}[${index}]: ${why}`;
    }
  }
  return message;
}

function faultOf(filter: FlowFilter): string | undefined {
  try {
    compileSelection({ allow: [filter], deny: [] }, { regex: re2 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "unreadable";
  }
}

function invalid(message: string): GrpcError {
  return new GrpcError(CODE.invalidArgument, message);
}
