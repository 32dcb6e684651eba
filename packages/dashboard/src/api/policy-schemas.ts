import { z } from "zod";
import type {
  FindingCounts,
  MapAnswer,
  MapEdge,
  MapNode,
  MapProblem,
  PoliciesAnswer,
  PolicyAnswer,
  PolicyFinding,
  PolicyRow,
  PolicyVersionText,
} from "@dropscope/model";
import { DROP_OUTCOMES, FINDING_SEVERITIES, FOLDED } from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";
import {
  POLICY_TEXT,
  PolicyNameSchema,
  ProblemRowSchema,
  TrendSpanSchema,
} from "./problem-schemas.js";
import { PeerSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const rate = z.number().nonnegative();
const ms = z.number().describe("ms since 1970");
const names = z.array(z.string()).readonly();
const isolates = z
  .strictObject({ ingress: z.boolean(), egress: z.boolean() })
  .describe("directions in which it makes deny the default");
const denies = z
  .strictObject({ ingress: z.boolean(), egress: z.boolean() })
  .describe("directions in which rules of it deny");

const FindingCountsSchema: z.ZodType<FindingCounts> = z
  .strictObject({ error: count, high: count, medium: count, low: count, info: count })
  .meta({ id: "FindingCounts" });

const PolicyRowSchema: z.ZodType<PolicyRow> = z
  .strictObject({
    policy: PolicyNameSchema,
    from: ms.nullable().describe("null: nobody knows since when"),
    to: ms.nullable().describe("null: it still holds"),
    versions: count,
    source: z.string(),
    isolates,
    denies,
    pods: count.describe("pods that it selects"),
    workloads: count,
    findings: FindingCountsSchema,
    problems: names,
    rate: rate.describe("drops a minute of these problems"),
  })
  .meta({ id: "PolicyRow" });

export const PoliciesSchema: z.ZodType<PoliciesAnswer> = z
  .strictObject({
    at: ms,
    knownSince: ms.nullable().describe("before, policies are a guess; null: none was ever told of"),
    policies: z.array(PolicyRowSchema).readonly(),
    lint: z
      .enum(["done", "running", "failed"])
      .describe("while they run, findings are those of before the last change"),
    coverage: CoverageSchema,
  })
  .meta({ id: "PoliciesAnswer" });

const PolicyVersionSchema: z.ZodType<PolicyVersionText> = z
  .strictObject({
    ...POLICY_TEXT,
    resourceVersion: z.string(),
    diff: z.string().describe("unified diff from the version before; empty for the first"),
  })
  .meta({ id: "PolicyVersionText" });

const PolicyFindingSchema: z.ZodType<PolicyFinding> = z
  .strictObject({
    id: z.string().describe("`NP001`; see docs/lints.md"),
    severity: z.enum(FINDING_SEVERITIES),
    message: z.string(),
    fix: z.string(),
    first: z.number().int().positive().describe("line of the newest version, from 1"),
    last: z.number().int().positive(),
    path: z.string(),
    diff: z.string(),
  })
  .meta({ id: "PolicyFinding" });

export const PolicyAnswerSchema: z.ZodType<PolicyAnswer> = z
  .strictObject({
    policy: PolicyNameSchema,
    versions: z.array(PolicyVersionSchema).readonly().describe("newest first"),
    findings: z.array(PolicyFindingSchema).readonly(),
    isolates,
    denies,
    selects: z.strictObject({
      podCount: count,
      pods: names.describe("at most 200"),
      workloads: z.array(PeerSchema).readonly(),
    }),
    problems: z.array(ProblemRowSchema).readonly(),
    trend: TrendSpanSchema,
    coverage: CoverageSchema,
  })
  .meta({ id: "PolicyAnswer" });

const MapNodeSchema: z.ZodType<MapNode> = z
  .strictObject({
    id: z.string(),
    peer: PeerSchema,
    forwarded: rate.describe("flows per second"),
    dropped: rate,
    problems: names,
  })
  .meta({ id: "MapNode" });

const MapEdgeSchema: z.ZodType<MapEdge> = z
  .strictObject({
    id: z.string(),
    from: z.string().describe("id of the client's node"),
    to: z.string(),
    forwarded: rate.describe("flows per second"),
    dropped: rate,
    drops: count,
    ports: z
      .array(z.strictObject({ protocol: z.string(), port: count, forwarded: rate, dropped: rate }))
      .readonly(),
    kind: z.enum(["dns", "host", "other"]),
    problems: names,
  })
  .meta({ id: "MapEdge" });

const MapProblemSchema: z.ZodType<MapProblem> = z
  .strictObject({
    id: z.string(),
    source: PeerSchema,
    destination: PeerSchema,
    protocol: z.string(),
    port: count,
    direction: z.enum(["ingress", "egress", ""]),
    outcome: z.enum(DROP_OUTCOMES),
    reason: z.string(),
    folded: z.enum(FOLDED),
  })
  .meta({ id: "MapProblem" });

export const MapSchema: z.ZodType<MapAnswer> = z
  .strictObject({
    from: ms,
    to: ms,
    nodes: z.array(MapNodeSchema).readonly(),
    edges: z.array(MapEdgeSchema).readonly(),
    problems: z.array(MapProblemSchema).readonly().describe("those that edges and nodes name"),
    left: count.describe("edges that were left out"),
    coverage: CoverageSchema,
  })
  .meta({ id: "MapAnswer" });
