import type { ProblemAnswer } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { policyTarget } from "../lib/goto.js";
import { safe } from "../lib/safe.js";
import { Diff } from "../parts/code.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { copy } from "../state/toast.js";
import { policyText } from "./words.js";

/** Edits that were tried out, one at a time; the best first. */
export function Fixes({ answer }: { answer: ProblemAnswer }) {
  const { fixes, noFix, already } = answer;
  const chosen = useSignal(0);
  const fix = fixes[Math.min(chosen.value, fixes.length - 1)];
  return (
    <div class="fixes">
      {already !== "" && (
        <p class="note">
          <Icon name="check" size={14} /> {safe(already, 400)}
          {fix && " At the time of the drop this would have done:"}
        </p>
      )}
      {!fix && already === "" && noFix !== "" && (
        <p class="note">
          <span class="strong">No patch is proposed.</span> {safe(noFix, 900)}
        </p>
      )}
      {fix && (
        <>
          {fixes.length > 1 && (
            <div class="fix-tabs" role="group" aria-label="Proposed patches">
              {fixes.map((each, index) => (
                <button
                  type="button"
                  key={`${each.policy.name} ${each.title}`}
                  class={index === chosen.value ? "fix-tab on" : "fix-tab"}
                  aria-pressed={index === chosen.value}
                  onClick={() => (chosen.value = index)}
                >
                  {index === 0 ? "Smallest" : `Other ${index}`}
                </button>
              ))}
            </div>
          )}
          <div class="fix-words">
            <p class="strong">{safe(fix.title, 500)}</p>
            <p>
              in <span class="dim">{safe(fix.policy.kind, 80)}</span>{" "}
              {fix.diff.includes("@@ -0,0 ") ? (
                <span class="mono strong">{policyText(fix.policy)}</span>
              ) : (
                <Goto to={policyTarget(fix.policy)}>
                  <span class="mono">{policyText(fix.policy)}</span>
                </Goto>
              )}
            </p>
            <p class="dim">{safe(fix.effect, 600)}</p>
            {fix.remains !== "" && (
              <p>
                <Icon name="warn" size={14} /> {safe(fix.remains, 400)}
              </p>
            )}
          </div>
          <Diff diff={fix.diff} label="Proposed patch" />
          <p class="row-of-buttons fix-buttons">
            <button
              type="button"
              class="button primary"
              onClick={() => void copy(fix.diff, "Patch")}
            >
              <Icon name="copy" size={14} /> Copy the patch
            </button>
            <button type="button" class="button" onClick={() => void copy(fix.yaml, "YAML")}>
              <Icon name="copy" size={14} /> Copy the YAML
            </button>
            <span class="dim">
              <Icon name="check" size={14} /> Tried out: with it the policies let this traffic
              through.
            </span>
          </p>
        </>
      )}
    </div>
  );
}
