import { exposure, type ExposureFormat, renderExposure } from "@dropscope/policy";
import type { Invocation } from "../../program.js";
import { loadForList, printWarnings } from "../../commands/policy/list-options.js";

/** Runs `dropscope policy exposure`. */
export async function run({ args, options }: Invocation): Promise<void> {
  const { manifests, list } = await loadForList(args, options);
  const found = exposure(manifests, list);
  printWarnings(found.list.warnings);
  process.stdout.write(renderExposure(found, options["output"] as ExposureFormat, list.focus));
}
