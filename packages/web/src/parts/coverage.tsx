import type { Coverage } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, latency, perSecond, plural, stamp } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { asSentence } from "../lib/words.js";
import { link, skipped, version } from "../state/live.js";
import { coverage } from "../state/picture.js";
import { utc } from "../state/settings.js";
import { Popover } from "./popover.js";

/** What the chip says first: the worst thing that makes this view less than whole. */
function summary(now: Coverage): { whole: boolean; text: string } {
  const { connected, total } = now.nodes;
  if (now.store.state === "down") return { whole: false, text: "store down" };
  if (now.source.state === "down") return { whole: false, text: "no source" };
  if (connected < total)
    return { whole: false, text: `${count(connected)} of ${count(total)} nodes` };
  if (now.lost.recent > 0) return { whole: false, text: `${count(now.lost.recent)} lost` };
  if (now.source.state !== "ok" || now.store.state !== "ok") {
    return {
      whole: false,
      text: now.source.state === "ok" ? `store ${now.store.state}` : `source ${now.source.state}`,
    };
  }
  if (total > 0) return { whole: true, text: plural(total, "node") };
  // No node is known, so nothing can be called complete.
  return now.source.kind === "file"
    ? { whole: true, text: "files" }
    : { whole: false, text: "no source" };
}

export function CoverageChip() {
  const open = useSignal(false);
  const now = coverage.value;
  const state = link.value.state;
  if (state === "lost" || !now) {
    return <span class="cover pending">{state === "lost" ? "not connected" : "connecting…"}</span>;
  }
  const { whole, text } = summary(now);
  return (
    <Popover
      open={open}
      wide
      label={`Coverage: ${whole ? "complete" : "not complete"}, ${text}`}
      className={whole ? "cover" : "cover partial"}
      button={
        <>
          <span class={whole ? "swatch whole" : "swatch hatch"} aria-hidden="true" />
          <span>{text}</span>
          <span class="cover-rate num">
            {perSecond(now.flowsPerSecond).replace("/s", " flows/s")}
          </span>
        </>
      }
    >
      <CoverageDetails now={now} />
    </Popover>
  );
}

function Line(props: { ok: boolean; title: string; value: string; children?: unknown }) {
  return (
    <div class="cover-line">
      <span class={props.ok ? "swatch whole" : "swatch hatch"} aria-hidden="true" />
      <div>
        <p>
          <span class="strong">{props.title}</span>{" "}
          <span class="num cover-value">{props.value}</span>
        </p>
        {typeof props.children === "string" && props.children !== "" && (
          <p class="dim">{props.children}</p>
        )}
      </div>
    </div>
  );
}

const SOURCES: Record<string, string> = {
  relay: "Hubble Relay",
  file: "Imported files",
  simulator: "Simulated cluster",
  none: "No source",
};

/** May this view be trusted, in plain words. */
function CoverageDetails({ now }: { now: Coverage }) {
  const { source, nodes, lost, store } = now;
  const missing = nodes.total - nodes.connected;
  return (
    <div class="cover-details">
      <p class="pop-title">May this view be trusted?</p>
      <Line
        ok={source.state === "ok"}
        title={SOURCES[source.kind] ?? safe(source.kind, 40)}
        value={source.state}
      >
        {[safe(source.address, 200), safe(asSentence(source.message), 400)]
          .filter(Boolean)
          .join(" · ")}
      </Line>
      <Line
        ok={missing <= 0}
        title="Nodes"
        value={
          nodes.total > 0
            ? `${count(nodes.connected)} of ${count(nodes.total)} connected`
            : "none known"
        }
      >
        {missing > 0
          ? `Flows of these nodes are missing: ${nodes.unavailable.map((name) => safe(name, 80)).join(", ") || "names unknown"}.`
          : ""}
      </Line>
      <Line
        ok={lost.recent === 0}
        title="Lost events"
        value={`${count(lost.recent)} in the last 15 minutes`}
      >
        {lost.recent > 0 || lost.total > 0
          ? `${count(lost.total)} since the store began. They were lost before they reached dropscope; the count includes events that are not flows. Hatched on the chart.`
          : "Nothing was lost since the store began."}
      </Line>
      <Line ok={now.lagMs >= 0 && now.lagMs < 5000} title="Newest flow" value={lag(now)}>
        {now.lagMs >= 0 && now.lagMs < 5000
          ? ""
          : now.lagMs < 0
            ? "Nothing is stored yet."
            : "Either nothing happens in the cluster, or flows arrive late."}
      </Line>
      <Line ok={store.state === "ok"} title="Store" value={store.state}>
        {[
          safe(asSentence(store.message), 400),
          store.waiting > 0
            ? `${plural(store.waiting, "flow")} ${store.state === "ok" ? "on the way into it" : "wait safely on disk"}.`
            : "",
          store.quarantined > 0
            ? `${plural(store.quarantined, "flow")} could not be stored and are kept in quarantine.`
            : "",
        ]
          .filter(Boolean)
          .join(" ")}
      </Line>
      {skipped.value > 0 && (
        <Line ok={false} title="This browser" value={`${plural(skipped.value, "frame")} skipped`}>
          It was too slow for the live stream. Counts stay right; some rows were not shown.
        </Line>
      )}
      <p class="dim cover-foot num">
        As of {stamp(now.now, utc.value)}
        {version.value !== "" && ` · dropscope ${safe(version.value, 40)}`}
      </p>
    </div>
  );
}

function lag(now: Coverage): string {
  return now.lagMs < 0 ? "none" : `${latency(now.lagMs)} old`;
}
