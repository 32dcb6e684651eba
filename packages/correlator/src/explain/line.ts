import type { DropExplanation } from "@dropscope/model";

/** What `dropscope explain -o json` prints for a flow: these fields, in this order. */
export type ExplanationLine = Pick<
  DropExplanation,
  | "uuid"
  | "time"
  | "direction"
  | "outcome"
  | "selecting"
  | "denying"
  | "nearest"
  | "agreement"
  | "sentence"
>;

export function explanationLine(explanation: DropExplanation): ExplanationLine {
  const { uuid, time, direction, outcome, selecting, denying, nearest, agreement, sentence } =
    explanation;
  return { uuid, time, direction, outcome, selecting, denying, nearest, agreement, sentence };
}
