import type { MapAnswer, ReplayGroup } from "@dropscope/model";
import { useComputed, useSignal } from "@preact/signals";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { peerText } from "../lib/peer.js";
import { MapCanvas } from "../map/canvas.js";
import { graphOf } from "../map/graph.js";
import { createMemory, layoutOf } from "../map/layout.js";
import { switches } from "../map/state.js";
import { dropsText, rateText } from "../map/words.js";
import { scale } from "../map/zoom.js";
import { useAsked } from "../state/asked.js";
import { linkMarks, markText, replayMap } from "./replay-graph.js";
import type { Span } from "./use-span.js";

/** As on the map's own page: smaller than this is arranged in less width. */
const ENOUGH = 0.85;

/** Who talks to whom in the range, and what the candidate would change in that. */
export function ReplayMapPanel(props: {
  namespace: string;
  span: ReadonlySignal<Span>;
  groups: readonly ReplayGroup[];
  busy: boolean;
  picked: Signal<string>;
}) {
  const { namespace, span, picked } = props;
  const memory = useSignal(createMemory());
  const groups = useSignal(props.groups);
  if (groups.peek() !== props.groups) groups.value = props.groups;
  const asked = useAsked<MapAnswer>(() => ({
    path: "map",
    query: {
      from: span.value.since,
      to: span.value.until,
      filter: namespace === "" ? "" : `--namespace ${namespace}`,
    },
  }));
  const drawn = useComputed(() => {
    const base = asked.value.answer;
    if (!base) return undefined;
    const { answer, marks } = replayMap(base, groups.value);
    const graph = graphOf(answer, { ...switches.value, deniedOnly: false });
    return {
      graph,
      layout: layoutOf(graph, memory.value, scale.room.value / ENOUGH),
      nodes: new Map(answer.nodes.map((node) => [node.id, node])),
      marks: linkMarks(graph, marks),
    };
  });
  const picture = drawn.value;
  const chosen = [...(picture?.nodes.values() ?? [])].find(
    ({ peer }) => picked.value !== "" && peerText(peer) === picked.value,
  );
  const { failure, loading } = asked.value;
  return (
    <section
      class={props.busy ? "panel map replay-map busy" : "panel map replay-map"}
      aria-label="Map of the change"
    >
      <div class="panel-head">
        <h2>On the map</h2>
        <span class="dim panel-note">pick a workload to list only its own</span>
      </div>
      {!picture && failure && !loading && (
        <p class="map-none dim">The map of this range could not be had; the list has it all.</p>
      )}
      {!picture && loading && (
        <div class="map-skeleton" role="status" aria-label="Loading the map" />
      )}
      {picture && picture.graph.links.length === 0 && (
        <p class="map-none dim">No traffic was seen in this range.</p>
      )}
      {picture && picture.graph.links.length > 0 && (
        <>
          <MapCanvas
            graph={picture.graph}
            layout={picture.layout}
            nodes={picture.nodes}
            chosen={chosen?.id ?? ""}
            choose={(id) => {
              const node = picture.nodes.get(id.replace(/ (?:from|to)$/, ""));
              const name = node ? peerText(node.peer) : "";
              picked.value = name === picked.peek() ? "" : name;
            }}
            openLink={(link) => {
              const node = picture.nodes.get(link.from.replace(/ (?:from|to)$/, ""));
              if (node) picked.value = peerText(node.peer);
            }}
            look={{
              label: (link) => {
                const mark = picture.marks.get(link.id);
                if (!mark) return "";
                return mark.denied > 0
                  ? dropsText({ drops: mark.denied })
                  : `+${dropsText({ drops: mark.allowed })}`;
              },
              title: (link) => {
                const mark = picture.marks.get(link.id);
                return mark ? markText(mark) : rateText(link);
              },
              drops: "has traffic that would be denied",
              className: (link) => {
                const mark = picture.marks.get(link.id);
                if (!mark) return "";
                return mark.denied > 0 ? "newly-denied" : "newly-allowed";
              },
            }}
          />
          <p class="map-legend dim">
            <span class="map-key">
              <svg width="34" height="10" aria-hidden="true">
                <path class="map-line" d="M1 5h32" stroke-width="3" />
              </svg>
              allowed as before
            </span>
            <span class="map-key">
              <svg width="34" height="10" aria-hidden="true">
                <path class="map-denied" d="M1 5h32" stroke-width="2.4" />
              </svg>
              would be denied, with the number of flows
            </span>
            <span class="map-key">
              <svg width="34" height="10" aria-hidden="true" class="newly-allowed">
                <path class="map-line" d="M1 5h32" stroke-width="3" />
              </svg>
              would be allowed (+)
            </span>
            <span class="map-key">denied before and after is not drawn</span>
          </p>
        </>
      )}
    </section>
  );
}
