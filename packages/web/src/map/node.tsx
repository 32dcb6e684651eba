import { cutMiddle } from "../lib/cut.js";
import { plural } from "../lib/format.js";
import { peerText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import type { Group, Item } from "./graph.js";
import type { Box } from "./layout.js";
import { rateText } from "./words.js";

/** 12 px mono, and room for the mark at the end. */
const CHAR = 7.25;

export interface NodeProps {
  item: Item;
  group: Group;
  box: Box;
  /** Beside what is chosen or under the pointer. */
  dim: boolean;
  /** What is said of an item that has drops. */
  dropsSaid: string;
  chosen: boolean;
  /** The one that Tab reaches; arrow keys go on from it. */
  reachable: boolean;
  onOpen: () => void;
  onFocus: () => void;
  onPoint: (on: boolean) => void;
}

export function MapNodeView(props: NodeProps) {
  const { item, group, box } = props;
  const whole = safe(item.peer ? peerText(item.peer) : item.label, 300);
  const room = Math.floor((box.width - 24 - (item.dropped > 0 ? 16 : 0)) / CHAR);
  const folded = group.folded;
  const said = `${whole}${folded ? `, ${plural(group.size, "node")}, folded` : ""}: ${rateText({ ...item, drops: 0 })}${item.dropped > 0 ? `, ${props.dropsSaid}` : ""}`;
  const classes = ["map-node"];
  if (folded) classes.push("folded");
  if (item.dropped > 0) classes.push("hit");
  if (props.dim) classes.push("away");
  if (props.chosen) classes.push("chosen");
  if (item.peer && item.peer.kind !== "workload") classes.push("other");
  return (
    <g
      class={classes.join(" ")}
      transform={`translate(${box.x} ${box.y})`}
      role="button"
      tabIndex={props.reachable ? 0 : -1}
      data-item={item.id}
      aria-label={said}
      aria-pressed={folded ? undefined : props.chosen}
      aria-expanded={folded ? false : undefined}
      onClick={props.onOpen}
      onFocus={props.onFocus}
      onPointerEnter={() => props.onPoint(true)}
      onPointerLeave={() => props.onPoint(false)}
    >
      <title>{whole}</title>
      {folded && (
        <rect
          class="map-stack"
          x={4}
          y={5}
          width={box.width - 8}
          height={box.height}
          rx={7}
          aria-hidden="true"
        />
      )}
      <rect class="map-node-box" width={box.width} height={box.height} rx={6} />
      <text class="map-name" x={12} y={folded ? 19 : 19.5}>
        {safe(cutMiddle(item.label, room), 80)}
      </text>
      {folded && (
        <text class="map-small" x={12} y={34}>
          {plural(group.size, group.namespace ? "workload" : "end")}
        </text>
      )}
      {item.dropped > 0 && (
        <path
          class="map-cross"
          d="M2.8 2.8l6.4 6.4M9.2 2.8l-6.4 6.4"
          transform={`translate(${box.width - 22} ${folded ? 8 : 9})`}
        />
      )}
    </g>
  );
}

export function MapGroupView(props: { group: Group; box: Box; onFold: () => void }) {
  const { group, box } = props;
  const room = Math.floor((box.width - 76) / CHAR);
  return (
    <g transform={`translate(${box.x} ${box.y})`}>
      <rect
        class={group.namespace ? "map-group" : "map-group apart"}
        width={box.width}
        height={box.height}
        rx={9}
      />
      <g
        class="map-group-head"
        role="button"
        tabIndex={-1}
        aria-label={`Fold ${safe(group.label, 300)}`}
        aria-expanded="true"
        onClick={props.onFold}
      >
        <title>{`Fold ${safe(group.label, 300)} into one (f)`}</title>
        <rect class="map-hit" width={box.width} height={28} />
        <path class="map-chevron" d="M4 6l4 4 4-4" transform="translate(10 7)" />
        <text class="map-group-name" x={30} y={20}>
          {safe(cutMiddle(group.label, room), 80)}
        </text>
        <text class="map-small" x={box.width - 12} y={20} text-anchor="end">
          {group.size}
        </text>
      </g>
    </g>
  );
}
