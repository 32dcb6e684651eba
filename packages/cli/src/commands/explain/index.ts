import { PROFILES } from "@dropscope/policy/profile";
import { Option } from "commander";
import type { AddCommand } from "../../program.js";
import { profileOptions } from "../policy/profile-options.js";

export const addExplain = (add: AddCommand): unknown =>
  add({
    name: "explain",
    arguments: "[uuid]",
    summary:
      "why a flow was dropped: the policies, the rule that came nearest, and what failed in it",
    description:
      "Explains a stored flow by its id, or, with --flows, every dropped or audited flow of a file by the policies of --policies, without a store: one JSON object a line with -o json, in the order of the file. Both give the same answer. A stored flow is judged by the policies of its own time, unless --policies names others. Exit code 0 whatever the answer is.",
    groups: ["store"],
    settings: ["policies", "policies-history"],
    options: EXPLAIN_OPTIONS,
    examples: [
      ["dropscope explain 1b4e28ba-2fa1-4d2b-883f-0016d3cca427", "one stored flow"],
      ["dropscope explain --flows flows.jsonl --policies manifests/", "the drops of a file"],
      [
        "dropscope explain --flows tuesday.jsonl --policies gitops/prod --policies-history",
        "by the commits of their own time",
      ],
      [
        "hubble observe --verdict DROPPED -o jsonpb | dropscope explain --flows - --policies manifests/ -o json",
        "straight from the real CLI, for programs",
      ],
    ],
    run: async (invocation) => (await import("../../run/explain.js")).run(invocation),
  });

const EXPLAIN_OPTIONS: readonly Option[] = [
  new Option(
    "--flows <FILE>",
    "explain the dropped and audited flows of a file, in every format that import reads; - is standard input",
  ),
  // Flows say which cluster they are of, and the store by which rules; only who knows better need name them.
  ...profileOptions().filter(({ long }) => long !== "--cluster" && long !== "--profile"),
  new Option(
    "--profile <NAME>",
    "data plane to judge for (default: as the correlator of the store does, else cilium)",
  ).choices(Object.keys(PROFILES)),
  new Option(
    "--cluster <NAME>",
    "name of the cluster that the policies are in (default: as the flows name it)",
  ),
  new Option(
    "--policies-branch <NAME>",
    "with --policies-history: branch, tag or commit whose history counts (default: what is checked out)",
  ),
  new Option("-o, --output <FORMAT>", "output format").choices(["text", "json"]).default("text"),
];
