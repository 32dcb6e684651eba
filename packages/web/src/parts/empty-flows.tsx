import { near, span, stamp } from "../lib/format.js";
import { trust } from "../lib/headline.js";
import { now } from "../state/clock.js";
import { filter, go, range } from "../state/nav.js";
import { coverage, isLive } from "../state/picture.js";
import { utc } from "../state/settings.js";
import { boundsOf, LIVE_MS, SPANS } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Empty } from "./states.js";

const HOUR = 3_600_000;

/** The next wider range of the bar, where there is one. */
export function WiderRange({ range: current }: { range: Range }) {
  const { from, to } = boundsOf(current, now.peek());
  const wider = SPANS.find(({ ms }) => ms > to - from);
  if (!wider) return null;
  return (
    <button
      type="button"
      class="button"
      onClick={() => go({ range: { kind: "last", ms: wider.ms } })}
    >
      Look at the last {wider.label}
    </button>
  );
}

/** A relay is set and nothing came from it: naming other sources would not help. */
function RelayHints({ down }: { down: boolean }) {
  return (
    <Empty
      title={
        down ? "It is tried again by itself. Meanwhile, check:" : "If nothing comes soon, check:"
      }
    >
      <ul class="hints">
        <li>
          Relay runs: <code>cilium status</code>
        </li>
        <li>
          This machine reaches it: <code>cilium hubble port-forward</code>, then{" "}
          <code>--relay 127.0.0.1:4245</code>
        </li>
        <li>
          TLS is as relay wants it: <code>--relay tls://HOST:PORT</code> or without{" "}
          <code>tls://</code>
        </li>
        <li>
          The whole way, step by step: <code>dropscope doctor</code>
        </li>
      </ul>
    </Empty>
  );
}

/** No flows: why, and what to do next. */
export function NoFlows() {
  const parts = coverage.value;
  const filtered = filter.value !== "";
  if (parts && parts.lagMs < 0 && parts.source.kind === "relay") {
    return <RelayHints down={parts.source.state === "down"} />;
  }
  if (parts && parts.lagMs < 0) {
    return (
      <Empty title="Ways to bring flows in">
        <ul class="hints">
          <li>
            A cluster: <code>npm start -- --relay HOST:PORT</code>
          </li>
          <li>
            Exported flows: <code>dropscope import FILE</code>
          </li>
          <li>
            A cluster to try it on: <code>dropscope simulate</code>
          </li>
        </ul>
      </Empty>
    );
  }
  const newest = parts && parts.lagMs > LIVE_MS ? parts.now - parts.lagMs : 0;
  return (
    <Empty
      title={filtered ? "No flow matches the filter in this range." : "No flows in this range."}
    >
      <p class="dim">
        {newest > 0
          ? `The newest stored flow is ${span(parts?.lagMs ?? 0)} old (${near(newest, now.value, utc.value)}).`
          : isLive.value
            ? trust(parts)
            : `Asked at ${stamp(now.peek(), utc.value)}.`}
      </p>
      <p class="row-of-buttons">
        {newest > 0 && (
          <button
            type="button"
            class="button primary"
            onClick={() =>
              go({ range: { kind: "between", from: newest - HOUR, to: newest + 1000 } })
            }
          >
            Show the hour before it
          </button>
        )}
        {filtered && (
          <button type="button" class="button" onClick={() => go({ filter: "" })}>
            Clear the filter
          </button>
        )}
        {newest === 0 && <WiderRange range={range.value} />}
      </p>
    </Empty>
  );
}
