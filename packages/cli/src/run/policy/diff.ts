import { connectionDiff, connectionList, type DiffFormat, renderDiff } from "@dropscope/policy";
import type { Invocation } from "../../program.js";
import { loadForList, printWarnings } from "../../commands/policy/list-options.js";

/** Runs `dropscope policy diff`. */
export async function run({ args, options }: Invocation): Promise<void> {
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
