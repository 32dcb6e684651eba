import { z } from "zod";

const time = z.string().min(1).max(64);

/** The range that tuning looks at: a week, unless another one is asked for. */
const RANGE = {
  since: time
    .optional()
    .describe("RFC 3339 time, ms since 1970, or an age such as `7d`; 7 days when absent"),
  until: time.optional().describe("the same forms; now when absent"),
};

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

const name = z.string().max(253).regex(NAME, "must be the name of an object");

/** What is suggested, in the words of `policy suggest`. */
export const SuggestionInput = z.strictObject({
  ...RANGE,
  namespace: name.describe("whose workloads the policies are for"),
  workload: name.optional().describe("only for this workload of it"),
  kind: z
    .enum(["NetworkPolicy", "CiliumNetworkPolicy"])
    .optional()
    .describe(
      "what the traffic needs when absent: Cilium's where a NetworkPolicy has no word for some of it",
    ),
  mode: z
    .enum(["workload", "namespace"])
    .optional()
    .describe("a policy for each workload (when absent), or one for the namespace"),
  include: z
    .string()
    .max(20_000)
    .optional()
    .describe("ids of what would be left out, separated by commas, to be allowed all the same"),
});

/** A candidate, and the traffic that it is held against. */
export const ReplayInput = z.strictObject({
  ...RANGE,
  namespace: name
    .optional()
    .describe(
      "only connections with an end in this namespace; all that the viewer may see if absent",
    ),
  policies: z
    .string()
    .max(1 << 20, "must be 1 MiB at most")
    .describe("YAML; each policy takes the place of the one in force that has its kind and name"),
  remove: z
    .string()
    .max(20_000)
    .optional()
    .describe("policies in force to be taken away: `KIND/NAMESPACE/NAME`, separated by commas"),
});

export const RulesInput = z.strictObject({
  ...RANGE,
  namespace: name.optional().describe("only policies of this namespace"),
});

export const ReadinessInput = z.strictObject({
  ...RANGE,
  namespace: name.optional().describe("only this namespace"),
});
