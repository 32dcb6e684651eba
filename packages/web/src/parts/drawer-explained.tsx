import type { ExplanationAnswer, FlowDetail } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { problemTarget } from "../lib/goto.js";
import { WantedGot } from "../problems/nearest.js";
import { plain } from "../problems/words.js";
import { useAsked } from "../state/asked.js";
import { Goto } from "./goto.js";

const EXPLAINED: ReadonlySet<string> = new Set(["DROPPED", "AUDIT"]);

/** What the policies of its own time say to a dropped flow, and the problem that it is part of. */
export function DrawerExplained({ found }: { found: FlowDetail }) {
  const uuid = useSignal("");
  uuid.value = EXPLAINED.has(found.row.verdict) ? found.row.uuid : "";
  const asked = useAsked<ExplanationAnswer>(() =>
    uuid.value === ""
      ? undefined
      : {
          path: `flows/${encodeURIComponent(uuid.value)}/explanation`,
          query: {},
          about: uuid.value,
        },
  );
  const { answer } = asked.value;
  // A flow that is not explained says so by saying nothing here: what Hubble told stands below.
  if (uuid.value === "" || !answer?.explanation) return null;
  const { explanation, problem } = answer;
  return (
    <section class="block explained" aria-label="Explanation">
      <h3>In one sentence</h3>
      <p class="strong">{plain(explanation.sentence)}</p>
      {explanation.nearest && explanation.nearest.failed.length > 0 && (
        <WantedGot nearest={explanation.nearest} />
      )}
      {explanation.next !== "" && (
        <p class="next">
          <span class="strong">Next:</span> {plain(explanation.next)}
        </p>
      )}
      {problem !== "" && (
        <p>
          <Goto to={problemTarget(problem)}>Open the problem, with its policies and a patch</Goto>
        </p>
      )}
    </section>
  );
}
