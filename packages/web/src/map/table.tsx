import type { MapAnswer, MapEdge, MapNode } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, perSecond, plural } from "../lib/format.js";
import { problemTarget } from "../lib/goto.js";
import { useSteady } from "../lib/steady.js";
import { Goto } from "../parts/goto.js";
import { Verdict } from "../parts/icons.js";
import { Empty } from "../parts/states.js";
import { PeerName } from "../parts/text.js";
import { flags } from "../state/flags.js";
import type { Switches } from "./graph.js";
import { isShown } from "./graph.js";
import { nodeText, pairFilter, portsText } from "./words.js";

const FIRST = 40;

/** The map in words: every connection, denied ones first. */
export function MapTable({ answer, switches }: { answer: MapAnswer; switches: Switches }) {
  const all = useSignal(false);
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const sorted = answer.edges
    .filter((edge) => isShown(edge, switches))
    .sort((a, b) => b.drops - a.drops || b.forwarded - a.forwarded || (a.id < b.id ? -1 : 1));
  const { items: edges, hold } = useSteady(sorted, ({ id }) => id);
  const visible = all.value ? edges : edges.slice(0, FIRST);
  return (
    <section class="panel" aria-label="Connections">
      <div class="panel-head">
        <h2>Connections</h2>
        <span class="dim panel-note">the map in words, denied first</span>
        {edges.length > FIRST && (
          <button type="button" class="link" onClick={() => (all.value = !all.value)}>
            {all.value ? `Show ${FIRST}` : `Show all ${count(edges.length)}`}
          </button>
        )}
      </div>
      {edges.length === 0 && <Empty title="No connection is left by these switches." />}
      {edges.length > 0 && (
        <table class="table cards map-table" {...hold}>
          <thead>
            <tr>
              <th scope="col">Client → server</th>
              <th scope="col">Ports</th>
              <th scope="col" class="right">
                Forwarded
              </th>
              <th scope="col" class="right">
                Denied
              </th>
              <th scope="col" class="right">
                Drops
              </th>
              <th scope="col">Problem</th>
            </tr>
          </thead>
          <tbody>
            {visible.map((edge) => (
              <Row edge={edge} nodes={nodes} key={edge.id} />
            ))}
          </tbody>
        </table>
      )}
      {answer.left > 0 && (
        <p class="pad dim">
          {plural(answer.left, "quiet connection")} without drops {answer.left === 1 ? "is" : "are"}{" "}
          left out; a filter shows them.
        </p>
      )}
    </section>
  );
}

function Row({ edge, nodes }: { edge: MapEdge; nodes: ReadonlyMap<string, MapNode> }) {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  const [problem] = edge.problems;
  const target =
    problem === undefined
      ? { place: "live" as const, filter: pairFilter(nodes, edge, flags.value) }
      : problemTarget(problem);
  const what = problem === undefined ? "Show the flows of" : "Open the problem of";
  return (
    <tr>
      <td class="cell-main">
        <Goto
          to={target}
          class="row-link"
          label={`${what} ${nodeText(nodes, edge.from)} to ${nodeText(nodes, edge.to)}`}
        >
          <Verdict name={edge.drops > 0 ? "DROPPED" : "FORWARDED"} bare />
          {from && <PeerName peer={from.peer} />}
          <span class="arrow" aria-hidden="true">
            →
          </span>
          {to && <PeerName peer={to.peer} />}
        </Goto>
      </td>
      <td class="mono num" data-label="Ports" title={portsText(edge.ports, 20)}>
        {portsText(edge.ports)}
      </td>
      <td class="right num" data-label="Forwarded">
        {edge.forwarded > 0 ? perSecond(edge.forwarded) : <span class="dim">–</span>}
      </td>
      <td class="right num" data-label="Denied">
        {edge.drops > 0 ? perSecond(edge.dropped) : <span class="dim">–</span>}
      </td>
      <td class="right num" data-label="Drops">
        {edge.drops > 0 ? (
          <span class="strong">{count(edge.drops)}</span>
        ) : (
          <span class="dim">–</span>
        )}
      </td>
      <td data-label="Problem">
        {edge.problems.length === 0 ? (
          <span class="dim">–</span>
        ) : (
          <span class="link">{plural(edge.problems.length, "problem")}</span>
        )}
      </td>
    </tr>
  );
}
