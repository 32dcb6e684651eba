import { connectionDiff, connectionList, type DiffFormat, renderDiff } from "@dropscope/policy";
import type { AddCommand, Invocation } from "../../program.js";
import { listOptions, loadForList, printWarnings } from "./list-options.js";

export const addDiff = (add: AddCommand): unknown =>
  add({
    name: "policy diff",
    summary: "which connections a change of manifests allows or takes away",
    description:
      "Compares what two sets of manifests allow: connections that are changed, added and removed, and workloads that are new or gone. Prints nothing when nothing changed. Exit codes as for `policy connections`; changes are no failure.",
    arguments: "<old> <new>",
    groups: [],
    logless: true,
    options: listOptions(["txt", "csv", "md"]),
    examples: [
      ["dropscope policy diff released/ proposed/", "what a change of policies means"],
      ["dropscope policy diff released/ proposed/ -o md", "as a table, for a pull request"],
    ],
    run,
  });

async function run({ args, options }: Invocation): Promise<void> {
  const [before, after] = args as readonly [string, string];
  const old = await loadForList([before], options, true);
  const recent = await loadForList([after], options, true);
  // One data plane for both: a policy of Cilium's on either side makes it Cilium.
  const { list } = old.list.profile.name === "cilium" ? old : recent;
  const was = connectionList(old.manifests, list);
  const is = connectionList(recent.manifests, list);
  printWarnings([...new Set([...was.warnings, ...is.warnings])]);
  process.stdout.write(renderDiff(connectionDiff(was, is), options["output"] as DiffFormat));
}
