import type { ManifestProblem } from "../objects.js";
import { readFullYaml } from "./full-yaml.js";
import { countLines, type Lines } from "./lines.js";
import { readPlainYaml } from "./plain-yaml.js";
import { Unusual } from "./scanner.js";
import { rootSlot, type Slot } from "./slot.js";
import { type DocumentRange, splitDocuments } from "./split.js";
import { MAX_DEPTH, MAX_LIST, MAX_OBJECT, tooLong, type Tree, UnreadableDocument } from "./tree.js";

/** One document that could be read. */
export interface SourceDocument {
  readonly root: Slot;
  readonly range: DocumentRange;
}

export interface SourceFile {
  readonly lines: Lines;
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly ManifestProblem[];
}

/** Documents of one file that are told of, and given to the slow reader for its opinion, when they cannot be read. */
const MAX_BROKEN = 100;

/**
 * Reads the documents of a file: YAML or JSON, one or many. Never throws; a
 * document that cannot be read becomes a problem, and its neighbours still count.
 */
export function readDocuments(text: string, file: string): SourceFile {
  const lines = countLines(text);
  const documents: SourceDocument[] = [];
  const problems: ManifestProblem[] = [];
  let broken = 0;
  for (const range of splitDocuments(text)) {
    try {
      const tree = readTree(text, range, broken < MAX_BROKEN);
      if (!tree) continue;
      documents.push({ root: rootSlot(tree, file, lines), range });
      for (const { key, offset } of tree.repeated) problems.push(twice(key, offset, file, lines));
    } catch (error) {
      if (++broken <= MAX_BROKEN) problems.push(unreadable(error, range, file, lines));
    }
  }
  if (broken > MAX_BROKEN) problems.push(manyMore(broken - MAX_BROKEN, file));
  return { lines, documents, problems };
}

/**
 * Undefined: nothing but comments. `thorough`: what the quick reader does not
 * know is tried with all of YAML. Throws UnreadableDocument.
 */
export function readTree(
  text: string,
  { start, end }: DocumentRange,
  thorough = true,
): Tree | undefined {
  if (end - start > MAX_LIST) throw tooLong(start);
  try {
    return readPlainYaml(text, start, end);
  } catch (error) {
    if (!(error instanceof Unusual)) throw error;
    if (!thorough) throw new UnreadableDocument("YAML", "not understood", error.offset);
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
    message: `the document cannot be read: ${known.message.slice(0, 200)}`,
    fix: fixes[known.code],
    place: { file, ...lines.at(known.offset), path: "" },
  };
}

function manyMore(count: number, file: string): ManifestProblem {
  return {
    code: "YAML",
    severity: "error",
    message: `${count} more documents of the file cannot be read`,
    fix: "Correct the ones that are named first; perhaps the file holds no manifests at all.",
    place: { file, line: 1, column: 1, path: "" },
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
