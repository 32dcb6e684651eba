import type { ManifestProblem } from "../objects.js";
import { readFullYaml } from "./full-yaml.js";
import { readPlainYaml } from "./plain-yaml.js";
import { Unusual } from "./scanner.js";
import { countLines, type Lines } from "./lines.js";
import { rootSlot, type Slot } from "./slot.js";
import { type DocumentRange, splitDocuments } from "./split.js";
import { MAX_DEPTH, MAX_LIST, MAX_OBJECT, tooLong, type Tree, UnreadableDocument } from "./tree.js";

/** One document that could be read. */
export interface SourceDocument {
  readonly root: Slot;
  readonly range: DocumentRange;
}

export interface SourceFile {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly ManifestProblem[];
}

/**
 * Reads the documents of a file: YAML or JSON, one or many. Never throws; a
 * document that cannot be read becomes a problem, and its neighbours still count.
 */
export function readDocuments(text: string, file: string): SourceFile {
  const lines = countLines(text);
  const documents: SourceDocument[] = [];
  const problems: ManifestProblem[] = [];
  for (const range of splitDocuments(text)) {
    try {
      const tree = readTree(text, range);
      if (!tree) continue;
      documents.push({ root: rootSlot(tree, file, lines), range });
      for (const { key, offset } of tree.repeated) problems.push(twice(key, offset, file, lines));
    } catch (error) {
      problems.push(unreadable(error, range, file, lines));
    }
  }
  return { documents, problems };
}

export function readTree(text: string, { start, end }: DocumentRange): Tree | undefined {
  if (end - start > MAX_LIST) throw tooLong(start);
  try {
    return readPlainYaml(text, start, end);
  } catch (error) {
    if (!(error instanceof Unusual)) throw error;
    // The full reader is slow, so that it gets no more than one object's worth.
    if (end - start > MAX_OBJECT) throw tooLong(error.offset);
    return readFullYaml(text, start, end);
  }
}

const fixes = {
  YAML: "Correct the YAML (or JSON) there.",
  TOO_LARGE: "Split it into several documents, or write out what its aliases repeat.",
  TOO_DEEP: `Nest no more than ${MAX_DEPTH} deep: no Kubernetes object does.`,
};

function unreadable(
  error: unknown,
  range: DocumentRange,
  file: string,
  lines: Lines,
): ManifestProblem {
  // What the YAML library throws for input that it does not expect is a fault of the input too.
  const known =
    error instanceof UnreadableDocument
      ? error
      : new UnreadableDocument(
          error instanceof RangeError ? "TOO_DEEP" : "YAML",
          (error as Error).message.split("\n")[0]!,
          range.start,
        );
  return {
    code: known.code,
    severity: "error",
    message: `the document cannot be read: ${known.message}`,
    fix: fixes[known.code],
    place: { file, ...lines.at(known.offset), path: "" },
  };
}

function twice(key: string, offset: number, file: string, lines: Lines): ManifestProblem {
  return {
    code: "DUPLICATE",
    severity: "warning",
    message: `the key ${JSON.stringify(key.slice(0, 80))} stands twice in one map; the last one counts`,
    fix: "Keep one of them; two entries of a list each need their own `-`.",
    place: { file, ...lines.at(offset), path: "" },
  };
}
