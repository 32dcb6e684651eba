import { Goto } from "../parts/goto.js";
import { place } from "../state/nav.js";
import type { Place } from "../state/view.js";

const TABS: readonly { place: Place; text: string }[] = [
  { place: "tuning", text: "Propose" },
  { place: "rules", text: "Rules" },
  { place: "readiness", text: "Readiness" },
];

/** The three pages of tuning; the namespace stays. */
export function TuningTabs({ namespace }: { namespace: string }) {
  return (
    <nav class="tabs" aria-label="Tuning">
      {TABS.map((tab) => {
        const on = tab.place === place.value;
        return (
          <Goto
            to={{ place: tab.place, item: namespace }}
            class={on ? "tab on" : "tab"}
            current={on}
            key={tab.place}
          >
            {tab.text}
          </Goto>
        );
      })}
    </nav>
  );
}
