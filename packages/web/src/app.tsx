import { useSignalEffect } from "@preact/signals";
import { CoverageChip } from "./parts/coverage.js";
import { Drawer } from "./parts/drawer.js";
import { FilterBox } from "./parts/filter-box.js";
import { FilterChips } from "./parts/filter-chips.js";
import { Banners } from "./parts/banners.js";
import { pageTitle } from "./parts/headline.js";
import { Icon } from "./parts/icons.js";
import { ViewMenu } from "./parts/menu.js";
import { PastMark } from "./parts/past-mark.js";
import { PLACES } from "./parts/places.js";
import { RangePicker } from "./parts/range-picker.js";
import { SavedViews } from "./parts/saved-views.js";
import { Scope } from "./parts/scope.js";
import { hrefOf } from "./lib/goto.js";
import { shortCount } from "./lib/format.js";
import { safe } from "./lib/safe.js";
import { serverNow } from "./state/clock.js";
import { go, linkTo, openFlow, place, range, view } from "./state/nav.js";
import { copy, toast } from "./state/toast.js";

export function App() {
  useSignalEffect(() => {
    document.title = pageTitle.value;
  });
  const here = PLACES.find((each) => each.place === place.value);
  const View = here?.view;
  const bar = here?.bar ?? [];
  return (
    <div class={openFlow.value !== "" ? "frame with-drawer" : "frame"}>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Rail />
      <header class="top">
        <div class="top-row">
          {bar.includes("scope") && <Scope />}
          {bar.includes("range") && <RangePicker days={here?.days === true} />}
          {bar.includes("filter") ? <FilterBox /> : <span class="top-fill" />}
          <CoverageChip />
          <span class="top-buttons">
            {bar.includes("filter") && <SavedViews />}
            {bar.length > 0 && <CopyLink />}
            <ViewMenu />
          </span>
        </div>
        {bar.includes("filter") && <FilterChips />}
        {bar.includes("range") && <PastMark />}
      </header>
      <main id="main" class="main" tabIndex={-1}>
        <Banners />
        {View && <View />}
      </main>
      <Drawer />
      <p class={toast.value === "" ? "toast" : "toast on"} role="status">
        {safe(toast.value, 200)}
      </p>
    </div>
  );
}

function Rail() {
  const here = PLACES.find((each) => each.place === place.value)?.within ?? place.value;
  return (
    <nav class="rail" aria-label="Places">
      <span class="brand" aria-hidden="true" title="dropscope">
        <img src="./favicon.svg" alt="" width="28" height="28" />
      </span>
      {PLACES.filter(({ hidden }) => hidden !== true).map(
        ({ place: target, label, icon, last, badge }) => (
          <a
            key={target}
            class={`${target === here ? "place on" : "place"}${last ? " last" : ""}`}
            href={hrefOf({ place: target })}
            aria-current={target === here ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              go({ place: target, item: "", flow: "" });
            }}
          >
            <Icon name={icon} size={18} />
            <span>{label}</span>
            {badge && badge.value > 0 && (
              <span class="badge num">
                {shortCount(badge.value)}
                <span class="sr"> new</span>
              </span>
            )}
          </a>
        ),
      )}
    </nav>
  );
}

function CopyLink() {
  const relative = range.value.kind === "last";
  const label = relative
    ? "Copy link to this view, with the time fixed (c)"
    : "Copy link to this view (c)";
  return (
    <button
      type="button"
      class="button square"
      aria-label={label}
      title={label}
      onClick={() => void copy(linkTo(view.peek(), serverNow()), "Link")}
    >
      <Icon name="link" />
    </button>
  );
}
