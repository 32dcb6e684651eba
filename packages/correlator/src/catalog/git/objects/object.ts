import { createHash } from "node:crypto";

export const GIT_TYPES = ["commit", "tree", "blob", "tag"] as const;
export type GitType = (typeof GIT_TYPES)[number];

export interface GitObject {
  readonly type: GitType;
  readonly data: Buffer;
}

/** Bytes that an object may have, by type: a repository is foreign input, and some are made to hurt. */
export const MOST_BYTES: Readonly<Record<GitType, number>> = {
  commit: 4 * 1024 * 1024,
  tree: 16 * 1024 * 1024,
  // Larger files are no manifests; the parser refuses what is over its own, lower bound.
  blob: 16 * 1024 * 1024,
  tag: 1024 * 1024,
};

/** What keeps an object from being read; the reason is half a sentence for people. */
export class GitTrouble extends Error {
  constructor(
    readonly kind: "damaged" | "missing" | "too-large" | "unsupported",
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = "GitTrouble";
  }
}

export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** What an object says must be what its name stands for: else a damaged checkout would explain a drop. */
export function checkId(id: string, { type, data }: GitObject): void {
  const found = createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
  if (found !== id) throw new GitTrouble("damaged", `object ${id} is damaged`);
}

export function checkSize(id: string, type: GitType, bytes: number): void {
  if (bytes > MOST_BYTES[type])
    throw new GitTrouble("too-large", `${type} ${id} is too large (${bytes} bytes)`);
}
