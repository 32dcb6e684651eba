import type { PolicyAnswer, PolicyName } from "@dropscope/model";
import type { ReadonlySignal } from "@preact/signals";
import { policyTarget } from "../lib/goto.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { Goto } from "../parts/goto.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { policyText, shortKind } from "../policies/words.js";
import { useAsked } from "../state/asked.js";
import { range } from "../state/nav.js";
import { momentOf } from "../state/view.js";
import type { Span } from "./use-span.js";
import { Workbench } from "./workbench.js";

/** One policy in force, to be changed and tried out. */
export function PolicyEdit({ policy, span }: { policy: PolicyName; span: ReadonlySignal<Span> }) {
  const item = policyItem(policy);
  const asked = useAsked<PolicyAnswer>(() => ({
    path: `policies/${item.split("/").map(encodeURIComponent).join("/")}`,
    query: { at: momentOf(range.value) },
  }));
  const { answer, failure, loading, again } = asked.value;
  const [version] = answer?.versions ?? [];
  const title = `Tuning ${policyText(policy)}`;
  return (
    <>
      <p class="scope-bar">
        <Goto to={policyTarget(policy)} class="scope-policy">
          <span class="kind">{safe(shortKind(policy.kind), 40)}</span>{" "}
          <span class="mono strong">{safe(policyText(policy), 400)}</span>
        </Goto>
        <span class="dim">as it is in force; edit it to see what would change</span>
      </p>
      {version && version.yaml !== "" ? (
        <Workbench
          title={title}
          about={item}
          namespace={policy.namespace}
          span={span}
          base={version.yaml}
          asked={asked.value}
          backTo="Back to what is in force"
        />
      ) : (
        <>
          <PageHead title={title} />
          <section class="panel pad-top" aria-label="Policies">
            {failure && !loading && <ErrorBox error={failure} retry={again} />}
            {!answer && !failure && <Skeleton rows={12} label="Loading the policy" />}
            {answer && <Empty title="The text of this policy was not kept." />}
          </section>
        </>
      )}
    </>
  );
}
