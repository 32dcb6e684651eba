import { formatTimeNs } from "@dropscope/model";
import type { BundledExplained, BundleQuery, BundleReader } from "@dropscope/store";
import { SECTION_EXPLANATIONS } from "../format.js";
import type { Redactor } from "../redact/redactor.js";
import type { ExplanationBody } from "../redact/told.js";

/** Texts that are kept in case a later problem has the same. */
const MOST_TEXTS = 2_000;

/**
 * Explained flows, problem by problem. A section begins with the problem's id; each explanation
 * stands once in it, before the first flow that it explains:
 *
 *     {"problem":"00f1…"}
 *     {"id":1,"explanation":{…}}
 *     {"time":"…","uuid":"…","explanation":1,…}
 */
export async function* explanationLines(
  reader: BundleReader,
  query: BundleQuery,
  redactor: Redactor,
  counts: { explained: number },
): AsyncIterable<string> {
  const texts = new Map<string, string>();
  const ids = new Map<string, number>();
  let problem = "";
  for await (const rows of reader.explained(query)) {
    await loadTexts(reader, query, rows, texts, problem === rows[0]?.problem ? ids : new Map());
    for (const row of rows) {
      if (row.problem !== problem || ids.size >= SECTION_EXPLANATIONS) {
        problem = row.problem;
        ids.clear();
        yield `${JSON.stringify({ problem: redactor.id(problem) })}\n`;
      }
      let id = ids.get(row.hash);
      if (id === undefined) {
        const text = texts.get(row.hash) ?? (await oneText(reader, query, row));
        // Its retention ended while it was read.
        if (text === undefined) continue;
        ids.set(row.hash, (id = ids.size + 1));
        const explanation = redactor.explanation(JSON.parse(text) as ExplanationBody);
        yield `${JSON.stringify({ id, explanation })}\n`;
      }
      counts.explained += 1;
      yield flowLine(row, id, redactor);
    }
    for (const hash of texts.keys()) {
      if (texts.size <= MOST_TEXTS) break;
      texts.delete(hash);
    }
  }
}

async function loadTexts(
  reader: BundleReader,
  query: BundleQuery,
  rows: readonly BundledExplained[],
  texts: Map<string, string>,
  said: ReadonlyMap<string, number>,
): Promise<void> {
  const missing = new Set<string>();
  const problems = new Set<string>();
  for (const { hash, problem } of rows)
    if (!texts.has(hash) && !said.has(hash)) {
      missing.add(hash);
      problems.add(problem);
    }
  const found = await reader.explanations([...problems], [...missing], query);
  for (const [hash, text] of found) texts.set(hash, text);
}

async function oneText(
  reader: BundleReader,
  query: BundleQuery,
  { problem, hash }: BundledExplained,
): Promise<string | undefined> {
  return (await reader.explanations([problem], [hash], query)).get(hash);
}

function flowLine(row: BundledExplained, explanation: number, redactor: Redactor): string {
  return `${JSON.stringify({
    time: formatTimeNs(row.timeNs),
    uuid: row.uuid,
    explanation,
    told: row.told,
    weight: row.weight,
    source_namespace: redactor.name(row.sourceNamespace),
    destination_namespace: redactor.name(row.destinationNamespace),
    pod: redactor.name(row.pod),
    peer: redactor.name(row.peer),
    node: redactor.node(row.node),
  })}\n`;
}
