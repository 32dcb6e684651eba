import type { PoliciesAnswer } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { policyOf } from "../lib/policy-name.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { useAgain, useAsked } from "../state/asked.js";
import { item, range } from "../state/nav.js";
import { PolicyList } from "./list.js";
import { PolicyPage } from "./policy-page.js";
import { findingTotal } from "./words.js";

/** All policies of a moment, or one of them over time. */
export function PoliciesPage() {
  const policy = policyOf(item.value);
  return policy ? <PolicyPage policy={policy} key={item.value} /> : <AllPolicies />;
}

function AllPolicies() {
  const asked = useAsked<PoliciesAnswer>(() => {
    const wanted = range.value;
    return {
      path: "policies",
      // Any range that ends now is about now.
      query: { until: wanted.kind === "between" ? Math.ceil(wanted.to) : undefined },
      ...(wanted.kind === "live" && { every: 30_000 }),
    };
  });
  useAgain(asked.value.again);
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
  const dropping = policies.filter(({ problems }) => problems.length > 0).length;
  const findings = policies.reduce((sum, row) => sum + findingTotal(row.findings), 0);
  return (
    <div class="place-page policies-page" aria-busy={loading}>
      <PageHead
        title="Policies"
        wrong={dropping > 0}
        text={
          dropping > 0
            ? `${plural(dropping, "policy", "policies")} ${dropping === 1 ? "takes" : "take"} part in drops`
            : policies.length === 0
              ? "No policy is known."
              : "No policy takes part in drops."
        }
        rest={
          policies.length === 0
            ? ""
            : `${plural(policies.length, "policy", "policies")}, ${findings === 0 ? "nothing to say about them" : plural(findings, "finding")}`
        }
        asked={asked.value}
      />
      {policies.length === 0 ? (
        <section class="panel pad-top" aria-label="Policies">
          <NoPolicies />
        </section>
      ) : (
        <PolicyList rows={policies} />
      )}
    </div>
  );
}

function NoPolicies() {
  const past = range.value.kind === "between";
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
