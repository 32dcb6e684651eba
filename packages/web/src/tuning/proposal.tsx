import type { SuggestionAnswer } from "@dropscope/model";
import type { ReadonlySignal } from "@preact/signals";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { safe } from "../lib/safe.js";
import { Icon } from "../parts/icons.js";
import { useAsked } from "../state/asked.js";
import { EvidenceNote } from "./evidence.js";
import { LeftOutPanel } from "./left-out.js";
import { ProposedRules } from "./proposed-rules.js";
import { ScopeBar } from "./scope-bar.js";
import { choices, trafficItem } from "./scope.js";
import type { Span } from "./use-span.js";
import { lengthText } from "./words.js";
import { Workbench } from "./workbench.js";

/** The policies that allow what was seen, and all that they rest on. */
export function Proposal(props: {
  namespace: string;
  workload: string;
  span: ReadonlySignal<Span>;
}) {
  const { namespace, workload, span } = props;
  const { kind, mode } = choices.value;
  const item = trafficItem(namespace, workload);
  const about = `${item} ${kind ?? "any"} ${mode}`;
  const asked = useAsked<SuggestionAnswer>(() => {
    const { kind, mode, include } = choices.value;
    return {
      path: "tuning/suggestion",
      query: { namespace, workload, kind, mode, include: include.join(","), ...span.value },
      about: `${kind ?? ""} ${mode}`,
    };
  });
  const { answer, failure, loading, again } = asked.value;
  const title = `Tuning ${item}`;
  const scope = <ScopeBar namespace={namespace} workload={workload} />;
  if (!answer) {
    return (
      <>
        {scope}
        <PageHead title={title} />
        {failure && !loading ? (
          <section class="panel pad-top" aria-label="Proposal">
            <ErrorBox error={failure} retry={again} />
          </section>
        ) : (
          <div class="tuning-grid">
            <section class="panel pad-top" aria-label="Policies">
              <Skeleton rows={14} label="Working out policies from the stored traffic" />
            </section>
            <section class="panel pad-top" aria-label="Replay">
              <Skeleton rows={8} label="Replaying the stored traffic" />
            </section>
          </div>
        )}
      </>
    );
  }
  if (answer.policies.length === 0) {
    return (
      <>
        {scope}
        <PageHead title={title} text="Nothing to propose." asked={asked.value} />
        <EvidenceNote evidence={answer.evidence} />
        <section class="panel pad-top" aria-label="Proposal">
          <NoProposal answer={answer} />
        </section>
        <LeftOutPanel answer={answer} />
      </>
    );
  }
  return (
    <>
      {scope}
      <Workbench
        key={about}
        title={title}
        about={about}
        namespace={namespace}
        span={span}
        base={answer.yaml}
        asked={asked.value}
        backTo="Back to the proposal"
      >
        {answer.remarks.length > 0 && <Remarks texts={answer.remarks} />}
        <ProposedRules policies={answer.policies} />
        <LeftOutPanel answer={answer} />
      </Workbench>
    </>
  );
}

function NoProposal({ answer }: { answer: SuggestionAnswer }) {
  const { evidence, leftOut } = answer;
  return (
    <Empty
      title={
        evidence.edges === 0
          ? `No traffic was seen here in ${lengthText(evidence)}.`
          : "No policy follows from what was seen."
      }
    >
      <ul class="hints">
        {answer.remarks.map((text) => (
          <li key={text}>{safe(text, 600)}</li>
        ))}
        {evidence.edges === 0 && (
          <li>
            Take a longer range above, or another namespace: a policy is proposed from traffic.
          </li>
        )}
        {leftOut.length > 0 && <li>What was seen is left out for the reasons below.</li>}
      </ul>
    </Empty>
  );
}

/** Before somebody applies it. */
function Remarks({ texts }: { texts: readonly string[] }) {
  return (
    <section class="panel remarks" aria-label="Before you apply it">
      <ul>
        {texts.map((text) => (
          <li key={text}>
            <Icon name="warn" size={14} /> <span>{safe(text, 800)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
