import {
  AGREEMENTS,
  type AuditFinding,
  AUDIT_REASONS,
  type ChangeMark,
  DNS_RULES,
  type DnsFinding,
  type DnsRule,
  DROP_OUTCOMES,
  FOLDED,
  GAP_CAUSES,
  parseTimeNs,
  type Peer,
  type PolicyName,
} from "@dropscope/model";
import { z } from "zod";
import type { BundledProblem } from "../export/problem-lines.js";
import type { ExplanationBody } from "../redact/told.js";

// What a bundle says goes to the page as it is, so every line must be of the shape that it claims.

const text = z.string().max(64 * 1024);
const name = z.string().max(2_048);
const count = z.number().int().nonnegative();
const moment = z.string().refine((value) => parseTimeNs(value) !== undefined);
const direction = z.enum(["ingress", "egress", ""]);
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const problemId = z.string().regex(/^[0-9a-f]{16}$/);
const id = z.string().min(1).max(256);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(10_000);

const PolicySchema: z.ZodType<PolicyName> = z.object({ kind: name, namespace: name, name });
const PeerSchema: z.ZodType<Peer> = z.object({
  kind: z.enum(["workload", "pod", "name", "entity", "ip", "unknown"]),
  namespace: name,
  name,
});

const ChangeSchema: z.ZodType<ChangeMark> = z.object({
  time: moment,
  what: z.enum(["policy", "namespace", "pod", "service", "cidr-group"]),
  action: z.enum(["added", "changed", "removed"]),
  kind: name,
  namespace: name,
  name,
});

const explanation = {
  direction,
  outcome: z.enum(DROP_OUTCOMES),
  selecting: list(PolicySchema),
  denying: list(z.object({ kind: name, namespace: name, name, rule: name })),
  nearest: z
    .object({
      policy: name,
      rule: name,
      failed: list(
        z.object({
          part: z.enum(["peer", "port", "protocol", "cidr-except", "fqdn", "entity", "l7"]),
          wanted: text,
          got: text,
        }),
      ),
    })
    .nullable(),
  agreement: z.enum(AGREEMENTS),
  sentence: text,
  next: text,
  reason: name,
  audited: z.boolean(),
  change: ChangeSchema.nullable(),
  places: list(
    z.object({
      policy: PolicySchema,
      path: name,
      source: name,
      role: z.enum(["denies", "isolates", "nearest", "allows"]),
    }),
  ),
};

const BodySchema: z.ZodType<ExplanationBody> = z.object(explanation);

export const ExplanationLine = z.union([
  z.strictObject({ problem: problemId }),
  z.strictObject({ id: count, explanation: BodySchema }),
  z.strictObject({
    time: moment,
    uuid,
    explanation: count,
    told: z.enum(["drop", "verdict"]),
    weight: z.number().int().min(0).max(0xffff_ffff),
    source_namespace: name,
    destination_namespace: name,
    pod: name,
    peer: name,
    node: name,
  }),
]);

export const MinuteLine = z.strictObject({
  problem: problemId,
  minutes: z.array(z.tuple([z.number().int().min(0).max(4_294_967_280), count, count])).max(10_000),
});

const someNames = z.object({ names: list(name), count });

export const ProblemLine: z.ZodType<BundledProblem> = z.object({
  id: problemId,
  families: list(problemId),
  outcome: z.enum(DROP_OUTCOMES),
  reason: name,
  direction,
  source: PeerSchema,
  destination: PeerSchema,
  protocol: name,
  port: z.number().int().min(0).max(65_535),
  policies: list(PolicySchema),
  folded: z.enum(FOLDED),
  count,
  first_seen: moment,
  last_seen: moment,
  first: z.number(),
  episode: z.number(),
  pods: someNames,
  nodes: someNames,
  peers: someNames,
  agreement: z.enum(AGREEMENTS),
  explanation: z.object({
    uuid: z.union([uuid, z.literal("")]),
    time: z.string().max(64),
    ...explanation,
  }),
  change: ChangeSchema.nullable(),
  samples: list(z.object({ uuid, time: moment })),
  dns: list(id),
});

export const GapLine = z.object({
  id: uuid,
  time: moment,
  node: name,
  cause: z.enum(GAP_CAUSES),
  source: z.number().int().min(-1).max(0x7fff_ffff),
  count,
  from: moment.optional(),
  to: moment.optional(),
  cpu: z.number().int().min(-0x8000_0000).max(0x7fff_ffff).optional(),
  message: text.optional(),
});

export const DnsLine: z.ZodType<DnsFinding> = z.object({
  rule: z.enum(Object.keys(DNS_RULES) as [DnsRule, ...DnsRule[]]),
  id,
  severity: z.enum(["critical", "high", "medium", "info"]),
  client: PeerSchema,
  server: PeerSchema,
  query: name,
  detail: name,
  firstSeen: moment,
  lastSeen: moment,
  count,
  policies: list(PolicySchema),
  sentence: text,
  stall: z.object({ from: z.number(), to: z.number(), reason: text }).nullable(),
  next: text,
  evidence: list(uuid),
  failedAfter: list(uuid).optional(),
}) as z.ZodType<DnsFinding>;

export const AuditLine: z.ZodType<AuditFinding> = z.object({
  id,
  reason: z.enum(AUDIT_REASONS),
  subject: PeerSchema,
  peer: PeerSchema,
  direction: z.enum(["ingress", "egress"]),
  protocol: name,
  port: z.number().int().min(0).max(65_535),
  policies: list(PolicySchema),
  allowedBy: list(PolicySchema),
  count,
  firstSeen: moment,
  lastSeen: moment,
  nodes: list(name),
  evidence: list(uuid),
  change: ChangeSchema.nullable(),
  sentence: text,
  next: text,
});

export const VersionLine = z.object({
  kind: z.string().regex(/^\w{1,80}$/),
  namespace: name,
  name,
  uid: name,
  from: moment.nullable(),
  to: moment.nullable(),
  content: z.string().min(1).max(128),
  resource_version: name,
  source: name,
});

export const ContentLine = z.object({
  hash: z.string().min(1).max(128),
  kind: name,
  spec: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  manifest: z.string().max(4 * 1024 * 1024),
});

export const WatchLine = z.object({
  source: name,
  kind: z.string().regex(/^\w{1,80}$/),
  listed_at: moment,
  until: moment,
});
