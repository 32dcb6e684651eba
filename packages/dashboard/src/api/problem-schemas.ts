import { z } from "zod";
import type {
  ChangeMark,
  ClausePlace,
  DnsAnswer,
  DnsFinding,
  DropExplanation,
  ExplanationAnswer,
  FailedClause,
  LineMark,
  NearestRule,
  PolicyName,
  PolicyText,
  Problem,
  ProblemAnswer,
  ProblemCounts,
  ProblemRow,
  ProblemsAnswer,
  TrendSpan,
} from "@dropscope/model";
import { AGREEMENTS, DNS_RULES, DROP_OUTCOMES, FOLDED, PROBLEM_STATES } from "@dropscope/model";
import { CoverageSchema } from "./coverage-schema.js";
import { fixSchema } from "./fix-schema.js";
import { FlowRowSchema, PeerSchema, TimelineSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const ms = z.number().describe("ms since 1970");
const time = z.string().describe("RFC 3339");
const names = z.array(z.string()).readonly();
const direction = z.enum(["ingress", "egress", ""]);

export const PolicyNameSchema: z.ZodType<PolicyName> = z
  .strictObject({
    kind: z.string(),
    namespace: z.string().describe("empty for clusterwide kinds"),
    name: z.string(),
  })
  .meta({ id: "PolicyName" });

const FailedClauseSchema: z.ZodType<FailedClause> = z
  .strictObject({
    part: z.enum(["peer", "port", "protocol", "cidr-except", "fqdn", "entity", "l7"]),
    wanted: z.string(),
    got: z.string(),
  })
  .meta({ id: "FailedClause" });

const NearestSchema: z.ZodType<NearestRule> = z
  .strictObject({
    policy: z.string(),
    rule: z.string().describe("path of the rule: `spec.ingress[0]`"),
    failed: z.array(FailedClauseSchema).readonly(),
  })
  .meta({ id: "NearestRule" });

export const ChangeMarkSchema: z.ZodType<ChangeMark> = z
  .strictObject({
    time,
    what: z.enum(["policy", "namespace", "pod", "service", "cidr-group"]),
    action: z.enum(["added", "changed", "removed"]),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
  })
  .meta({ id: "ChangeMark", description: "Something in the cluster's state that changed" });

const role = z.enum(["denies", "isolates", "nearest", "allows"]);

const ClausePlaceSchema: z.ZodType<ClausePlace> = z
  .strictObject({ policy: PolicyNameSchema, path: z.string(), source: z.string(), role })
  .meta({ id: "ClausePlace" });

const ExplanationSchema: z.ZodType<DropExplanation> = z
  .strictObject({
    uuid: z.string(),
    time: z.string(),
    direction,
    outcome: z.enum(DROP_OUTCOMES),
    selecting: z.array(PolicyNameSchema).readonly(),
    denying: z
      .array(
        z.strictObject({
          kind: z.string(),
          namespace: z.string(),
          name: z.string(),
          rule: z.string(),
        }),
      )
      .readonly(),
    nearest: NearestSchema.nullable(),
    agreement: z.enum(AGREEMENTS),
    sentence: z.string(),
    next: z.string(),
    reason: z.string(),
    audited: z.boolean(),
    change: ChangeMarkSchema.nullable(),
    places: z.array(ClausePlaceSchema).readonly(),
  })
  .meta({ id: "DropExplanation", description: "Why one flow was dropped" });

/** What a problem and its row in a list have in common. */
const COMMON = {
  id: z.string(),
  state: z.enum(PROBLEM_STATES),
  outcome: z.enum(DROP_OUTCOMES),
  reason: z.string().describe("drop reason name"),
  direction,
  source: PeerSchema,
  destination: PeerSchema,
  protocol: z.string(),
  port: count,
  policies: z.array(PolicyNameSchema).readonly(),
  folded: z.enum(FOLDED).describe("what is not told apart any more, because there was too much"),
  count: z.number().nonnegative().describe("packets dropped in the range"),
  rate: z.number().nonnegative().describe("drops a minute"),
  firstSeen: time,
  lastSeen: time,
  podCount: count,
  nodeCount: count,
  peerCount: count,
  agreement: z.enum(AGREEMENTS),
  change: ChangeMarkSchema.nullable(),
  dns: names.describe("ids of DNS findings"),
};

export const ProblemRowSchema: z.ZodType<ProblemRow> = z
  .strictObject({
    ...COMMON,
    sentence: z.string(),
    next: z.string(),
    audited: z.boolean(),
    trend: z.array(z.number().nonnegative()).readonly().describe("drops in the steps of `trend`"),
  })
  .meta({ id: "ProblemRow" });

const ProblemSchema: z.ZodType<Problem> = z
  .strictObject({
    ...COMMON,
    pods: names,
    nodes: names,
    peers: names,
    explanation: ExplanationSchema,
    samples: names.describe("uuids of flows"),
  })
  .meta({ id: "Problem", description: "Drops that a person would call one problem" });

export const TrendSpanSchema: z.ZodType<TrendSpan> = z
  .strictObject({ from: ms, to: ms, stepMs: z.number().int().positive() })
  .meta({ id: "TrendSpan" });

const CountsSchema: z.ZodType<ProblemCounts> = z
  .strictObject({ new: count, ongoing: count, back: count, resolved: count })
  .meta({ id: "ProblemCounts" });

export const ProblemsSchema: z.ZodType<ProblemsAnswer> = z
  .strictObject({
    at: ms,
    trend: TrendSpanSchema,
    problems: z.array(ProblemRowSchema).readonly(),
    counts: CountsSchema,
    more: z.boolean().describe("more match than are counted"),
    coverage: CoverageSchema,
    next: z.string().exactOptional().describe("give it back as `cursor`; absent at the end"),
  })
  .meta({ id: "ProblemsAnswer" });

const LineMarkSchema: z.ZodType<LineMark> = z
  .strictObject({
    first: z.number().int().positive().describe("line, from 1"),
    last: z.number().int().positive(),
    role: z.enum([...role.options, "finding"]),
    path: z.string(),
    text: z.string(),
  })
  .meta({ id: "LineMark" });

/** Fields of a policy's text at one time. */
export const POLICY_TEXT = {
  policy: PolicyNameSchema,
  from: ms.nullable(),
  to: ms.nullable(),
  source: z.string(),
  yaml: z.string(),
  marks: z.array(LineMarkSchema).readonly(),
};

const PolicyTextSchema: z.ZodType<PolicyText> = z
  .strictObject(POLICY_TEXT)
  .meta({ id: "PolicyText", description: "A policy as it was at one time" });

const dnsRule = z.enum(Object.keys(DNS_RULES) as [keyof typeof DNS_RULES]);
const finding = z.enum(["critical", "high", "medium", "info"]);

const DnsFindingSchema: z.ZodType<DnsFinding> = z
  .strictObject({
    rule: dnsRule,
    id: z.string(),
    severity: finding,
    client: PeerSchema,
    server: PeerSchema,
    query: z.string(),
    detail: z.string(),
    firstSeen: time,
    lastSeen: time,
    count: z.number().nonnegative(),
    policies: z.array(PolicyNameSchema).readonly(),
    sentence: z.string(),
    stall: z
      .strictObject({ from: z.number(), to: z.number(), reason: z.string() })
      .nullable()
      .describe("seconds"),
    next: z.string(),
    evidence: names.describe("uuids of flows"),
  })
  .meta({ id: "DnsFinding" });

export const ProblemAnswerSchema: z.ZodType<ProblemAnswer> = z
  .strictObject({
    problem: ProblemSchema,
    timeline: TimelineSchema,
    changes: z.array(ChangeMarkSchema).readonly(),
    policies: z.array(PolicyTextSchema).readonly(),
    fixes: z.array(fixSchema(PolicyNameSchema)).readonly(),
    noFix: z.string().describe("why there is no fix; empty when there is one"),
    already: z.string().describe("why none is needed any more; empty otherwise"),
    flows: z.array(FlowRowSchema).readonly(),
    dns: z.array(DnsFindingSchema).readonly(),
    links: z.strictObject({ filter: z.string(), command: z.string() }),
    coverage: CoverageSchema,
  })
  .meta({ id: "ProblemAnswer" });

export const ExplanationAnswerSchema: z.ZodType<ExplanationAnswer> = z
  .strictObject({
    explanation: ExplanationSchema.nullable().describe("null: not dropped, or not explained yet"),
    problem: z.string().describe("id of the problem; empty when there is none"),
  })
  .meta({ id: "ExplanationAnswer" });

export const DnsAnswerSchema: z.ZodType<DnsAnswer> = z
  .strictObject({
    at: ms,
    findings: z.array(z.strictObject({ finding: DnsFindingSchema, problems: names })).readonly(),
    counts: z.partialRecord(dnsRule, count).describe("findings by rule"),
    coverage: CoverageSchema,
  })
  .meta({ id: "DnsAnswer" });
