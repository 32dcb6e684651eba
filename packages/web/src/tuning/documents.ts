/** The documents of a YAML text, and their difference from what is in force. Pure. */
import type { PolicyName } from "@dropscope/model";
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from "diff";

export interface Document {
  /** Empty parts where the text does not say them in the usual place. */
  readonly policy: PolicyName;
  readonly text: string;
}

/** Documents that say something; `namespace` is that of those that name none. */
export function documentsOf(yaml: string, namespace: string): Document[] {
  return yaml
    .split(/^---(?=\s|$).*\n?/m)
    .filter((text) => /^\s*[^#\s]/m.test(text))
    .map((text) => ({ policy: nameIn(text, namespace), text }));
}

function nameIn(text: string, namespace: string): PolicyName {
  const kind = /^kind:[ \t]*["']?([\w.-]+)/m.exec(text)?.[1] ?? "";
  const block =
    /^metadata:[ \t]*(?:#.*)?\n((?:[ \t]+.*\n?|[ \t]*\n|#.*\n?)+)/m.exec(text)?.[1] ?? "";
  const lines = block.split("\n").filter((line) => /^\s*[^#\s]/.test(line));
  // Labels and annotations may have a name too: only the outermost keys count.
  const depth = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  const valueOf = (key: string): string | undefined => {
    const line = lines.find((each) => each.slice(depth).startsWith(`${key}:`));
    return /:[ \t]*["']?([\w.-]+)/.exec(line ?? "")?.[1];
  };
  const own = kind.includes("Clusterwide") || kind.endsWith("AdminNetworkPolicy");
  return {
    kind,
    namespace: own || kind === "ClusterNetworkPolicy" ? "" : (valueOf("namespace") ?? namespace),
    name: valueOf("name") ?? "",
  };
}

/** A name for each document's file, no two the same. */
export function fileNames(documents: readonly Document[]): string[] {
  const taken = new Set<string>();
  return documents.map(({ policy }, index) => {
    const name = policy.name === "" ? `policy-${index + 1}` : policy.name;
    const wanted = [name, `${name}-${policy.kind.toLowerCase()}`, `${name}-${index + 1}`];
    const free = wanted.find((each) => !taken.has(each)) ?? `policy-${index + 1}`;
    taken.add(free);
    return `${free}.yaml`;
  });
}

/** A unified diff that `git apply` and `patch -p1` take; without a text before, of a new file. Empty when both are one. */
export function patchOf(file: string, before: string | undefined, after: string): string {
  const [from, to] = [ended(before ?? ""), ended(after)];
  if (from === to) return "";
  const patch = structuredPatch(
    before === undefined ? "/dev/null" : `a/${file}`,
    `b/${file}`,
    from,
    to,
    undefined,
    undefined,
    { context: 3 },
  );
  return formatPatch(patch, FILE_HEADERS_ONLY);
}

/** Without the line breaks that only stood between two documents. */
function ended(text: string): string {
  const trimmed = text.replace(/^\n+/, "").trimEnd();
  return trimmed === "" ? "" : `${trimmed}\n`;
}
