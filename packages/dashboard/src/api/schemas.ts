/**
 * The shapes of the REST answers, for the OpenAPI document and for the tests that hold
 * real answers against it. The types are the model's; these say the same to a machine.
 */
import { z } from "zod";
import type {
  ApiError,
  CompleteAnswer,
  DropReasonText,
  Edge,
  EdgesAnswer,
  ErrorAnswer,
  FilterFlag,
  FiltersAnswer,
  Flow,
  FlowDetail,
  FlowRow,
  FlowsAnswer,
  Gap,
  GapsAnswer,
  OverviewAnswer,
  Peer,
  SavedView,
  SavedViewsAnswer,
  StatusAnswer,
  Timeline,
  VerdictCount,
  VerdictsAnswer,
} from "@dropscope/model";
import { COMPLETION_KINDS, GAP_CAUSES } from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";

const count = z.number().int().nonnegative();
const port = z.number().int().min(0).max(65_535);
const ms = z.number().describe("ms since 1970");

export const PeerSchema: z.ZodType<Peer> = z
  .strictObject({
    kind: z.enum(["workload", "pod", "entity", "name", "ip", "unknown"]),
    namespace: z.string(),
    name: z.string(),
  })
  .meta({ id: "Peer" });

export const FlowRowSchema: z.ZodType<FlowRow> = z
  .strictObject({
    uuid: z.string(),
    timeNs: z.string().regex(/^\d*$/).describe("ns since 1970; empty when the flow has no time"),
    node: z.string(),
    verdict: z.string(),
    reason: z.string().describe("drop reason name, or empty"),
    type: z.string(),
    event: z.string().describe("what `hubble observe` prints in its TYPE column"),
    direction: z.string(),
    reply: z.enum(["yes", "no", "unknown"]),
    protocol: z.string(),
    source: PeerSchema,
    sourceIp: z.string(),
    sourcePort: port,
    sourcePod: z.string(),
    sourceIdentity: count,
    destination: PeerSchema,
    destinationIp: z.string(),
    destinationPort: port,
    destinationPod: z.string(),
    destinationIdentity: count,
    summary: z.string(),
    policies: z.array(z.string()),
  })
  .meta({ id: "FlowRow" });

const FlowSchema: z.ZodType<Flow> = z
  .record(z.string(), z.unknown())
  .meta({ id: "Flow", description: "flow.Flow in the proto3 JSON mapping; see docs/fields.md" });

const DropReasonSchema: z.ZodType<DropReasonText> = z
  .strictObject({ name: z.string(), title: z.string(), meaning: z.string(), next: z.string() })
  .meta({ id: "DropReasonText" });

export const FlowDetailSchema: z.ZodType<FlowDetail> = z
  .strictObject({
    flow: FlowSchema,
    row: FlowRowSchema,
    reason: DropReasonSchema.exactOptional(),
    related: z.array(FlowRowSchema),
  })
  .meta({ id: "FlowDetail" });

export const GapSchema: z.ZodType<Gap> = z
  .strictObject({
    time: z.string(),
    node: z.string(),
    cause: z.enum(GAP_CAUSES),
    count,
    from: z.string().exactOptional(),
    to: z.string().exactOptional(),
    cpu: z.number().int().exactOptional(),
    message: z.string().exactOptional(),
  })
  .meta({ id: "Gap", description: "Flows that existed and are not stored" });

export const TimelineSchema: z.ZodType<Timeline> = z
  .strictObject({
    from: ms,
    to: ms,
    stepMs: z.number().int().positive(),
    series: z.array(z.strictObject({ key: z.string(), counts: z.array(count) })),
    gaps: z.array(GapSchema),
  })
  .meta({ id: "Timeline", description: "`counts[i]` belongs to `from + i * stepMs`" });

const VerdictCountSchema: z.ZodType<VerdictCount> = z
  .strictObject({ verdict: z.string(), count })
  .meta({ id: "VerdictCount" });

const EdgeSchema: z.ZodType<Edge> = z
  .strictObject({
    id: z.string(),
    source: PeerSchema,
    destination: PeerSchema,
    protocol: z.string(),
    port,
    direction: z.string(),
    verdict: z.string(),
    reason: z.string(),
    count,
    rate: z.number().nonnegative().describe("per second, over the last minute of the range"),
    firstSeen: ms,
    lastSeen: ms,
  })
  .meta({ id: "Edge", description: "Who was denied to whom" });

export const OverviewSchema: z.ZodType<OverviewAnswer> = z
  .strictObject({
    drops: TimelineSchema,
    verdicts: z.array(VerdictCountSchema),
    edges: z.array(EdgeSchema),
    coverage: CoverageSchema,
  })
  .meta({ id: "OverviewAnswer" });

export const FlowsSchema: z.ZodType<FlowsAnswer> = z
  .strictObject({
    flows: z.array(FlowRowSchema),
    next: z.string().exactOptional().describe("give it back as `cursor`; absent at the end"),
  })
  .meta({ id: "FlowsAnswer" });

export const VerdictsSchema: z.ZodType<VerdictsAnswer> = z
  .strictObject({ verdicts: z.array(VerdictCountSchema) })
  .meta({ id: "VerdictsAnswer" });

export const EdgesSchema: z.ZodType<EdgesAnswer> = z
  .strictObject({ edges: z.array(EdgeSchema) })
  .meta({ id: "EdgesAnswer" });

export const GapsSchema: z.ZodType<GapsAnswer> = z
  .strictObject({ gaps: z.array(GapSchema) })
  .meta({ id: "GapsAnswer" });

export const CompleteSchema: z.ZodType<CompleteAnswer> = z
  .strictObject({
    values: z.array(z.string()),
    notes: z.array(z.string()).exactOptional().describe("what to say beside each value"),
  })
  .meta({ id: "CompleteAnswer" });

const SavedViewSchema: z.ZodType<SavedView> = z
  .strictObject({
    name: z.string(),
    place: z.string().describe("of the page: `problems`, `live`, `map`"),
    filter: z.string(),
    since: z.string().describe("a time or an age; empty: live"),
    until: z.string(),
    savedAt: z.number().describe("ms since 1970"),
  })
  .meta({ id: "SavedView" });

export const SavedViewsSchema: z.ZodType<SavedViewsAnswer> = z
  .strictObject({ views: z.array(SavedViewSchema) })
  .meta({ id: "SavedViewsAnswer" });

const FilterFlagSchema: z.ZodType<FilterFlag> = z
  .strictObject({
    name: z.string(),
    short: z.string().exactOptional(),
    value: z.string().describe("what follows the flag; empty for a switch"),
    help: z.string(),
    values: z.array(z.string()).exactOptional(),
    complete: z.enum(COMPLETION_KINDS).exactOptional(),
  })
  .meta({ id: "FilterFlag" });

export const FiltersSchema: z.ZodType<FiltersAnswer> = z
  .strictObject({ flags: z.array(FilterFlagSchema) })
  .meta({ id: "FiltersAnswer" });

export const StatusSchema: z.ZodType<StatusAnswer> = z
  .strictObject({
    version: z.string(),
    coverage: CoverageSchema,
    books: z.record(z.string(), z.number()).exactOptional(),
  })
  .meta({ id: "StatusAnswer" });

const ApiErrorSchema: z.ZodType<ApiError> = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    next: z.string().describe("what to do now"),
    at: z.tuple([count, count]).exactOptional().describe("where in the filter line, [start, end)"),
    request: z.string().exactOptional().describe("request id; the server's log has the same"),
  })
  .meta({ id: "ApiError" });

export const ErrorSchema: z.ZodType<ErrorAnswer> = z
  .strictObject({ error: ApiErrorSchema })
  .meta({ id: "ErrorAnswer" });

export const DocumentSchema = z
  .record(z.string(), z.unknown())
  .meta({ id: "OpenApiDocument", description: "This document" });
