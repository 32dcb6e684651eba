import { z } from "zod";
import {
  CONFIDENCES,
  EDGE_OUTCOMES,
  type EdgeTold,
  type Evidence,
  type LeftOut,
  type ReplayAnswer,
  REPLAY_CHANGES,
  type ReplayGroup,
  type SuggestedPolicy,
  type SuggestedRule,
  type SuggestionAnswer,
  TRAFFIC_PATTERNS,
} from "@dropscope/model";
import { PolicyNameSchema } from "./problem-schemas.js";
import { GapSchema, PeerSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const port = z.number().int().min(0).max(65_535);
const ms = z.number().describe("ms since 1970");
const moment = ms.nullable();

export const EvidenceSchema: z.ZodType<Evidence> = z
  .strictObject({
    from: ms,
    to: ms,
    firstSeen: moment.describe("of the oldest flow of the range; null when there is none"),
    lastSeen: moment,
    flows: count.describe("weighted"),
    edges: count.describe("distinct connections"),
    hoursSeen: count.describe("hours in which anything was stored"),
    hours: count,
    gaps: z.array(GapSchema).readonly(),
    unknown: z
      .array(z.strictObject({ why: z.string(), edges: count, flows: count }))
      .readonly()
      .describe("what could not be judged; it never counts as safe"),
    left: count.describe("connections beyond what was looked at; 0 when all were"),
  })
  .meta({ id: "Evidence", description: "What an answer rests on" });

const EdgeToldSchema: z.ZodType<EdgeTold> = z
  .strictObject({
    id: z.string().describe("what `include` takes; the same in every run"),
    client: PeerSchema,
    server: PeerSchema,
    protocol: z.string(),
    port: port.describe("of the server"),
    outcome: z.enum(EDGE_OUTCOMES),
    flows: count,
    pods: count,
    firstSeen: ms,
    lastSeen: ms,
  })
  .meta({ id: "EdgeTold" });

const SuggestedRuleSchema: z.ZodType<SuggestedRule> = z
  .strictObject({
    path: z.string().describe("in its policy: `spec.egress[1]`"),
    says: z.string(),
    pattern: z.enum(TRAFFIC_PATTERNS),
    confidence: z.enum(CONFIDENCES),
    why: z.string().describe("why no more confidence than that"),
    flows: count,
    pods: count,
    firstSeen: moment.describe("null for a rule that nothing observed asks for"),
    lastSeen: moment,
    edges: z.array(EdgeToldSchema).readonly().describe("at most 20, most frequent first"),
  })
  .meta({ id: "SuggestedRule" });

const SuggestedPolicySchema: z.ZodType<SuggestedPolicy> = z
  .strictObject({
    policy: PolicyNameSchema,
    subject: z.string(),
    yaml: z.string(),
    rules: z.array(SuggestedRuleSchema).readonly(),
  })
  .meta({ id: "SuggestedPolicy" });

const LeftOutSchema: z.ZodType<LeftOut> = z
  .strictObject({
    edge: EdgeToldSchema,
    why: z
      .enum(["dropped", "audited", "scanner", "once", "unplaced"])
      .describe("`dropped`, `audited`: allowed by choice alone"),
    says: z.string(),
  })
  .meta({ id: "LeftOut" });

export const SuggestionSchema: z.ZodType<SuggestionAnswer> = z
  .strictObject({
    at: ms,
    evidence: EvidenceSchema,
    policies: z.array(SuggestedPolicySchema).readonly(),
    yaml: z.string().describe("all of them as one file"),
    leftOut: z.array(LeftOutSchema).readonly().describe("what the policies do not allow"),
    leftOutMore: count,
    remarks: z.array(z.string()).readonly(),
  })
  .meta({ id: "SuggestionAnswer" });

const ReplayGroupSchema: z.ZodType<ReplayGroup> = z
  .strictObject({
    id: z.string(),
    change: z.enum(REPLAY_CHANGES),
    client: PeerSchema,
    server: PeerSchema,
    protocol: z.string(),
    port,
    flows: count,
    pods: count,
    firstSeen: ms,
    lastSeen: ms,
    trend: z.array(count).readonly().describe("flows in each hour, the newest last; at most 168"),
    direction: z.enum(["ingress", "egress", "both"]).describe("whose policies decide"),
    says: z.string(),
    policies: z.array(PolicyNameSchema).readonly(),
    clause: z.string().describe("path in the text of the first policy; empty when there is none"),
    seen: z.record(z.enum(EDGE_OUTCOMES), count).describe("what really happened to it"),
  })
  .meta({ id: "ReplayGroup" });

const sum = z.strictObject({ edges: count, flows: count });

export const ReplaySchema: z.ZodType<ReplayAnswer> = z
  .strictObject({
    at: ms,
    evidence: EvidenceSchema,
    changes: z
      .array(
        z.strictObject({
          policy: PolicyNameSchema,
          change: z.enum(["added", "changed", "removed", "same"]),
        }),
      )
      .readonly(),
    problems: z
      .array(
        z.strictObject({
          severity: z.enum(["error", "warning", "info"]),
          rule: z.string().describe("id of a lint; empty for what does not parse"),
          message: z.string(),
          line: z.number().int().describe("from 1"),
          column: z.number().int(),
        }),
      )
      .readonly()
      .describe("of the text that was given"),
    groups: z.array(ReplayGroupSchema).readonly().describe("newly denied first; at most 500"),
    counts: z.strictObject({
      newlyDenied: sum,
      newlyAllowed: sum,
      stillDenied: sum,
      stillAllowed: sum,
      unknown: sum,
    }),
  })
  .meta({ id: "ReplayAnswer" });
