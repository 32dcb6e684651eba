import { z } from "zod";
import {
  type AddressAnswer,
  type AddressOwner,
  type CompareAnswer,
  type CompareChange,
  type CompareSide,
  type CountChange,
  EDGE_CHANGES,
  EDGE_STATES,
  type EdgeChange,
  type EdgeCounts,
  type EdgeSide,
  type KnownAnswer,
} from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";
import { PolicyNameSchema } from "./problem-schemas.js";
import { GapSchema, PeerSchema, TimelineSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const ms = z.number().describe("ms since 1970");

const EdgeSideSchema: z.ZodType<EdgeSide> = z
  .strictObject({
    state: z.enum(EDGE_STATES).describe("`mixed`: partly dropped"),
    forwarded: count.describe("flows"),
    audited: count,
    dropped: count.describe("packets"),
    reason: z.string().describe("the most frequent drop reason, or empty"),
  })
  .meta({ id: "EdgeSide" });

const EdgeChangeSchema: z.ZodType<EdgeChange> = z
  .strictObject({
    id: z.string(),
    change: z
      .enum(EDGE_CHANGES)
      .describe("`drops`: the same verdict, twice or half the drops a second"),
    client: PeerSchema,
    server: PeerSchema,
    protocol: z.string(),
    port: count.describe("of the server; 0 when the protocol has none"),
    before: EdgeSideSchema,
    after: EdgeSideSchema,
  })
  .meta({ id: "EdgeChange" });

const EdgeCountsSchema: z.ZodType<EdgeCounts> = z
  .strictObject({ verdict: count, drops: count, new: count, vanished: count, same: count })
  .meta({ id: "EdgeCounts" });

const CountChangeSchema: z.ZodType<CountChange> = z
  .strictObject({ key: z.string(), before: count, after: count })
  .meta({ id: "CountChange" });

const CompareSideSchema: z.ZodType<CompareSide> = z
  .strictObject({
    from: ms,
    to: ms,
    flows: count,
    dropped: count,
    gaps: z.array(GapSchema).readonly(),
    storedSince: ms.nullable().describe("null: the range is stored whole"),
  })
  .meta({ id: "CompareSide" });

const CompareChangeSchema: z.ZodType<CompareChange> = z
  .strictObject({
    time: z.string().describe("RFC 3339"),
    what: z.enum(["policy", "namespace", "pod", "service", "cidr-group", "workload"]),
    action: z.enum(["added", "changed", "removed"]),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    labels: z.array(z.string()).readonly().describe("`+tier=gold`, `−tier=silver`"),
  })
  .meta({ id: "CompareChange" });

export const CompareSchema: z.ZodType<CompareAnswer> = z
  .strictObject({
    before: CompareSideSchema,
    after: CompareSideSchema,
    edges: z.array(EdgeChangeSchema).readonly().describe("only those that changed"),
    counts: EdgeCountsSchema,
    reasons: z.array(CountChangeSchema).readonly().describe("drops by reason"),
    verdicts: z.array(CountChangeSchema).readonly(),
    changes: z.array(CompareChangeSchema).readonly().describe("oldest first"),
    moreChanges: z.boolean(),
    timeline: TimelineSchema.nullable().describe(
      "drops by reason over both ranges; null where they lie too far apart for the filter",
    ),
    coverage: CoverageSchema,
  })
  .meta({ id: "CompareAnswer" });

const since = ms.nullable();

export const KnownSchema: z.ZodType<KnownAnswer> = z
  .strictObject({
    flows: since.describe("of the oldest flow; null when there is none"),
    counts: since.describe("of the oldest minute that is counted"),
    policies: since.describe("before, policies are a guess"),
    pods: since.describe("before, so are pods, their labels and addresses"),
  })
  .meta({ id: "KnownAnswer" });

const AddressOwnerSchema: z.ZodType<AddressOwner> = z
  .strictObject({
    kind: z.enum(["Pod", "Node"]),
    namespace: z.string(),
    name: z.string(),
    labels: z.array(z.string()).readonly().describe("`key=value`, of then"),
    from: ms.nullable().describe("null: nobody knows since when"),
    to: ms.nullable().describe("null: it still has it"),
  })
  .meta({ id: "AddressOwner" });

export const AddressSchema: z.ZodType<AddressAnswer> = z
  .strictObject({
    address: z.string(),
    at: ms,
    owner: AddressOwnerSchema.nullable(),
    others: z.array(AddressOwnerSchema).readonly().describe("within an hour before and after"),
    names: z.array(z.string()).readonly().describe("DNS names in flows of the hour before"),
    policies: z.array(PolicyNameSchema).readonly().describe("that selected the owner then"),
  })
  .meta({ id: "AddressAnswer" });
