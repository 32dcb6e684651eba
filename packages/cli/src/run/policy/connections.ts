import { connectionList, type ListFormat, renderConnections } from "@dropscope/policy";
import type { Invocation } from "../../program.js";
import { loadForList, printWarnings } from "../../commands/policy/list-options.js";

/** Runs `dropscope policy connections`. */
export async function run({ args, options }: Invocation): Promise<void> {
  const { manifests, list } = await loadForList(args, options);
  const { connections, workloads, warnings } = connectionList(manifests, list);
  printWarnings(warnings);
  const format = options["output"] as ListFormat;
  process.stdout.write(renderConnections(connections, format, { ...list, workloads }));
}
