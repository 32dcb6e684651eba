import type { SuggestionAnswer } from "@dropscope/model";
import { Document, parse } from "yaml";
import { compare } from "./group.js";

export interface FolderFile {
  /** Below the folder, with `/` between. */
  readonly path: string;
  readonly text: string;
}

/** First line of a kustomization that was written here: only such a folder is written again. */
export const FOLDER_MARK = "# Written by dropscope policy suggest: --out writes it anew.";

/** Paths that this module makes: of no other file is it known whose it is. */
const OWN_PATH = /^(?:[a-z0-9][-a-z0-9.]*\/)?[a-z0-9][-a-z0-9.]*\.yaml$/;

/**
 * What of an earlier proposal is no longer proposed: `kubectl apply -f` would apply it all the same.
 * @param before text of the kustomization that the folder has
 * @returns paths, as in `folderOf`; none of a kustomization that was not written here, or that cannot be read
 */
export function staleFiles(before: string, files: readonly FolderFile[]): string[] {
  if (!before.startsWith(FOLDER_MARK)) return [];
  let listed: unknown;
  try {
    listed = (parse(before) as { resources?: unknown } | null)?.resources;
  } catch {
    return [];
  }
  const kept = new Set(files.map(({ path }) => path));
  const paths = Array.isArray(listed) ? (listed as unknown[]) : [];
  return paths.filter(
    (path): path is string => typeof path === "string" && OWN_PATH.test(path) && !kept.has(path),
  );
}

/**
 * The policies as a folder for `kubectl apply -k`: a file each, and a kustomization that lists them. The files
 * hold nothing to be filled in, so a Helm chart can take them as templates too.
 */
export function folderOf({ policies }: Pick<SuggestionAnswer, "policies">): FolderFile[] {
  const spaces = new Set(policies.map(({ policy }) => policy.namespace));
  const files = policies.map(({ policy: { namespace, name }, yaml }): FolderFile => {
    const file = `${name === "kustomization" ? "kustomization-policy" : name}.yaml`;
    return { path: spaces.size > 1 ? `${namespace}/${file}` : file, text: yaml };
  });
  const kustomization = new Document({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: files.map(({ path }) => path).toSorted(compare),
  });
  return [
    { path: "kustomization.yaml", text: `${FOLDER_MARK}\n${kustomization.toString()}` },
    ...files,
  ];
}
