import type { AddCommand } from "../../program.js";
import { focusOptions, listOptions } from "./list-options.js";

export const addExposure = (add: AddCommand): unknown =>
  add({
    name: "policy exposure",
    summary: "to whom workloads are open who is not in the manifests",
    description:
      "Lists the connections as `policy connections` does, and below them to whom each workload is open besides the workloads that the manifests hold: the entire cluster, addresses outside, and pods that only the selectors of a rule describe. A rule that matches nobody today may match somebody tomorrow. Exit codes as for `policy connections`.",
    arguments: "<dir...>",
    groups: [],
    logless: true,
    options: [...listOptions(["txt", "json", "csv", "md"]), ...focusOptions()],
    examples: [
      ["dropscope policy exposure manifests/", "who could get in, and where out to"],
      [
        "dropscope policy exposure manifests/ --focus-workload payments/api --focus-direction ingress",
        "who could reach one workload",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/exposure.js")).run(invocation),
  });
