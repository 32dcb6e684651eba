import { z } from "zod";
import {
  type NamespaceReadiness,
  type ReadinessAnswer,
  READINESS_STAGES,
  type RuleFinding,
  type RulesAnswer,
  type RuleUse,
} from "@dropscope/model";
import { PolicyNameSchema } from "./problem-schemas.js";
import { EvidenceSchema } from "./tuning-schemas.js";

const count = z.number().int().nonnegative();
const ms = z.number().describe("ms since 1970");

const RuleFindingSchema: z.ZodType<RuleFinding> = z
  .strictObject({
    kind: z.enum(["never-used", "over-broad", "duplicate", "shadowed", "stale-selector"]),
    says: z.string(),
    yaml: z.string().describe("a narrower equivalent of the rule; empty when there is none"),
  })
  .meta({ id: "RuleFinding" });

const RuleUseSchema: z.ZodType<RuleUse> = z
  .strictObject({
    policy: PolicyNameSchema,
    path: z.string().describe("in its policy: `spec.ingress[0]`"),
    line: count.describe("of the rule in the policy's text, from 1; 0 when that is not known"),
    direction: z.enum(["ingress", "egress"]),
    action: z.enum(["allow", "deny"]),
    says: z.string(),
    flows: count,
    edges: count,
    firstSeen: ms.nullable(),
    lastSeen: ms.nullable(),
    trend: z.array(count).readonly().describe("flows in equal steps of the range; at most 168"),
    attributed: z
      .strictObject({ hubble: count, evaluated: count })
      .describe("flows of which Hubble named the policy, and those that were evaluated"),
    findings: z.array(RuleFindingSchema).readonly(),
  })
  .meta({ id: "RuleUse" });

export const RulesSchema: z.ZodType<RulesAnswer> = z
  .strictObject({
    at: ms,
    evidence: EvidenceSchema,
    rules: z.array(RuleUseSchema).readonly(),
    more: count,
  })
  .meta({ id: "RulesAnswer" });

const NamespaceReadinessSchema: z.ZodType<NamespaceReadiness> = z
  .strictObject({
    namespace: z.string(),
    stage: z.enum(READINESS_STAGES),
    says: z.string(),
    workloads: count,
    isolated: z
      .strictObject({ ingress: count, egress: count })
      .describe("workloads that a policy isolates"),
    dns: z.enum(["allowed", "missing", "not-isolated"]),
    wouldBreak: z
      .strictObject({ edges: count, flows: count })
      .describe("what a default deny would break as the policies stand"),
    cleanDays: count,
    evidence: EvidenceSchema,
    plan: z
      .array(z.strictObject({ done: z.boolean(), says: z.string(), command: z.string() }))
      .readonly()
      .describe("what to do next, in order"),
  })
  .meta({ id: "NamespaceReadiness" });

export const ReadinessSchema: z.ZodType<ReadinessAnswer> = z
  .strictObject({ at: ms, namespaces: z.array(NamespaceReadinessSchema).readonly() })
  .meta({ id: "ReadinessAnswer" });
