import { EDGE_CHANGES } from "@dropscope/model";
import type { CompareAnswer, CompareSide, Edge, EdgeChange, EdgeSide } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, perSecond } from "../lib/format.js";
import { edgeFilter, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { Empty } from "../parts/states.js";
import { PeerName } from "../parts/text.js";
import { flags } from "../state/flags.js";
import { go, view } from "../state/nav.js";
import { KIND_TITLES, seconds, STATE_TITLES, STATE_VERDICTS } from "./words.js";

const FIRST = 40;
const ONLY = "only:";

/** Connections that differ, by what changed; a row leads to its flows. */
export function EdgeChanges({ answer }: { answer: CompareAnswer }) {
  const all = useSignal(false);
  const only = view.value.show.find((each) => each.startsWith(ONLY))?.slice(ONLY.length);
  const kinds = EDGE_CHANGES.filter((kind) => answer.counts[kind] > 0);
  const wanted = answer.edges.filter(({ change }) => only === undefined || change === only);
  const listed = all.value ? wanted : wanted.slice(0, FIRST);
  const left = EDGE_CHANGES.filter((kind) => only === undefined || kind === only).reduce(
    (sum, kind) => sum + answer.counts[kind],
    -wanted.length,
  );
  return (
    <section class="panel" aria-label="Connections that differ">
      <div class="panel-head list-tools">
        <h2>Connections that differ</h2>
        {kinds.map((kind) => {
          const on = only === kind;
          return (
            <button
              type="button"
              class={on ? "button on" : "button"}
              aria-pressed={on}
              key={kind}
              onClick={() => go({ show: on ? [] : [ONLY + kind] }, "replace")}
            >
              {on && <Icon name="check" size={12} />}
              {KIND_TITLES[kind]} <span class="num dim">{count(answer.counts[kind])}</span>
            </button>
          );
        })}
      </div>
      {wanted.length === 0 ? (
        <Empty title="The same connections, with the same verdicts.">
          <p class="dim">
            {answer.counts.same > 0
              ? `${count(answer.counts.same)} were seen in both ranges.`
              : "Neither range has any traffic under this filter."}
          </p>
        </Empty>
      ) : (
        <table class="table cards change-table">
          <thead>
            <tr>
              <th scope="col">Client and server</th>
              <th scope="col">Port</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((edge) => (
              <Row edge={edge} answer={answer} key={edge.id} />
            ))}
          </tbody>
        </table>
      )}
      {wanted.length > listed.length && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(wanted.length)}
          </button>
        </p>
      )}
      {wanted.length === listed.length && left > 0 && (
        <p class="pad dim">{count(left)} more; a filter narrows them down.</p>
      )}
    </section>
  );
}

function Row({ edge, answer }: { edge: EdgeChange; answer: CompareAnswer }) {
  const { client, server, protocol, port, before, after } = edge;
  // Where it was seen: of one that vanished only the earlier range has flows.
  const where = edge.change === "vanished" ? answer.before : answer.after;
  const shown = { verdict: "", source: client, destination: server, protocol, port, reason: "" };
  return (
    <tr>
      <td class="cell-main">
        <Goto
          to={{
            place: "live",
            filter: edgeFilter(shown as Edge, flags.value),
            range: { kind: "between", from: where.from, to: where.to },
          }}
          class="row-link"
        >
          <PeerName peer={client} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <span class="sr">to</span>
          <PeerName peer={server} />
        </Goto>
      </td>
      <td class="mono num" data-label="Port">
        {portText(port, safe(protocol, 12))}
      </td>
      <td data-label="Before">
        <State side={before} span={answer.before} />
      </td>
      <td data-label="After">
        <State side={after} span={answer.after} />
      </td>
    </tr>
  );
}

function State({ side, span }: { side: EdgeSide; span: CompareSide }) {
  if (side.state === "none") return <span class="dim">–</span>;
  const dropping = side.dropped > 0;
  const rate = (dropping ? side.dropped : side.forwarded + side.audited) / seconds(span);
  return (
    <span class="edge-state" title={dropping ? safe(reasonTitle(side.reason), 120) : undefined}>
      <Verdict name={STATE_VERDICTS[side.state]} bare />
      <span>{STATE_TITLES[side.state]}</span>
      <span class="num dim">{perSecond(rate)}</span>
    </span>
  );
}
