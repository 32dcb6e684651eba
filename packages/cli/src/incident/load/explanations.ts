import { parseTimeNs } from "@dropscope/model";
import { createCorrelatorStore, type ExplainedRow, type ProblemMinute } from "@dropscope/store";
import { valuesOf } from "../archive/lines.js";
import { damaged } from "../errors.js";
import { FILES, SECTION_EXPLANATIONS } from "../format.js";
import type { ExplanationBody } from "../redact/told.js";
import type { LoadTask } from "./load.js";
import { pieceBatch, piecesOf } from "./piece.js";
import { ExplanationLine, MinuteLine } from "./schemas.js";

const ROWS = 20_000;

interface Known {
  readonly body: ExplanationBody;
  readonly text: string;
}

/** @returns how many flows are explained */
export async function loadExplanations({ bundle, store, signal }: LoadTask): Promise<number> {
  const writer = createCorrelatorStore(store.client);
  let loaded = 0;
  for await (const rows of piecesOf(rowsOf(), ROWS)) {
    signal.throwIfAborted();
    const batch = pieceBatch(rows.length);
    const own = rows.map((row) => Object.assign(row, { batch: batch.id }));
    await writer.addExplanations([{ batch, rows: own }]);
    loaded += rows.length;
  }
  return loaded;

  async function* rowsOf(): AsyncIterable<ExplainedRow[]> {
    const known = new Map<number, Known>();
    let problem = "";
    for await (const lines of valuesOf(bundle, FILES.explanations, ExplanationLine)) {
      const rows: ExplainedRow[] = [];
      for (const line of lines) {
        if ("problem" in line) {
          ({ problem } = line);
          known.clear();
        } else if ("id" in line) {
          if (known.size >= SECTION_EXPLANATIONS) throw broken("a section that is longer than any");
          known.set(line.id, { body: line.explanation, text: JSON.stringify(line.explanation) });
        } else {
          const told = known.get(line.explanation);
          if (told === undefined || problem === "") throw broken("a flow before what explains it");
          rows.push({
            batch: 0n,
            timeNs: parseTimeNs(line.time) ?? 0n,
            uuid: line.uuid,
            problem,
            told: line.told,
            weight: line.weight,
            outcome: told.body.outcome,
            agreement: told.body.agreement,
            sourceNamespace: line.source_namespace,
            destinationNamespace: line.destination_namespace,
            pod: line.pod,
            peer: line.peer,
            node: line.node,
            explanation: told.text,
          });
        }
      }
      yield rows;
    }
  }

  function broken(what: string) {
    return damaged(bundle.path, `${FILES.explanations} has ${what}`);
  }
}

export async function loadMinutes({ bundle, store, signal }: LoadTask): Promise<void> {
  const writer = createCorrelatorStore(store.client);
  for await (const minutes of piecesOf(minutesOf(), ROWS)) {
    signal.throwIfAborted();
    await writer.addMinutes(pieceBatch(0), minutes);
  }

  async function* minutesOf(): AsyncIterable<ProblemMinute[]> {
    for await (const lines of valuesOf(bundle, FILES.minutes, MinuteLine))
      yield lines.flatMap(({ problem, minutes }) =>
        minutes.map(([seconds, drops, verdicts]) => ({
          problem,
          minute: seconds * 1000,
          drops,
          verdicts,
        })),
      );
  }
}
