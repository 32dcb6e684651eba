import type { AuditAnswer, OpenWorkloadsAnswer, PoliciesAnswer } from "@dropscope/model";
import { useSignal, useSignalEffect } from "@preact/signals";
import { TrespassFold } from "../audit/findings.js";
import { OpenFold } from "../audit/open-workloads.js";
import { findingCount } from "../audit/words.js";
import { plural } from "../lib/format.js";
import { policyOf } from "../lib/policy-name.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { type Question, useAgain, useAsked } from "../state/asked.js";
import { item, range } from "../state/nav.js";
import { momentOf } from "../state/view.js";
import { useRanged } from "../state/ranged.js";
import { PolicyList } from "./list.js";
import { PolicyPage } from "./policy-page.js";
import { findingTotal } from "./words.js";

/** All policies of a moment, or one of them over time. */
export function PoliciesPage() {
  const policy = policyOf(item.value);
  return policy ? <PolicyPage policy={policy} key={item.value} /> : <AllPolicies />;
}

/** A question about the moment at which the range ends. */
function momentQuestion(path: string): Question {
  const wanted = range.value;
  return {
    path,
    // Any range that ends now is about now.
    query: { at: momentOf(wanted) },
    ...(wanted.kind === "live" && { every: 30_000 }),
  };
}

function AllPolicies() {
  const linting = useSignal(false);
  const asked = useAsked<PoliciesAnswer>(() => ({
    ...momentQuestion("policies"),
    // Lints of a large cluster take a while: what they say is fetched as soon as they are through.
    ...(linting.value && { every: 3_000 }),
  }));
  useAgain(asked.value.again);
  useSignalEffect(() => {
    linting.value = asked.value.answer?.lint === "running";
  });
  const audit = useRanged<AuditAnswer>("audit", 10_000, false);
  const open = useAsked<OpenWorkloadsAnswer>(() => momentQuestion("audit/open"));
  useAgain(open.value.again);
  const { answer, failure, loading, again } = asked.value;
  if (!answer) {
    return (
      <div class="place-page">
        <PageHead title="Policies" />
        <section class="panel pad-top" aria-label="Policies">
          {failure && !loading ? (
            <ErrorBox error={failure} retry={again} />
          ) : (
            <Skeleton rows={9} label="Loading policies" />
          )}
        </section>
      </div>
    );
  }
  const { policies } = answer;
  const passing = audit.value.answer ? findingCount(audit.value.answer) : 0;
  const dropping = policies.filter(({ problems }) => problems.length > 0).length;
  const findings = policies.reduce((sum, row) => sum + findingTotal(row.findings), 0);
  return (
    <div class="place-page policies-page" aria-busy={loading}>
      <PageHead
        title="Policies"
        wrong={dropping > 0 || passing > 0}
        text={
          dropping > 0
            ? `${plural(dropping, "policy", "policies")} ${dropping === 1 ? "takes" : "take"} part in drops`
            : policies.length === 0
              ? "No policy is known."
              : "No policy takes part in drops."
        }
        rest={restText(answer, findings, passing)}
        asked={asked.value}
      />
      {policies.length === 0 ? (
        <section class="panel pad-top" aria-label="Policies">
          <NoPolicies />
        </section>
      ) : (
        <>
          <TrespassFold asked={audit.value} />
          <OpenFold asked={open.value} />
          <PolicyList rows={policies} />
        </>
      )}
    </div>
  );
}

function restText({ policies, lint }: PoliciesAnswer, findings: number, passing: number): string {
  if (policies.length === 0) return "";
  const said =
    lint === "running"
      ? "their lints are running"
      : lint === "failed"
        ? "they could not be linted"
        : findings === 0
          ? "nothing to say about them"
          : plural(findings, "finding");
  const trespass =
    passing === 0
      ? ""
      : `; ${plural(passing, "denied path")} ${passing === 1 ? "was" : "were"} let through`;
  return `${plural(policies.length, "policy", "policies")}, ${said}${trespass}`;
}

function NoPolicies() {
  const past = momentOf(range.value) !== undefined;
  return (
    <Empty
      title={
        past
          ? "Nobody told of a policy at that time."
          : "dropscope has not been told where they are."
      }
    >
      <ul class="hints">
        <li>
          A folder or a git checkout of YAML: <code>npm start -- --policies DIR</code>
        </li>
        <li>
          The cluster itself, read only: <code>npm start -- --kubeconfig FILE</code>
        </li>
      </ul>
    </Empty>
  );
}
