import { type Fix, FIX_KINDS, type NewlyAllowed, type PolicyName } from "@dropscope/model";
import { z } from "zod";
import { PeerSchema } from "./schemas.js";

const count = z.number().int().nonnegative();
const seen = z.strictObject({ edges: count, flows: z.number().nonnegative() });

const NewlyAllowedSchema: z.ZodType<NewlyAllowed> = z
  .strictObject({
    pairs: count.describe("pairs of source and destination between which anything newly passes"),
    asked: count.describe("those of them that are replicas of the two ends"),
    ports: z.string().describe("what newly passes between those"),
    connections: z.number().describe("all pairs by port; what edits are ranked by"),
    beyond: z
      .array(
        z.strictObject({ client: PeerSchema, server: PeerSchema, ports: z.string(), pairs: count }),
      )
      .readonly(),
    more: count,
    pods: count.describe("pods that it was evaluated for"),
  })
  .meta({ id: "NewlyAllowed", description: "What passes after an edit that did not before" });

/** @param policy how a policy is named */
export function fixSchema(policy: z.ZodType<PolicyName>): z.ZodType<Fix> {
  return z
    .strictObject({
      policy,
      title: z.string(),
      effect: z.string(),
      diff: z.string().describe("unified diff of all files"),
      yaml: z.string().describe("the changed files, whole"),
      remains: z.string(),
      edits: z
        .array(
          z.strictObject({
            kind: z.enum(FIX_KINDS),
            policy,
            title: z.string(),
            isNew: z.boolean(),
            command: z.string().describe("the same for a shell"),
          }),
        )
        .readonly(),
      files: z
        .array(
          z.strictObject({
            path: z.string(),
            isNew: z.boolean(),
            diff: z.string(),
            yaml: z.string(),
          }),
        )
        .readonly(),
      allows: NewlyAllowedSchema,
      replay: z
        .strictObject({
          from: z.number(),
          to: z.number(),
          edges: count,
          newlyAllowed: seen,
          newlyDenied: seen,
          unknown: seen,
        })
        .nullable()
        .describe("what observed traffic would have met; null where none was looked at"),
    })
    .meta({ id: "Fix", description: "Edits that were tried out" });
}
