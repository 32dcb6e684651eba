import type { PatchOperation, PatchPath } from "./patch.js";

/** @returns the value after the operations, sharing nothing with it; undefined when a path does not exist */
export function applyOperations(
  value: unknown,
  operations: readonly PatchOperation[],
): { readonly value: unknown } | undefined {
  const root = { value: structuredClone(value) };
  for (const operation of operations) {
    const path: PatchPath = ["value", ...operation.path];
    const parent = containerAt(root, path.slice(0, -1));
    if (parent === undefined || !applyOne(parent, path.at(-1)!, operation)) return undefined;
  }
  return root;
}

/** RFC 6901: `/spec/ingress/0`. */
export function jsonPointer(path: PatchPath): string {
  return path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

function containerAt(root: object, path: PatchPath): object | undefined {
  let at: unknown = root;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return typeof at === "object" && at !== null ? at : undefined;
}

function applyOne(parent: object, part: string | number, operation: PatchOperation): boolean {
  const exists = Object.hasOwn(parent, part);
  if (operation.op === "move") {
    const from = operation.from.at(-1)!;
    if (exists || !Object.hasOwn(parent, from) || Array.isArray(parent)) return false;
    const map = parent as Record<string, unknown>;
    define(map, part, map[from]);
    delete map[from];
    return true;
  }
  if (Array.isArray(parent)) {
    const index = part === "-" ? parent.length : Number(part);
    if (operation.op === "add") {
      if (index > parent.length) return false;
      parent.splice(index, 0, structuredClone(operation.value));
      return true;
    }
    if (!exists) return false;
    if (operation.op === "remove") parent.splice(index, 1);
    else parent[index] = structuredClone(operation.value);
    return true;
  }
  const map = parent as Record<string, unknown>;
  if (operation.op !== "add" && !exists) return false;
  if (operation.op === "remove") delete map[part];
  else define(map, part, structuredClone(operation.value));
  return true;
}

/** A plain assignment to `__proto__` would set the prototype. */
function define(map: Record<string, unknown>, key: string | number, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}
