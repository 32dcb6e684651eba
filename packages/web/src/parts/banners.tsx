import { near, plural, span } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { asSentence } from "../lib/words.js";
import { now, serverNow } from "../state/clock.js";
import { failure, loading, past, refresh } from "../state/history.js";
import { link, met, ready, retryNow, trouble } from "../state/live.js";
import { coverage, isLive } from "../state/picture.js";
import { utc } from "../state/settings.js";
import { Icon } from "./icons.js";
import { ErrorCode } from "./states.js";

/**
 * What is wrong with the view itself, in the order of how much it takes away. At most two at once.
 * Only the part that stands still is announced: a screen reader must not read a countdown.
 */
export function Banners() {
  return (
    <div class="banners">
      <Disconnected />
      <StoreDown />
      <Trouble />
      <PastFailure />
    </div>
  );
}

function Disconnected() {
  const state = link.value;
  if (state.state !== "lost") return null;
  const wait = Math.max(0, Math.ceil((state.retryAt - now.value) / 1000));
  const next = wait > 0 ? `Next try in ${wait} s.` : "Trying now…";
  return (
    <div class="banner strong-banner">
      <span class="swatch hatch" aria-hidden="true" />
      <p>
        <b role="alert">
          {met.value
            ? `Not connected since ${near(state.since, serverNow(), utc.value)}.`
            : "The dashboard does not answer."}
        </b>{" "}
        {met.value && isLive.value ? "This is the last picture. " : ""}
        <span class="num">{next}</span>
      </p>
      <button type="button" class="button" onClick={retryNow}>
        <Icon name="refresh" size={14} /> Try now
      </button>
    </div>
  );
}

function StoreDown() {
  const store = coverage.value?.store;
  if (!store || store.state === "ok" || link.value.state === "lost") return null;
  const words = { down: "is down", degraded: "is not well", starting: "is starting" }[store.state];
  return (
    <div class="banner">
      <span class="swatch hatch" aria-hidden="true" />
      <p>
        <b role="status">The store {words}.</b>{" "}
        {store.waiting > 0
          ? `${plural(store.waiting, "flow")} ${store.waiting === 1 ? "waits" : "wait"} safely on disk and will be stored when it is back; what is shown ends before them. `
          : ""}
        {safe(asSentence(store.message), 300)}
      </p>
    </div>
  );
}

function Trouble() {
  const error = trouble.value;
  const store = coverage.value?.store;
  if (!error || (store && store.state !== "ok") || link.value.state === "lost") return null;
  return (
    <div class="banner strong-banner" role="alert">
      <span class="swatch hatch" aria-hidden="true" />
      <p>
        <b>{safe(error.message, 300)}</b>{" "}
        {ready.value && isLive.value ? "This is the last picture. " : ""}
        {safe(error.next, 300)} <ErrorCode code={error.code} />
      </p>
    </div>
  );
}

/** A past range that could not be read, while an older picture is still on screen. */
function PastFailure() {
  const error = failure.value;
  if (isLive.value || !error || !past.value || loading.value || error.at) return null;
  return (
    <div class="banner">
      <Icon name="warn" />
      <p>
        <span role="alert">
          <b>{safe(error.message, 300)}</b> {safe(error.next, 300)} <ErrorCode code={error.code} />
        </span>
        <span class="dim"> What is shown was asked {span(serverNow() - past.value.asOf)} ago.</span>
      </p>
      <button type="button" class="button" onClick={refresh}>
        <Icon name="refresh" size={14} /> Try again
      </button>
    </div>
  );
}
