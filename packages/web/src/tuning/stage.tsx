import type { ReadinessStage } from "@dropscope/model";
import { READINESS_STAGES } from "@dropscope/model";
import { stageStep, STAGES } from "./words.js";

/** How far a namespace is, as steps and as a word. */
export function Stage({ stage }: { stage: ReadinessStage }) {
  const [word, meaning] = STAGES[stage];
  const step = stageStep(stage);
  return (
    <span class="stage" title={`${meaning} (${step} of ${READINESS_STAGES.length})`}>
      <svg width="50" height="8" viewBox="0 0 50 8" aria-hidden="true">
        {READINESS_STAGES.map((each, index) => (
          <rect
            class={index < step ? "full" : ""}
            x={index * 8.4 + 0.5}
            y="0.5"
            width="6.4"
            height="7"
            rx="1.5"
            key={each}
          />
        ))}
      </svg>
      <span>{word}</span>
    </span>
  );
}
