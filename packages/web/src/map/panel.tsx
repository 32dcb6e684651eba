import type { MapNode, MapProblem } from "@dropscope/model";
import { perSecond, plural } from "../lib/format.js";
import { problemTarget } from "../lib/goto.js";
import { portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { PeerName } from "../parts/text.js";
import { flags } from "../state/flags.js";
import { go, item as chosen } from "../state/nav.js";
import type { Graph, Item, Link } from "./graph.js";
import { choose } from "./state.js";
import { pairFilter, portsOf, problemsText, rateText } from "./words.js";

const MOST = 12;

interface Shown {
  graph: Graph;
  nodes: ReadonlyMap<string, MapNode>;
  problems: readonly MapProblem[];
}

/** What is chosen on the map, beside it. */
export function MapPanel({ graph, nodes, problems }: Shown) {
  const id = chosen.value;
  if (id === "") return null;
  const items = new Map(graph.groups.flatMap(({ items: all }) => all).map((i) => [i.id, i]));
  const link = graph.links.find((each) => each.id === id);
  const item = items.get(id);
  return (
    <aside class="map-panel" aria-label="What is chosen on the map">
      <button
        type="button"
        class="ghost map-panel-close"
        aria-label="Close (Esc)"
        onClick={closePanel}
      >
        <Icon name="close" size={14} />
      </button>
      {link && <OneLink link={link} items={items} nodes={nodes} problems={problems} />}
      {item && <OneItem item={item} items={items} links={graph.links} problems={problems} />}
      {!link && !item && (
        <p class="dim">
          What this link shows is not on the map now: it had no traffic in this range, or the filter
          leaves it out.
        </p>
      )}
    </aside>
  );
}

export function closePanel(): void {
  const id = chosen.peek();
  go({ item: "" }, "replace");
  document.querySelector<SVGElement>(`.map-svg [data-item="${CSS.escape(id)}"]`)?.focus();
}

function Name({ item }: { item: Item | undefined }) {
  if (!item) return <span class="dim">unknown</span>;
  return item.peer ? (
    <PeerName peer={item.peer} />
  ) : (
    <span class="mono strong">{safe(item.label, 300)}</span>
  );
}

function OneLink(props: {
  link: Link;
  items: ReadonlyMap<string, Item>;
  nodes: ReadonlyMap<string, MapNode>;
  problems: readonly MapProblem[];
}) {
  const { link, items, nodes } = props;
  const ports = portsOf(link.edges);
  const [edge] = link.edges;
  return (
    <>
      <h2 class="map-panel-title">
        <Name item={items.get(link.from)} />
        <span class="arrow">→</span>
        <Name item={items.get(link.to)} />
      </h2>
      <p>{rateText(link)}</p>
      <Problems ids={link.problems} known={props.problems} />
      <table class="table map-ports">
        <thead>
          <tr>
            <th scope="col">Port</th>
            <th scope="col" class="right">
              Forwarded
            </th>
            <th scope="col" class="right">
              Denied
            </th>
          </tr>
        </thead>
        <tbody>
          {ports.slice(0, MOST).map((port) => (
            <tr key={`${port.port}/${port.protocol}`}>
              <td class="mono num">{portText(port.port, safe(port.protocol, 12)) || "no port"}</td>
              <td class="right num">{port.forwarded > 0 ? perSecond(port.forwarded) : "–"}</td>
              <td class="right num">
                {port.dropped > 0 ? <span class="v-dropped">{perSecond(port.dropped)}</span> : "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {ports.length > MOST && <p class="dim">and {plural(ports.length - MOST, "more port")}</p>}
      {edge && link.edges.length === 1 && (
        <p>
          <Goto to={{ place: "live", filter: pairFilter(nodes, edge, flags.value) }}>
            Show its flows
          </Goto>
        </p>
      )}
      {link.edges.length > 1 && (
        <p class="dim">
          {plural(link.edges.length, "connection")}; unfold the namespaces to part them.
        </p>
      )}
    </>
  );
}

/** Each by what tells it from the others: who, where that differs, then port and cause. */
function Problems({ ids, known }: { ids: readonly string[]; known: readonly MapProblem[] }) {
  if (ids.length === 0) return null;
  const own = known.filter(({ id }) => ids.includes(id));
  const texts = problemsText(own);
  return (
    <div class="map-problems">
      <h3>{plural(ids.length, "problem")}</h3>
      <ul>
        {ids.slice(0, MOST).map((id) => (
          <li key={id}>
            <Goto to={problemTarget(id)} class="map-problem">
              <Verdict name="DROPPED" bare />
              <span>{texts.get(id) ?? "Open it"}</span>
            </Goto>
          </li>
        ))}
      </ul>
      {ids.length > MOST && <p class="dim">and {plural(ids.length - MOST, "more", "more")}</p>}
    </div>
  );
}

function OneItem(props: {
  item: Item;
  items: ReadonlyMap<string, Item>;
  links: readonly Link[];
  problems: readonly MapProblem[];
}) {
  const { item, items, links } = props;
  const out = links.filter(({ from }) => from === item.id);
  const into = links.filter(({ to }) => to === item.id);
  return (
    <>
      <h2 class="map-panel-title">
        <Name item={item} />
      </h2>
      <p>
        {perSecond(item.forwarded)} forwarded
        {item.dropped > 0 && <span class="v-dropped">, {perSecond(item.dropped)} denied</span>}
      </p>
      <Problems ids={item.problems} known={props.problems} />
      <Ends title="Connects to" links={out} items={items} end="to" />
      <Ends title="Is reached by" links={into} items={items} end="from" />
    </>
  );
}

function Ends(props: {
  title: string;
  links: readonly Link[];
  items: ReadonlyMap<string, Item>;
  end: "from" | "to";
}) {
  if (props.links.length === 0) return null;
  const sorted = props.links.toSorted((a, b) => b.drops - a.drops || b.forwarded - a.forwarded);
  return (
    <div class="map-ends">
      <h3>{props.title}</h3>
      <ul>
        {sorted.slice(0, MOST).map((link) => (
          <li key={link.id}>
            <button type="button" class="map-end" onClick={() => choose(link.id)}>
              <Verdict name={link.drops > 0 ? "DROPPED" : "FORWARDED"} bare />
              <Name item={props.items.get(link[props.end])} />
              <span class="num dim">{perSecond(link.forwarded + link.dropped)}</span>
            </button>
          </li>
        ))}
      </ul>
      {sorted.length > MOST && (
        <p class="dim">and {plural(sorted.length - MOST, "more", "more")}</p>
      )}
    </div>
  );
}
