import type { CompareAnswer, CountChange } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { Verdict } from "../parts/icons.js";
import { factorText, rateText, seconds } from "./words.js";

/** Drops a second by reason, and flows a second by verdict, in both ranges. */
export function Reasons({ answer }: { answer: CompareAnswer }) {
  return (
    <div class="compare-side">
      <Rates
        title="Drops by reason"
        rows={answer.reasons}
        answer={answer}
        none="No drops in either range."
        name={(key) => safe(reasonTitle(key), 80)}
      />
      <Rates
        title="Flows by verdict"
        rows={answer.verdicts}
        answer={answer}
        none="No flows in either range."
        name={(key) => <Verdict name={key} />}
      />
    </div>
  );
}

function Rates(props: {
  title: string;
  rows: readonly CountChange[];
  answer: CompareAnswer;
  none: string;
  name: (key: string) => ComponentChildren;
}) {
  const { rows, answer } = props;
  const { before, after } = answer;
  return (
    <section class="panel" aria-label={props.title}>
      <div class="panel-head">
        <h2>{props.title}</h2>
      </div>
      {rows.length === 0 ? (
        <p class="pad dim">{props.none}</p>
      ) : (
        <table class="table rate-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr">{props.title}</span>
              </th>
              <th scope="col" class="right">
                Before
              </th>
              <th scope="col" class="right">
                After
              </th>
              <th scope="col" class="right">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <td title={safe(row.key, 80)}>{props.name(row.key)}</td>
                <td class="right num">{rateText(row.before, before)}</td>
                <td class="right num">{rateText(row.after, after)}</td>
                <td class="right num dim">
                  {factorText(row.before / seconds(before), row.after / seconds(after))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
