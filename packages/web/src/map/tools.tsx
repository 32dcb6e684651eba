import { count } from "../lib/format.js";
import { Icon } from "../parts/icons.js";
import type { Graph } from "./graph.js";
import { saveSvg } from "./picture.js";
import { flip, setFolded, switches } from "./state.js";
import { scale, zoom } from "./zoom.js";

export function MapTools({ graph, arrange }: { graph: Graph; arrange: () => void }) {
  const { dns, host, deniedOnly } = switches.value;
  const open = graph.groups.filter(({ folded }) => !folded).map(({ key }) => key);
  const all = graph.groups.map(({ key }) => key);
  return (
    <div class="map-tools" role="toolbar" aria-label="What the map shows">
      <Switch on={dns} text="DNS" number={graph.dns} flip={() => flip("no-dns")} />
      <Switch on={host} text="Nodes" number={graph.host} flip={() => flip("no-host")} />
      <Switch on={deniedOnly} text="Only denied" flip={() => flip("denied")} />
      <span class="map-gap" />
      <button
        type="button"
        class="button"
        onClick={() => setFolded(all, open.length > 0)}
        disabled={all.length === 0}
      >
        {open.length > 0 ? "Fold all" : "Unfold all"}
      </button>
      <span class="map-zoom" role="group" aria-label="Size of the map">
        <button
          type="button"
          class="button square"
          aria-label="Smaller (-)"
          onClick={() => zoom(-1)}
        >
          −
        </button>
        <button
          type="button"
          class="button num"
          aria-label="As wide as the page (0)"
          title="As wide as the page (0)"
          onClick={() => (scale.chosen.value = 0)}
        >
          {Math.round(scale.current.value * 100)} %
        </button>
        <button type="button" class="button square" aria-label="Larger (+)" onClick={() => zoom(1)}>
          +
        </button>
      </span>
      <button type="button" class="button square" {...named("Arrange again")} onClick={arrange}>
        <Icon name="refresh" size={14} />
      </button>
      <button type="button" class="button square" {...named("Save the map as SVG")} onClick={save}>
        <Icon name="download" size={14} />
      </button>
    </div>
  );
}

function named(text: string): { title: string; "aria-label": string } {
  return { title: text, "aria-label": text };
}

function Switch(props: { on: boolean; text: string; number?: number; flip: () => void }) {
  return (
    <button
      type="button"
      class={props.on ? "button on" : "button"}
      aria-pressed={props.on}
      onClick={props.flip}
    >
      {props.on && <Icon name="check" size={12} />}
      {props.text}
      {props.number !== undefined && <span class="num dim">{count(props.number)}</span>}
    </button>
  );
}

function save(): void {
  const svg = document.querySelector<SVGSVGElement>(".map-svg");
  if (svg) saveSvg(svg, `map-${new Date().toISOString().replaceAll(":", "")}.svg`);
}
