import { chips, withFlag, withoutChip } from "../lib/filter-line.js";
import { shortCount, share, count } from "../lib/format.js";
import { verdictKind } from "../lib/words.js";
import { filter, go } from "../state/nav.js";
import { filterError } from "../state/live.js";
import { picture } from "../state/picture.js";
import { reasonTotals } from "./headline.js";
import { Verdict } from "./icons.js";
import { Skeleton } from "./states.js";

/** What became of the flows of this range. A click narrows the page to one verdict. */
export function VerdictMix() {
  const shown = picture.value;
  const found = [...(shown?.verdicts ?? [])].filter((each) => each.count > 0);
  found.sort((left, right) => right.count - left.count);
  const total = found.reduce((sum, each) => sum + each.count, 0);
  const events = found.find(({ verdict }) => verdict === "DROPPED")?.count ?? 0;
  const twice = events > reasonTotals.value.reduce((sum, each) => sum + each.total, 0);
  const line = filter.value;
  const inForce = filterError.value ? [] : chips(line);
  const picked = inForce.filter((chip) => !chip.not && chip.flag === "--verdict");
  return (
    <section class="panel verdicts" aria-label="Verdicts">
      <div class="panel-head">
        <h2>Verdicts</h2>
        <span
          class="dim panel-note num"
          title="Events as Hubble reports them: a dropped packet may give two, the drop and the policy verdict"
        >
          {shown && total > 0 ? `${shortCount(total)} events` : ""}
        </span>
      </div>
      {!shown && <Skeleton rows={4} label="Loading verdicts" />}
      {shown && total === 0 && <p class="dim pad">No flows in this range.</p>}
      {total > 0 && (
        <>
          <div class="mix" aria-hidden="true">
            {found.map(({ verdict, count }) => (
              <span
                key={verdict}
                class={`mix-part bg-${verdictKind(verdict)}`}
                style={{ flexGrow: String(Math.max(count / total, 0.012)) }}
              />
            ))}
          </div>
          <ul class="mix-list">
            {found.map((each) => {
              const chip = picked.find(({ value }) => value.toUpperCase() === each.verdict);
              return (
                <li key={each.verdict}>
                  <button
                    type="button"
                    class={chip ? "mix-row on" : "mix-row"}
                    aria-pressed={chip !== undefined}
                    title={`${count(each.count)} events. ${chip ? "Show all verdicts" : "Show only these"}`}
                    onClick={() =>
                      go({
                        filter: chip
                          ? withoutChip(line, chip)
                          : withFlag(line, "--verdict", each.verdict),
                      })
                    }
                  >
                    <Verdict name={each.verdict} />
                    <span class="num strong">{shortCount(each.count)}</span>
                    <span class="num dim">{share(each.count, total)}</span>
                  </button>
                </li>
              );
            })}
          </ul>
          {twice && (
            <p class="dim mix-note">
              A denied packet is two events, the drop and the policy verdict; drops count it once.
            </p>
          )}
        </>
      )}
    </section>
  );
}
