import { createHash } from "node:crypto";
import type { CatalogObject } from "@dropscope/policy";

/**
 * Hash of what an object says, wherever it is written and whichever uid it has: a policy that
 * moves a line down in its file has not changed.
 */
export function meaningOf({ kind, namespace, name, value }: CatalogObject): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, namespace, name, withoutUids(value)], withoutPlaces))
    .digest("hex")
    .slice(0, 32);
}

function withoutUids(value: CatalogObject["value"]): unknown {
  return Array.isArray(value)
    ? (value as readonly object[]).map((one) => Object.assign({}, one, { uid: undefined }))
    : value;
}

/** A label may be called `place` too; its value is a text. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "place" && typeof value === "object" ? undefined : value;
}
