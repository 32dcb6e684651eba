import type { PolicyVersionText } from "@dropscope/model";
import { policyItem } from "../lib/policy-name.js";
import { near, stamp, zone } from "../lib/format.js";
import { Code, Diff } from "../parts/code.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { serverNow } from "../state/clock.js";
import { utc } from "../state/settings.js";
import { copy } from "../state/toast.js";
import { versionKey } from "./words.js";

/** The text of one version, or its difference from the one before, and all versions to choose from. */
export function PolicyTextPanel(props: {
  version: PolicyVersionText;
  versions: readonly PolicyVersionText[];
  showDiff: boolean;
  pick: (version: PolicyVersionText) => void;
  flip: () => void;
}) {
  const { version, versions } = props;
  const hasDiff = version.diff !== "";
  const diff = props.showDiff && hasDiff;
  return (
    <section class="panel" aria-label="Text of the policy">
      <div class="panel-head">
        <h2>{diff ? "What changed" : "YAML"}</h2>
        <span class="dim panel-note">{spanText(version)}</span>
        <span class="panel-actions">
          <button
            type="button"
            class={diff ? "button on" : "button"}
            aria-pressed={diff}
            disabled={!hasDiff}
            title={hasDiff ? undefined : "There is no version before this one"}
            onClick={props.flip}
          >
            Changes
          </button>
          <Goto to={{ place: "tuning", item: policyItem(version.policy) }} class="button">
            Edit and replay
          </Goto>
          <button
            type="button"
            class="button"
            disabled={version.yaml === ""}
            onClick={() => void copy(version.yaml, "YAML")}
          >
            <Icon name="copy" size={14} /> Copy
          </button>
        </span>
      </div>
      {versions.length > 1 && (
        <div class="versions" role="group" aria-label="Versions, newest first">
          {versions.map((each, index) => (
            <button
              type="button"
              key={versionKey(each)}
              class={each === version ? "version on" : "version"}
              aria-pressed={each === version}
              title={spanText(each)}
              onClick={() => props.pick(each)}
            >
              <span class="num">{each.from === null ? "first known" : when(each.from)}</span>
              {index === 0 && <span class="dim">{each.to === null ? "now" : "last"}</span>}
            </button>
          ))}
        </div>
      )}
      <div class="pad">
        {diff && <Diff diff={version.diff} label="Difference from the version before" />}
        {!diff && version.yaml !== "" && (
          <Code text={version.yaml} marks={version.marks} label="YAML of the policy" />
        )}
        {!diff && version.yaml === "" && (
          <p class="dim">The text of this version was not kept; the times are.</p>
        )}
      </div>
    </section>
  );
}

function when(ms: number): string {
  return near(ms, serverNow(), utc.value);
}

function spanText({ from, to }: PolicyVersionText): string {
  const exact = (ms: number): string => `${stamp(ms, utc.value)} ${zone(ms, utc.value)}`;
  if (from === null) return to === null ? "" : `until ${exact(to)}`;
  return to === null ? `since ${exact(from)}` : `${exact(from)} to ${exact(to)}`;
}
