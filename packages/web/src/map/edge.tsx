import { safe } from "../lib/safe.js";
import type { Route } from "./routes.js";

/** One link: what was forwarded as a line, what was denied dashed, with its number. The words are in the table. */
export function MapEdgeView(props: {
  route: Route;
  text: string;
  className?: string;
  dim: boolean;
  strong: boolean;
  onOpen: () => void;
  onPoint: (on: boolean) => void;
}) {
  const { route } = props;
  const classes = ["map-edge"];
  if (props.className) classes.push(props.className);
  if (props.dim) classes.push("away");
  if (props.strong) classes.push("strong-edge");
  return (
    <g
      class={classes.join(" ")}
      aria-hidden="true"
      onClick={props.onOpen}
      onPointerEnter={() => props.onPoint(true)}
      onPointerLeave={() => props.onPoint(false)}
    >
      <title>{safe(props.text, 600)}</title>
      <path class="map-edge-hit" d={route.denied || route.forwarded} />
      {route.forwarded !== "" && (
        <path
          class="map-line"
          d={route.forwarded}
          stroke-width={route.width}
          marker-end="url(#map-arrow)"
        />
      )}
      {route.denied !== "" && (
        <path
          class="map-denied"
          d={route.denied}
          stroke-width={route.deniedWidth}
          marker-end="url(#map-stop)"
        />
      )}
    </g>
  );
}

export function MapLabel(props: {
  route: Route;
  className?: string;
  dim: boolean;
  onOpen: () => void;
}) {
  const label = props.route.label;
  if (!label) return null;
  const classes = ["map-label"];
  if (props.className) classes.push(props.className);
  if (props.dim) classes.push("away");
  return (
    <g
      class={classes.join(" ")}
      aria-hidden="true"
      transform={`translate(${label.x - label.width / 2} ${label.y - 9})`}
      onClick={props.onOpen}
    >
      <rect width={label.width} height={18} rx={9} />
      <text x={label.width / 2} y={13} text-anchor="middle">
        {label.text}
      </text>
    </g>
  );
}
