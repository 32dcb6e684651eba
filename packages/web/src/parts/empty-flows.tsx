import { near, span, stamp } from "../lib/format.js";
import { trust } from "../lib/headline.js";
import { now } from "../state/clock.js";
import { filter, go, range } from "../state/nav.js";
import { coverage, isLive } from "../state/picture.js";
import { utc } from "../state/settings.js";
import { LIVE_MS, SPANS } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Empty } from "./states.js";

const HOUR = 3_600_000;

/** The next wider range of the bar, where there is one. */
export function WiderRange({ range: current }: { range: Range }) {
  const length =
    current.kind === "live"
      ? LIVE_MS
      : current.kind === "last"
        ? current.ms
        : current.to - current.from;
  const wider = SPANS.find(({ ms }) => ms > length);
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

/** No flows: why, and what to do next. */
export function NoFlows() {
  const parts = coverage.value;
  const filtered = filter.value !== "";
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
