import { DropscopeError, EXIT } from "@dropscope/model";
import type { Invocation } from "../program.js";
import { explainFile } from "../commands/explain/offline.js";
import { explainStored } from "../commands/explain/stored.js";

/** Runs `dropscope explain`. */
export async function run(invocation: Invocation): Promise<void> {
  const { args, options } = invocation;
  const flows = options["flows"] as string | undefined;
  const [uuid] = args;
  if ((uuid === undefined) === (flows === undefined))
    throw new DropscopeError(
      "USAGE",
      uuid === undefined
        ? "Nothing to explain: neither the id of a flow nor --flows is given."
        : "The id of a stored flow and --flows exclude one another.",
      { next: "Give the id of a stored flow, or a file with --flows.", exitCode: EXIT.usage },
    );
  await (uuid === undefined ? explainFile(flows!, invocation) : explainStored(uuid, invocation));
}
