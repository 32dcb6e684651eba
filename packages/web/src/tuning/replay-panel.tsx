import type { Edge, ReplayAnswer, ReplayChange, ReplayGroup } from "@dropscope/model";
import { REPLAY_CHANGES } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import { count, plural } from "../lib/format.js";
import { edgeFilter, peerText, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { Ago, PeerName } from "../parts/text.js";
import { Sparkline } from "../problems/sparkline.js";
import { flags } from "../state/flags.js";
import type { Range } from "../state/view.js";
import type { Replayed } from "./use-replay.js";
import type { Span } from "./use-span.js";
import { CHANGE_WORDS, directionText, folded, seenText } from "./words.js";

const FIRST = 40;

/** What would be denied and what would be allowed, worst first. */
export function ReplayPanel(props: {
  replay: Replayed;
  span: Span;
  /** In one sentence. */
  said: string;
  /** Only with this end, as the map has it; "" for all. */
  picked: Signal<string>;
}) {
  const { answer, failure, busy } = props.replay;
  const only = useSignal<ReplayChange | "">("");
  const all = useSignal(false);
  const { picked } = props;
  const groups = (answer?.groups ?? []).filter(
    (group) =>
      (only.value === "" || group.change === only.value) &&
      (picked.value === "" ||
        [group.client, group.server].some((p) => peerText(p) === picked.value)),
  );
  const listed = all.value ? groups : groups.slice(0, FIRST);
  const most = Math.max(1, ...groups.flatMap(({ trend }) => folded(trend)));
  return (
    <section
      class={busy && answer ? "panel replay busy" : "panel replay"}
      aria-label="Replay"
      aria-busy={busy}
    >
      <div class="panel-head list-tools">
        <h2>What it would change</h2>
        {answer &&
          REPLAY_CHANGES.filter((change) => countOf(answer, change) > 0).map((change) => {
            const on = only.value === change;
            return (
              <button
                type="button"
                class={on ? "button on" : "button"}
                aria-pressed={on}
                key={change}
                onClick={() => (only.value = on ? "" : change)}
              >
                {on && <Icon name="check" size={12} />}
                {CHANGE_WORDS[change]} <span class="num dim">{count(countOf(answer, change))}</span>
              </button>
            );
          })}
        {picked.value !== "" && (
          <button type="button" class="button on" onClick={() => (picked.value = "")}>
            {safe(picked.value, 80)} <Icon name="close" size={12} />
            <span class="sr">Show all again</span>
          </button>
        )}
        <span class="dim panel-note" aria-hidden="true">
          {busy ? "replaying…" : ""}
        </span>
        {/* What each edit comes to; not that one was made. */}
        <span class="sr" role="status">
          {busy ? "" : props.said}
        </span>
      </div>
      {failure && !busy && <ErrorBox error={failure} />}
      {!answer && busy && <Skeleton rows={8} label="Replaying the stored traffic" />}
      {answer && groups.length === 0 && <Nothing answer={answer} />}
      {listed.length > 0 && (
        <ul class="replay-list">
          {listed.map((group) => (
            <Row group={group} most={most} span={props.span} key={group.id} />
          ))}
        </ul>
      )}
      {groups.length > listed.length && (
        <p class="pad pad-top">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(groups.length)}
          </button>
        </p>
      )}
      {answer && <Unchanged answer={answer} />}
    </section>
  );
}

function countOf({ counts }: ReplayAnswer, change: ReplayChange): number {
  return (change === "newly-denied" ? counts.newlyDenied : counts.newlyAllowed).edges;
}

function Nothing({ answer }: { answer: ReplayAnswer }) {
  const { counts, evidence } = answer;
  if (counts.newlyDenied.edges + counts.newlyAllowed.edges > 0) {
    return <Empty title="None of these." />;
  }
  return evidence.edges === 0 ? (
    <Empty title="No traffic was seen in this range.">
      <p class="dim">So nothing is known of what this would break. Take a longer range above.</p>
    </Empty>
  ) : (
    <Empty title="Every connection keeps its verdict." />
  );
}

/** What stays as it is, and what nobody knows: never left out. */
function Unchanged({ answer }: { answer: ReplayAnswer }) {
  const { stillAllowed, stillDenied, unknown } = answer.counts;
  return (
    <dl class="unchanged num">
      <div>
        <dt>Allowed as before</dt>
        <dd>
          {count(stillAllowed.edges)} <span class="dim">{plural(stillAllowed.flows, "flow")}</span>
        </dd>
      </div>
      <div>
        <dt>Denied as before</dt>
        <dd>
          {count(stillDenied.edges)} <span class="dim">{plural(stillDenied.flows, "flow")}</span>
        </dd>
      </div>
      <div>
        <dt>{unknown.edges > 0 && <span class="swatch hatch" aria-hidden="true" />} Not known</dt>
        <dd>
          {count(unknown.edges)} <span class="dim">{plural(unknown.flows, "flow")}</span>
        </dd>
      </div>
    </dl>
  );
}

const HOUR = 3_600_000;

/** Where single flows of it are sure to be: of a week they cannot be listed. */
function lastHour({ lastSeen }: ReplayGroup, { since, until }: Span): Range {
  const to = Math.min(until, lastSeen + 1000);
  return { kind: "between", from: Math.min(to - 1000, Math.max(since, to - HOUR)), to };
}

function Row({ group, most, span }: { group: ReplayGroup; most: number; span: Span }) {
  const { client, server, protocol, port } = group;
  const denied = group.change === "newly-denied";
  const edge = { verdict: "", source: client, destination: server, protocol, port, reason: "" };
  return (
    <li class={`replay-row ${group.change}`}>
      <div class="replay-ends">
        <Goto
          to={{
            place: "live",
            filter: edgeFilter(edge as Edge, flags.value),
            range: lastHour(group, span),
          }}
          class="row-link"
        >
          <Verdict name={denied ? "DROPPED" : "FORWARDED"} bare />
          <PeerName peer={client} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <span class="sr">to</span>
          <PeerName peer={server} />
          <span class="mono num">{portText(port, safe(protocol, 12))}</span>
        </Goto>
        <span class="replay-trend">
          <Sparkline
            counts={folded(group.trend)}
            most={most}
            label={`${plural(group.flows, "flow")} over the range`}
          />
        </span>
      </div>
      <p class="replay-says">
        <b>{denied ? "Would be denied" : "Would be allowed"}</b>{" "}
        <span class="dim">{directionText(group.direction)}:</span> {safe(group.says, 600)}
      </p>
      <p class="dim replay-facts num">
        <span>{plural(group.flows, "flow")}</span>
        <span>{plural(group.pods, "pod")}</span>
        <span>
          last <Ago at={group.lastSeen} />
        </span>
        <span>{seenText(group.seen)}</span>
      </p>
    </li>
  );
}
