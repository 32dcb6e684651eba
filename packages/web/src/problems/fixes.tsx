import type { Fix, Peer, ProblemAnswer } from "@dropscope/model";
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
                  {index === 0 ? "Opens least" : `Other ${index}`}
                </button>
              ))}
            </div>
          )}
          <div class="fix-words">
            <p class="strong">{safe(fix.title, 500)}</p>
            {fix.edits.map(({ policy, isNew }) => (
              <p key={`${policy.kind} ${policyText(policy)}`}>
                in <span class="dim">{safe(policy.kind, 80)}</span>{" "}
                {isNew ? (
                  <span class="mono strong">{policyText(policy)}</span>
                ) : (
                  <Goto to={policyTarget(policy)}>
                    <span class="mono">{policyText(policy)}</span>
                  </Goto>
                )}
              </p>
            ))}
            {fix.effect !== "" && <p class="dim">{safe(fix.effect, 600)}</p>}
            <Allowed fix={fix} />
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
            <button
              type="button"
              class="button"
              onClick={() =>
                void copy(fix.edits.map(({ command }) => `${command}\n`).join(""), "Command")
              }
            >
              <Icon name="copy" size={14} /> Copy for kubectl
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

/** What passes after the edit that did not before: whether it is more than what was asked for. */
function Allowed({ fix }: { fix: Fix }) {
  const { pairs, asked, ports, beyond, more } = fix.allows;
  const rest = pairs - asked;
  // Of a request nothing but the request passes, between whoever may connect.
  if (pairs === 0) return null;
  if (rest === 0)
    return (
      <p>
        <Icon name="check" size={14} /> Newly allowed: {safe(ports, 200)} between{" "}
        {pairs === 1 ? "this one pair of ends" : `${pairs} pairs of their replicas`}, nothing else.
      </p>
    );
  return (
    <div class="fix-allows">
      <p>
        <Icon name="warn" size={14} /> Newly allowed: {pairs} pairs of ends, {rest} of them beyond
        what is asked for:
      </p>
      <ul>
        {beyond.slice(0, SHOWN_PAIRS).map(({ client, server, ports, pairs: many }) => (
          <li key={`${ends(client)} ${ends(server)} ${ports}`}>
            <span class="mono">
              {ends(client)} → {ends(server)}
            </span>{" "}
            on {safe(ports, 120)}
            {many > 1 && <span class="dim"> ({many} pairs)</span>}
          </li>
        ))}
        {beyond.length + more > SHOWN_PAIRS && (
          <li class="dim">and {beyond.length + more - SHOWN_PAIRS} more</li>
        )}
      </ul>
    </div>
  );
}

const SHOWN_PAIRS = 5;

const ends = ({ namespace, name }: Peer): string =>
  safe(namespace === "" ? name : `${namespace}/${name}`, 200);
