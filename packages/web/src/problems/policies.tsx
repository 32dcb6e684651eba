import type { PolicyText, ProblemAnswer } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { near } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { safe } from "../lib/safe.js";
import { Code } from "../parts/code.js";
import { Goto } from "../parts/goto.js";
import { serverNow } from "../state/clock.js";
import { utc } from "../state/settings.js";
import { policyText } from "./words.js";

/** The policies that took part, as they were then, with the clauses that decided. */
export function ProblemPolicies({ answer }: { answer: ProblemAnswer }) {
  const { policies, problem } = answer;
  if (policies.length === 0) return null;
  const at = Date.parse(problem.explanation.time);
  return (
    <section class="panel problem-policies" aria-label="Policies">
      <div class="panel-head">
        <h2>{policies.length === 1 ? "The policy then" : "The policies then"}</h2>
        <span class="dim panel-note">
          {Number.isFinite(at) && `as they were at ${near(at, serverNow(), utc.value)}`}
          {policies.length > 1 && `, ${plural(policies.length, "policy", "policies")}`}
        </span>
      </div>
      {policies.map((each, index) => (
        <OnePolicy text={each} open={index < 2} key={policyText(each.policy) + each.policy.kind} />
      ))}
    </section>
  );
}

function OnePolicy({ text, open }: { text: PolicyText; open: boolean }) {
  const { policy, yaml, marks, from, to } = text;
  const now = serverNow();
  const since = from === null ? "" : `since ${near(from, now, utc.value)}`;
  const until = to === null ? "" : `until ${near(to, now, utc.value)}`;
  return (
    <details class="policy-then" open={open}>
      <summary>
        <span class="mono strong">{policyText(policy)}</span>{" "}
        <span class="dim">
          {safe(policy.kind, 80)} {[since, until].filter((part) => part !== "").join(" ")}
        </span>
      </summary>
      {yaml === "" ? (
        <p class="dim pad">
          Its text was not kept: it was never seen in a folder or by an API server at that time.
        </p>
      ) : (
        <Code text={yaml} marks={marks} label={`YAML of ${policyText(policy)}`} />
      )}
      <p class="policy-link">
        <Goto to={policyTarget(policy)}>Versions, findings and what it selects</Goto>
      </p>
    </details>
  );
}
