import type { SavedView } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import type { TargetedSubmitEvent } from "preact";
import { useEffect } from "preact/hooks";
import { between, near } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { now } from "../state/clock.js";
import { filter, range, view } from "../state/nav.js";
import {
  deleteView,
  loadSaved,
  openView,
  rangeOf,
  saved,
  savedTrouble,
  saveView,
} from "../state/saved.js";
import { utc } from "../state/settings.js";
import { say } from "../state/toast.js";
import { boundsOf, NAMED_SPANS } from "../state/view.js";
import type { Range } from "../state/view.js";
import { Icon } from "./icons.js";
import { PLACES } from "./places.js";
import { Popover } from "./popover.js";
import { ErrorCode } from "./states.js";

/** Names for filters that one comes back to: with their place and range, here and in `observe --view`. */
export function SavedViews() {
  const open = useSignal(false);
  return (
    <Popover
      open={open}
      label="Saved views"
      className="button square"
      button={<Icon name="star" />}
    >
      <Panel close={() => (open.value = false)} />
    </Popover>
  );
}

function Panel({ close }: { close: () => void }) {
  useEffect(() => void loadSaved(), []);
  const list = saved.value;
  const trouble = savedTrouble.value;
  return (
    <div class="saved">
      <p class="pop-title">Saved views</p>
      {list === undefined && !trouble && <p class="dim">Loading…</p>}
      {list?.length === 0 && (
        <p class="dim">None yet. A view is the filter, the place and the range under a name.</p>
      )}
      {list && list.length > 0 && (
        <ul class="saved-list">
          {list.map((one) => (
            <Row key={one.name} one={one} close={close} />
          ))}
        </ul>
      )}
      {trouble && (
        <p class="wrong" role="alert">
          {safe(trouble.message, 300)} {safe(trouble.next, 300)} <ErrorCode code={trouble.code} />
        </p>
      )}
      <Save names={list?.map(({ name }) => name) ?? []} />
    </div>
  );
}

function Row({ one, close }: { one: SavedView; close: () => void }) {
  const name = safe(one.name, 80);
  const here =
    one.filter === filter.value &&
    one.place === view.value.place &&
    rangeText(rangeOf(one)) === rangeText(range.value);
  return (
    <li class={here ? "saved-row on" : "saved-row"}>
      <button
        type="button"
        class="saved-open"
        aria-current={here ? "true" : undefined}
        onClick={() => {
          openView(one);
          close();
        }}
      >
        <span class="strong">{name}</span>
        <span class="dim">
          {placeText(one.place)}, {rangeText(rangeOf(one))}
        </span>
        <span class="mono saved-filter">
          {one.filter === "" ? "no filter" : safe(one.filter, 200)}
        </span>
      </button>
      <button
        type="button"
        class="ghost"
        aria-label={`Delete ${name}`}
        title="Delete"
        onClick={() =>
          void deleteView(one.name).then((done) => done && say(`View ${name} deleted`))
        }
      >
        <Icon name="close" size={12} />
      </button>
    </li>
  );
}

function Save({ names }: { names: readonly string[] }) {
  const name = useSignal("");
  const { place } = view.value;
  const there = names.includes(name.value.trim());
  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const wanted = name.peek().trim();
    if (wanted === "" || !(await saveView(wanted))) return;
    name.value = "";
    say(`View ${safe(wanted, 80)} saved`);
  }
  return (
    <form class="saved-form" onSubmit={(event) => void submit(event)}>
      <label for="saved-name">
        Save this view: {placeText(place)}, {rangeText(range.value)}
      </label>
      <span class="mono saved-filter">
        {filter.value === "" ? "no filter" : safe(filter.value, 200)}
      </span>
      <span class="saved-line">
        <input
          id="saved-name"
          type="text"
          maxLength={80}
          placeholder="Name"
          autocomplete="off"
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
        <button type="submit" class="button primary" disabled={name.value.trim() === ""}>
          {there ? "Replace" : "Save"}
        </button>
      </span>
    </form>
  );
}

function placeText(name: string): string {
  return PLACES.find(({ place }) => place === name)?.label ?? safe(name, 20);
}

function rangeText(one: Range): string {
  switch (one.kind) {
    case "live":
      return "as it happens";
    case "last":
      return `last ${NAMED_SPANS.find(({ ms }) => ms === one.ms)?.label ?? "hour"}`;
    case "between":
      return between(one.from, one.to, now.peek(), utc.value).join(" – ");
    default:
      return `as of ${near(boundsOf(one, now.peek()).to, now.peek(), utc.value)}`;
  }
}
