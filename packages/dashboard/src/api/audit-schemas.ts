import { z } from "zod";
import {
  AUDIT_REASONS,
  type AuditAnswer,
  type AuditFinding,
  type OpenWorkload,
  type OpenWorkloadsAnswer,
} from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";
import { ChangeMarkSchema, PolicyNameSchema } from "./problem-schemas.js";
import { PeerSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const ms = z.number().describe("ms since 1970");
const time = z.string().describe("RFC 3339");
const names = z.array(z.string()).readonly();
const direction = z.enum(["ingress", "egress"]);
const policies = z.array(PolicyNameSchema).readonly();
const next = z.string().exactOptional().describe("cursor of the next page; absent on the last");

const AuditFindingSchema: z.ZodType<AuditFinding> = z
  .strictObject({
    id: z.string(),
    reason: z.enum(AUDIT_REASONS).describe("what most likely lets it pass"),
    subject: PeerSchema,
    peer: PeerSchema,
    direction,
    protocol: z.string(),
    port: count,
    policies: policies.describe("policies that deny it"),
    allowedBy: policies.describe("policies that the data path says allowed it"),
    count: count.describe("new connections that passed"),
    firstSeen: time,
    lastSeen: time,
    nodes: names,
    evidence: names.describe("uuids of flows"),
    change: ChangeMarkSchema.nullable(),
    sentence: z.string(),
    next: z.string(),
  })
  .meta({ id: "AuditFinding" });

export const AuditSchema: z.ZodType<AuditAnswer> = z
  .strictObject({
    at: ms,
    findings: z.array(AuditFindingSchema).readonly(),
    counts: z.record(z.enum(AUDIT_REASONS), count).describe("all of the question, by reason"),
    next,
    coverage: CoverageSchema,
  })
  .meta({ id: "AuditAnswer", description: "What passed although policies deny it" });

const OpenWorkloadSchema: z.ZodType<OpenWorkload> = z
  .strictObject({
    namespace: z.string(),
    name: z.string(),
    kind: z.string().describe("of the workload; `Pod` without one"),
    pods: count,
    open: z.array(direction).readonly().describe("directions that no policy restricts"),
    selected: z.boolean().describe("whether a policy selects it at all"),
  })
  .meta({ id: "OpenWorkload" });

export const OpenWorkloadsSchema: z.ZodType<OpenWorkloadsAnswer> = z
  .strictObject({
    at: ms,
    workloads: z.array(OpenWorkloadSchema).readonly(),
    counts: z.strictObject({
      workloads: count,
      pods: count,
      unselectedWorkloads: count.describe("that no policy selects at all"),
      unselectedPods: count,
    }),
    next,
    coverage: CoverageSchema,
  })
  .meta({ id: "OpenWorkloadsAnswer", description: "Workloads that no policy restricts" });
