import type { EdgeTold, LeftOut, SuggestionAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, plural } from "../lib/format.js";
import { peerText, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Icon, Verdict } from "../parts/icons.js";
import { Ago, PeerName } from "../parts/text.js";
import { choices, include } from "./scope.js";
import { LEFT_OUT } from "./words.js";

const FIRST = 12;
const VERDICTS = { forwarded: "FORWARDED", dropped: "DROPPED", audited: "AUDIT" } as const;

/** What was included, by id: the answer that allows it no longer lists it. */
const known = new Map<string, string>();

/** Traffic that the proposal does not allow, and why; each is one click from being allowed. */
export function LeftOutPanel({ answer }: { answer: SuggestionAnswer }) {
  const all = useSignal(false);
  const { leftOut, leftOutMore } = answer;
  const included = choices.value.include;
  if (leftOut.length === 0 && included.length === 0) return null;
  const listed = all.value ? leftOut : leftOut.slice(0, FIRST);
  return (
    <section class="panel left-out" aria-label="Left out">
      <div class="panel-head">
        <h2>Left out</h2>
        <span class="dim panel-note">
          seen, and not allowed by the proposal; what is wanted can be included
        </span>
      </div>
      {included.length > 0 && (
        <p class="included">
          <span class="dim">Included by choice:</span>
          {included.map((id) => (
            <button type="button" class="button on" key={id} onClick={() => include(id, false)}>
              {safe(known.get(id) ?? id, 160)} <Icon name="close" size={12} />
              <span class="sr">Leave out again</span>
            </button>
          ))}
        </p>
      )}
      {listed.length > 0 && (
        <table class="table cards left-table">
          <thead>
            <tr>
              <th scope="col">Client → server</th>
              <th scope="col">Why</th>
              <th scope="col" class="right">
                Flows
              </th>
              <th scope="col" class="right">
                Last seen
              </th>
              <th scope="col">
                <span class="sr">Include</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {listed.map((each) => (
              <Row left={each} key={each.edge.id} />
            ))}
          </tbody>
        </table>
      )}
      {leftOut.length > listed.length && (
        <p class="pad pad-top">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(leftOut.length)}
          </button>
        </p>
      )}
      {leftOut.length === listed.length && leftOutMore > 0 && (
        <p class="pad pad-top dim">{count(leftOutMore)} more; one workload narrows them down.</p>
      )}
    </section>
  );
}

/** `It was dropped.` says no more than the word for it. */
function isSame({ why, says }: LeftOut): boolean {
  return says.replace(/^It |\.$/g, "") === LEFT_OUT[why];
}

function edgeText({ client, server, port, protocol }: EdgeTold): string {
  return `${peerText(client)} → ${peerText(server)} ${portText(port, safe(protocol, 12))}`;
}

function Row({ left }: { left: LeftOut }) {
  const { edge } = left;
  return (
    <tr>
      <td class="cell-main">
        <span class="left-edge">
          <Verdict name={VERDICTS[edge.outcome]} bare />
          <PeerName peer={edge.client} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <span class="sr">to</span>
          <PeerName peer={edge.server} />
          <span class="mono num">{portText(edge.port, safe(edge.protocol, 12))}</span>
        </span>
      </td>
      <td data-label="Why" class="cell-why" title={safe(left.says, 600)}>
        <span>{LEFT_OUT[left.why]}</span>{" "}
        {!isSame(left) && <span class="dim">{safe(left.says, 400)}</span>}
      </td>
      <td data-label="Flows" class="right num">
        <span>{count(edge.flows)}</span> <span class="dim">· {plural(edge.pods, "pod")}</span>
      </td>
      <td data-label="Last seen" class="right">
        <Ago at={edge.lastSeen} />
      </td>
      <td class="right cell-do">
        <button
          type="button"
          class="button"
          aria-label={`Include ${edgeText(edge)}`}
          onClick={() => {
            known.set(edge.id, edgeText(edge));
            include(edge.id, true);
          }}
        >
          <Icon name="plus" size={12} /> Include
        </button>
      </td>
    </tr>
  );
}
