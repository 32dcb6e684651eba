import { readFlowFile } from "@dropscope/ingester";
import { clusterNamed } from "../commands/explain/cluster.js";

/** Flows that are looked at, of each file. */
const MOST_FLOWS = 1000;

/**
 * What the flows of some files call their cluster; undefined when none tells within the first
 * thousand. Selectors are limited to the own cluster, so its name must be known before policies are
 * read. Standard input can be read once only, and what cannot be read is said when it is imported.
 */
export async function clusterOfFiles(inputs: readonly string[]): Promise<string | undefined> {
  for (const input of inputs) {
    if (input === "-") continue;
    const name = await clusterOfFile(input).catch(() => undefined);
    if (name !== undefined) return name;
  }
  return undefined;
}

async function clusterOfFile(input: string): Promise<string | undefined> {
  let flows = 0;
  for await (const { flow } of readFlowFile({ input })) {
    const name = flow && clusterNamed(flow);
    if (name !== undefined) return name;
    if (flow !== undefined && ++flows >= MOST_FLOWS) return undefined;
  }
  return undefined;
}
