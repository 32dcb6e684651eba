import type { ProblemRow, ProblemsAnswer } from "@dropscope/model";
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { count, plural, shortCount } from "../lib/format.js";
import { problemTarget } from "../lib/goto.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { Goto } from "../parts/goto.js";
import { Verdict } from "../parts/icons.js";
import { Ago } from "../parts/text.js";
import { Sparkline } from "./sparkline.js";
import { State } from "./state.js";
import { changeText, pathText, perMinute, policyText, reasonText } from "./words.js";

export function ProblemTable(props: {
  title: string;
  rows: readonly ProblemRow[];
  list: Pick<ProblemsAnswer, "problems">;
  /** The pointer is over the rows: they keep their places. */
  over?: Signal<boolean>;
  actions?: ComponentChildren;
}) {
  const { rows, over } = props;
  const most = Math.max(1, ...props.list.problems.flatMap(({ trend }) => trend));
  return (
    <section class="panel problems" aria-label={props.title}>
      <div class="panel-head">
        <h2>{props.title}</h2>
        <span class="dim panel-note num">{count(rows.length)}</span>
        {props.actions}
      </div>
      <table
        class="table problem-table"
        onPointerEnter={(event) => {
          if (over) over.value = event.pointerType !== "touch";
        }}
        onPointerLeave={() => {
          if (over) over.value = false;
        }}
      >
        <thead>
          <tr>
            <th scope="col">Problem</th>
            <th scope="col">State</th>
            <th scope="col">Drops over time</th>
            <th scope="col" class="right" title="Over the last five minutes">
              Rate
            </th>
            <th scope="col" class="right">
              Drops
            </th>
            <th scope="col" class="right" title="Affected pods, and the nodes they run on">
              Reach
            </th>
            <th scope="col" class="right">
              First seen
            </th>
            <th scope="col" class="right">
              Last seen
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row row={row} most={most} key={row.id} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row, most }: { row: ProblemRow; most: number }) {
  const [policy, ...more] = row.policies;
  return (
    <tr class={`problem state-${row.state}`}>
      <td class="cell-problem">
        <Goto to={problemTarget(row.id)} class="row-link problem-link">
          <Verdict name={row.audited ? "AUDIT" : "DROPPED"} bare />
          <span class="problem-text">
            <span class="problem-path">{pathText(row)}</span>
            <span class="problem-sentence">{reasonText(row.sentence)}</span>
            <span class="problem-facts dim">
              <span>{safe(reasonTitle(row.reason), 60)}</span>
              {policy && (
                <span class="mono">
                  {policyText(policy)}
                  {more.length > 0 && ` +${more.length}`}
                </span>
              )}
              {row.change && <span class="changed">{changeText(row.change, row)}</span>}
              {row.dns.length > 0 && <span>breaks name lookups</span>}
            </span>
          </span>
        </Goto>
      </td>
      <td class="cell-state">
        <State state={row.state} />
      </td>
      <td class="cell-spark">
        <Sparkline
          counts={row.trend}
          most={most}
          label={`${plural(
            row.trend.reduce((sum, one) => sum + one, 0),
            "drop",
          )} in the time shown`}
        />
      </td>
      <td class="right num" data-label="Rate">
        <span class={row.rate > 0 ? "strong" : "dim"}>{perMinute(row.rate)}</span>
      </td>
      <td class="right num" data-label="Drops" title={count(row.count)}>
        {shortCount(row.count)}
      </td>
      <td class="right num cell-reach" data-label="Reach">
        {plural(row.podCount, "pod")}
        {row.nodeCount > 1 && <span class="dim"> · {plural(row.nodeCount, "node")}</span>}
      </td>
      <td class="right cell-first" data-label="First seen">
        <Ago at={Date.parse(row.firstSeen)} />
      </td>
      <td class="right" data-label="Last seen">
        <Ago at={Date.parse(row.lastSeen)} />
      </td>
    </tr>
  );
}
