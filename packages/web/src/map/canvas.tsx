import type { MapNode } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { item as opened } from "../state/nav.js";
import { MapEdgeView, MapLabel } from "./edge.js";
import type { Graph, Link } from "./graph.js";
import type { Layout } from "./layout.js";
import { MapGroupView, MapNodeView } from "./node.js";
import { routesOf } from "./routes.js";
import { choose, setFolded } from "./state.js";
import { dropsText, nodeText, portsOf, portsText, rateText } from "./words.js";
import { scale, zoom } from "./zoom.js";

export interface CanvasProps {
  graph: Graph;
  layout: Layout;
  nodes: ReadonlyMap<string, MapNode>;
  openLink: (link: Link) => void;
  /** What is chosen, where that is not what is open in the URL. */
  chosen?: string;
  choose?: (id: string) => void;
  /** How links look and read, where they say something else than their rates. */
  look?: LinkLook;
}

export interface LinkLook {
  /** The text on a line; "" for none. */
  label: (link: Link) => string;
  title: (link: Link) => string;
  className: (link: Link) => string;
  /** Of an item that has drops: `has denied traffic`. */
  drops: string;
}

/** So many lines are drawn fainter, or they would be one. */
const DENSE = 120;

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture. One stop for Tab; arrow keys walk it, Enter opens, `f` folds. The table below says the same. */
export function MapCanvas({ graph, layout, nodes, openLink, look, ...own }: CanvasProps) {
  const chosen = own.chosen ?? opened.value;
  const box = useRef<HTMLDivElement>(null);
  const pointed = useSignal("");
  const at = useSignal("");
  const width = useSignal(0);
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) width.value = entry.contentRect.width;
    });
    // Not its own width: the panel beside it must not arrange the picture anew.
    watch.observe(place.parentElement ?? place);
    return () => watch.disconnect();
  }, [width]);
  const room = width.value;
  useEffect(() => scale.fit(room, layout.width), [layout.width, room]);

  const groups = new Map(graph.groups.map((group) => [group.key, group]));
  const items = graph.groups.flatMap(({ items: all }) => all);
  const routes = routesOf(graph.links, layout, look?.label ?? dropsText);
  const focus = pointed.value || chosen;
  const near = neighbours(graph, focus);
  const first = layout.columns[0]?.[0] ?? "";
  const reachable = layout.items.has(at.value) ? at.value : first;

  function open(id: string): void {
    const group = graph.groups.find((each) => each.folded && each.items[0]?.id === id);
    if (group) setFolded([group.key], false);
    else (own.choose ?? choose)(id);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = ARROWS[event.key];
    const home = items.find(({ id }) => id === reachable);
    if (move) {
      const next = step(layout, reachable, move);
      at.value = next;
      requestAnimationFrame(() => {
        box.current?.querySelector<SVGElement>(`[data-item="${CSS.escape(next)}"]`)?.focus();
      });
    } else if (event.key === "Enter" || event.key === " ") open(reachable);
    else if (event.key === "f" && home) setFolded([home.group], !groups.get(home.group)?.folded);
    else if (event.key === "+" || event.key === "=") zoom(1);
    else if (event.key === "-") zoom(-1);
    else if (event.key === "0") scale.chosen.value = 0;
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const z = scale.current.value;
  return (
    <div
      class="map-canvas"
      ref={box}
      onPointerDown={(event) => drag(event, box.current)}
      onWheel={(event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoom(event.deltaY < 0 ? 1 : -1);
      }}
    >
      <svg
        class={graph.links.length > DENSE ? "map-svg dense" : "map-svg"}
        width={layout.width * z}
        height={layout.height * z}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label="Map of who talks to whom. Arrow keys walk, Enter opens, f folds a namespace. The table below says the same."
        onKeyDown={onKeyDown}
      >
        <Markers />
        {graph.groups.map((group) => {
          const place = layout.groups.get(group.key);
          if (!place) return null;
          return (
            <MapGroupView
              key={group.key}
              group={group}
              box={place}
              onFold={() => setFolded([group.key], true)}
            />
          );
        })}
        {routes.map((route) => (
          <MapEdgeView
            key={route.link.id}
            route={route}
            text={linkText(route.link, nodes, look?.title ?? rateText)}
            {...(look && { className: look.className(route.link) })}
            dim={focus !== "" && !near.links.has(route.link.id)}
            strong={focus !== "" && near.links.has(route.link.id)}
            onOpen={() => openLink(route.link)}
            onPoint={(on) => (pointed.value = on ? route.link.id : "")}
          />
        ))}
        {items.map((item) => {
          const place = layout.items.get(item.id);
          const group = groups.get(item.group);
          if (!place || !group) return null;
          return (
            <MapNodeView
              key={item.id}
              item={item}
              group={group}
              box={place}
              dim={focus !== "" && !near.items.has(item.id)}
              dropsSaid={look?.drops ?? "has denied traffic"}
              chosen={item.id === chosen}
              reachable={item.id === reachable}
              onOpen={() => {
                at.value = item.id;
                open(item.id);
              }}
              onFocus={() => (at.value = item.id)}
              onPoint={(on) => (pointed.value = on ? item.id : "")}
            />
          );
        })}
        {routes.map((route) => (
          <MapLabel
            key={route.link.id}
            route={route}
            {...(look && { className: look.className(route.link) })}
            dim={focus !== "" && !near.links.has(route.link.id)}
            onOpen={() => openLink(route.link)}
          />
        ))}
      </svg>
    </div>
  );
}

function Markers() {
  return (
    <defs>
      <marker
        id="map-arrow"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="9"
        markerHeight="9"
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path class="map-arrow" d="M0.5 0.5L7.5 4L0.5 7.5z" />
      </marker>
      <marker
        id="map-stop"
        viewBox="0 0 10 10"
        refX="5"
        refY="5"
        markerWidth="10"
        markerHeight="10"
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path class="map-stop" d="M1.5 1.5l7 7M8.5 1.5l-7 7" />
      </marker>
    </defs>
  );
}

function linkText(
  link: Link,
  nodes: ReadonlyMap<string, MapNode>,
  say: (link: Link) => string,
): string {
  const [edge] = link.edges;
  const ends =
    link.edges.length === 1 && edge
      ? `${nodeText(nodes, edge.from)} → ${nodeText(nodes, edge.to)}`
      : `${link.edges.length} connections`;
  return `${ends}: ${say(link)} (${portsText(portsOf(link.edges), 4)})`;
}

/** What stays bright beside an item or a link. */
function neighbours(graph: Graph, focus: string): { items: Set<string>; links: Set<string> } {
  const items = new Set([focus]);
  const links = new Set<string>();
  if (focus === "") return { items, links };
  for (const link of graph.links) {
    if (link.from !== focus && link.to !== focus && link.id !== focus) continue;
    items.add(link.from);
    items.add(link.to);
    links.add(link.id);
  }
  return { items, links };
}

/** The next item in a direction: within its column, or the nearest in height in the next one. */
function step(layout: Layout, from: string, [dx, dy]: [number, number]): string {
  const column = layout.columns.findIndex((ids) => ids.includes(from));
  const ids = layout.columns[column];
  if (!ids) return layout.columns[0]?.[0] ?? "";
  if (dy !== 0) return ids[ids.indexOf(from) + dy] ?? from;
  const next = layout.columns[column + dx];
  const y = layout.items.get(from)?.y ?? 0;
  const distance = (id: string): number => Math.abs((layout.items.get(id)?.y ?? 0) - y);
  return next?.toSorted((a, b) => distance(a) - distance(b))[0] ?? from;
}

/** Dragging the ground moves the picture; a touch scrolls by itself. */
function drag(event: PointerEvent, box: HTMLElement | null): void {
  const onNode =
    event.target instanceof Element && event.target.closest("[role=button], .map-edge");
  if (!box || event.button !== 0 || event.pointerType === "touch" || onNode) return;
  const start = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
  const move = (to: PointerEvent): void => {
    box.scrollLeft = start.x - to.clientX;
    box.scrollTop = start.y - to.clientY;
  };
  const end = (): void => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    box.classList.remove("dragged");
  };
  box.classList.add("dragged");
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
}
