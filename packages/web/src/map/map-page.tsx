import type { MapAnswer } from "@dropscope/model";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { NoFlows } from "../parts/empty-flows.js";
import { PageHead } from "../parts/page-head.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { go, item as chosen } from "../state/nav.js";
import { problemTarget } from "../lib/goto.js";
import { onEscape } from "../state/escape.js";
import { when } from "../state/picture.js";
import { useRanged } from "../state/ranged.js";
import { MapCanvas } from "./canvas.js";
import { graphOf } from "./graph.js";
import type { Link } from "./graph.js";
import { createMemory, layoutOf } from "./layout.js";
import { closePanel, MapPanel } from "./panel.js";
import { choose, switches } from "./state.js";
import { MapTable } from "./table.js";
import { MapTools } from "./tools.js";
import { mapSentence } from "./words.js";
import { scale } from "./zoom.js";

/** A picture that has to be drawn smaller than this is arranged in less width instead. */
const ENOUGH = 0.85;

/** Who talks to whom, and who is denied. */
export function MapPage() {
  const asked = useRanged<MapAnswer>("map", 10_000);
  const memory = useSignal(createMemory());
  const drawn = useComputed(() => {
    const answer = asked.value.answer;
    if (!answer) return undefined;
    const graph = graphOf(answer, switches.value);
    return { answer, graph, layout: layoutOf(graph, memory.value, scale.room.value / ENOUGH) };
  });
  const open = chosen.value !== "";
  useEffect(() => (open ? onEscape(closePanel) : undefined), [open]);

  const { failure, loading, again } = asked.value;
  const picture = drawn.value;
  if (!picture) {
    return (
      <div class="place-page">
        <PageHead title="Service map" />
        <section class="panel" aria-label="Map">
          {failure && !loading ? (
            <div class="pad-top">
              <ErrorBox error={failure} retry={again} />
            </div>
          ) : (
            <div class="map-skeleton" role="status" aria-label="Loading the map">
              {Array.from({ length: 7 }, (_, index) => (
                <div class={`sk map-sk map-sk-${index}`} key={index} />
              ))}
            </div>
          )}
        </section>
        {!failure && (
          <section class="panel">
            <Skeleton rows={5} label="Loading connections" />
          </section>
        )}
      </div>
    );
  }
  const { answer, graph, layout } = picture;
  const { wrong, text, rest } = mapSentence(graph);
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const openLink = (link: Link): void => {
    const [only] = link.problems;
    if (only !== undefined && link.problems.length === 1) go(problemTarget(only));
    else choose(link.id);
  };
  const empty = answer.edges.length === 0;
  return (
    <div class="place-page" aria-busy={loading}>
      <PageHead
        title="Service map"
        wrong={wrong}
        text={empty ? "No traffic to draw." : text}
        rest={empty ? "" : `${when.value}; ${rest}`}
        asked={asked.value}
      />
      {empty ? (
        <section class="panel pad-top" aria-label="Map">
          <NoFlows />
        </section>
      ) : (
        <>
          <section class="panel map" aria-label="Map">
            <MapTools graph={graph} arrange={() => (memory.value = createMemory())} />
            <div class={open ? "map-body with-panel" : "map-body"}>
              {graph.links.length === 0 ? (
                <p class="map-none dim">
                  {switches.value.deniedOnly
                    ? "Nothing was denied in this range."
                    : "The switches above leave nothing to draw."}
                </p>
              ) : (
                <MapCanvas graph={graph} layout={layout} nodes={nodes} openLink={openLink} />
              )}
              {open && <MapPanel graph={graph} nodes={nodes} problems={answer.problems} />}
            </div>
            <p class="map-legend dim">
              <span class="map-key">
                <svg width="34" height="10" aria-hidden="true">
                  <path class="map-line" d="M1 5h32" stroke-width="3" />
                </svg>
                forwarded; the wider, the more per second
              </span>
              <span class="map-key">
                <svg width="34" height="10" aria-hidden="true">
                  <path class="map-denied" d="M1 5h32" stroke-width="2.4" />
                </svg>
                denied, with the number of drops; opens its problem
              </span>
            </p>
          </section>
          <MapTable answer={answer} switches={switches.value} />
        </>
      )}
    </div>
  );
}
