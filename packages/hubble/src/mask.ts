import type { DescMessage } from "@bufbuild/protobuf";
import type { Flow } from "@dropscope/model";
import { FlowSchema } from "./gen/flow/flow_pb.js";

type Tree = Map<string, Tree>;

/**
 * A field mask over `flow.Flow` as a function that keeps only the named fields.
 * @returns "invalid" when a path does not exist, undefined when there is no mask
 */
export function compileMask(
  paths: readonly string[],
): ((flow: Flow) => Flow) | "invalid" | undefined {
  if (paths.length === 0) return undefined;
  const tree: Tree = new Map();
  for (const path of paths) {
    if (!exists(FlowSchema, path.split("."))) return "invalid";
    plant(tree, path.split("."));
  }
  return (flow) => keep(flow as Record<string, unknown>, tree);
}

function exists(message: DescMessage, [first, ...rest]: string[]): boolean {
  const field = message.fields.find((one) => one.name === first);
  if (field === undefined) return false;
  if (rest.length === 0) return true;
  return field.fieldKind === "message" && exists(field.message, rest);
}

/** A whole message in the mask covers its members, whichever was named first. */
function plant(tree: Tree, [first = "", ...rest]: string[]): void {
  const known = tree.get(first);
  if (known?.size === 0) return;
  if (rest.length === 0) {
    tree.set(first, new Map());
    return;
  }
  const branch: Tree = known ?? new Map();
  tree.set(first, branch);
  plant(branch, rest);
}

function keep(value: Record<string, unknown>, tree: Tree): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, branch] of tree) {
    const member = value[name];
    if (member === undefined) continue;
    kept[name] = branch.size === 0 ? member : keep(member as Record<string, unknown>, branch);
  }
  return kept;
}
