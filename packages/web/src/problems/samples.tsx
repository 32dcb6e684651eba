import type { FlowRow, ProblemAnswer } from "@dropscope/model";
import { clockMillis, exact, nsToMs, plural } from "../lib/format.js";
import { portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Verdict } from "../parts/icons.js";
import { Path, serverPort } from "../parts/text.js";
import { go, openFlow } from "../state/nav.js";
import { utc } from "../state/settings.js";

/** A few of its packets; a row opens everything about it. */
export function SampleFlows({ answer }: { answer: ProblemAnswer }) {
  const { flows } = answer;
  return (
    <section class="panel samples" aria-label="Sample flows">
      <div class="panel-head">
        <h2>Sample flows</h2>
        <span class="dim panel-note">
          {flows.length > 0 ? `the newest ${plural(flows.length, "one", "").trim()}` : ""}
        </span>
      </div>
      {flows.length === 0 ? (
        <p class="dim pad">Its flows are not stored any more; the explanation is.</p>
      ) : (
        <table class="table sample-table">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Verdict</th>
              <th scope="col">Source → destination</th>
              <th scope="col">Port</th>
              <th scope="col">Node</th>
            </tr>
          </thead>
          <tbody>
            {flows.map((row) => (
              <Sample row={row} key={row.uuid} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Sample({ row }: { row: FlowRow }) {
  const ms = nsToMs(row.timeNs);
  return (
    <tr class={openFlow.value === row.uuid ? "chosen" : ""}>
      <td class="mono num" title={exact(row.timeNs, utc.value)}>
        {clockMillis(ms, utc.value)}
      </td>
      <td>
        <Verdict name={row.verdict} />
      </td>
      <td class="cell-main">
        <button
          type="button"
          class="row-link"
          aria-label="Open this flow"
          onClick={() => go({ flow: row.uuid })}
        >
          <Path row={row} />
        </button>
      </td>
      <td class="mono num">{portText(serverPort(row), safe(row.protocol, 12))}</td>
      <td class="mono dim">{safe(row.node, 120)}</td>
    </tr>
  );
}
