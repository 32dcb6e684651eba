import { exposure, type ExposureFormat, renderExposure } from "@dropscope/policy";
import type { AddCommand, Invocation } from "../../program.js";
import { focusOptions, listOptions, loadForList, printWarnings } from "./list-options.js";

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
    run,
  });

async function run({ args, options }: Invocation): Promise<void> {
  const { manifests, list } = await loadForList(args, options);
  const found = exposure(manifests, list);
  printWarnings(found.list.warnings);
  process.stdout.write(renderExposure(found, options["output"] as ExposureFormat, list.focus));
}
