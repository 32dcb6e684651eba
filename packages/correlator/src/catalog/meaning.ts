import { createHash } from "node:crypto";
import type { CatalogObject } from "@dropscope/policy";

/**
 * Hash of what an object says, wherever it is written and whichever uid it has: a policy that
 * moves a line down in its file has not changed.
 */
export function meaningOf({ kind, namespace, name, value }: CatalogObject): string {
  const said = Array.isArray(value) ? policiesText(value) : plainText(value);
  return createHash("sha256")
    .update(`${kind}\n${namespace}\n${name}\n${said}`)
    .digest("hex")
    .slice(0, 32);
}

/** Pods are many, and have one place only. */
function plainText(value: object): string {
  return JSON.stringify({ ...value, place: undefined });
}

function policiesText(policies: readonly object[]): string {
  return JSON.stringify(
    policies.map((policy) => Object.assign({}, policy, { uid: undefined })),
    withoutPlaces,
  );
}

/** A label may be called `place` too; its value is a text. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "place" && typeof value === "object" ? undefined : value;
}
