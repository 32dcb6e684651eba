import type { NamespaceReadiness, ReadinessAnswer } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { NoFlows } from "../parts/empty-flows.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { PageHead } from "../parts/page-head.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { useAsked } from "../state/asked.js";
import { go } from "../state/nav.js";
import { copy } from "../state/toast.js";
import { EvidenceNote } from "./evidence.js";
import { scope, trafficItem } from "./scope.js";
import { Stage } from "./stage.js";
import { TuningTabs } from "./tabs.js";
import { useSpan } from "./use-span.js";
import { DNS_WORDS, readinessSentence } from "./words.js";

/** How far each namespace is from a default deny that breaks nothing, and what to do next. */
export function ReadinessPage() {
  const span = useSpan();
  const about = scope.value;
  const asked = useAsked<ReadinessAnswer>(() => ({
    path: "tuning/readiness",
    query: { ...span.value },
  }));
  const { answer, failure, loading, again } = asked.value;
  const namespaces = answer?.namespaces ?? [];
  return (
    <div class="place-page readiness-page" aria-busy={loading}>
      <TuningTabs namespace={about.what === "none" ? "" : about.namespace} />
      <PageHead
        title="Readiness"
        {...(answer && readinessSentence(namespaces))}
        asked={asked.value}
      />
      <section class="panel" aria-label="Namespaces">
        {!answer && (
          <div class="pad-top">
            {failure && !loading ? (
              <ErrorBox error={failure} retry={again} />
            ) : (
              <Skeleton rows={8} label="Working out how far each namespace is" />
            )}
          </div>
        )}
        {answer && namespaces.length === 0 && (
          <div class="pad-top">
            <NoFlows />
          </div>
        )}
        <ul class="readiness">
          {namespaces.map((each) => (
            <Namespace ready={each} key={each.namespace} />
          ))}
        </ul>
      </section>
    </div>
  );
}

function Namespace({ ready }: { ready: NamespaceReadiness }) {
  const { namespace, workloads, isolated, wouldBreak, dns, plan } = ready;
  const about = scope.value;
  const open = about.what !== "none" && about.namespace === namespace;
  const id = `ready-${namespace}`;
  const next = plan.find(({ done }) => !done);
  return (
    <li class={open ? "ready open" : "ready"}>
      <button
        type="button"
        class="ready-head"
        data-row
        aria-expanded={open}
        aria-controls={id}
        onClick={() => go({ item: open ? "" : trafficItem(namespace) }, "replace")}
      >
        <span class="mono strong ready-name">{safe(namespace, 253)}</span>
        <Stage stage={ready.stage} />
        <span class="dim num ready-note">
          {wouldBreak.edges > 0 && (
            <>
              <Verdict name="DROPPED" bare /> {plural(wouldBreak.edges, "connection")} would break
            </>
          )}
          {wouldBreak.edges === 0 && plural(ready.cleanDays, "clean day")}
        </span>
        <Icon name="chevron" size={12} />
      </button>
      <p class="ready-says">{safe(ready.says, 600)}</p>
      {!open && next && (
        <p class="dim">
          <span class="strong">Next:</span> {safe(next.says, 400)}
        </p>
      )}
      {open && (
        <div id={id} class="ready-body">
          <dl class="ready-facts num">
            <div>
              <dt>Isolated</dt>
              <dd>
                ingress {isolated.ingress}, egress {isolated.egress} of{" "}
                {plural(workloads, "workload")}
              </dd>
            </div>
            <div>
              <dt>Name lookups</dt>
              <dd>{DNS_WORDS[dns]}</dd>
            </div>
            <div>
              <dt>Would break</dt>
              <dd>
                {wouldBreak.edges === 0
                  ? "nothing that was seen"
                  : `${plural(wouldBreak.edges, "connection")}, ${plural(wouldBreak.flows, "flow")}`}
              </dd>
            </div>
            <div>
              <dt>Clean replay</dt>
              <dd>{plural(ready.cleanDays, "day")}</dd>
            </div>
          </dl>
          <EvidenceNote evidence={ready.evidence} />
          <ol class="plan" aria-label={`Plan for ${safe(namespace, 253)}`}>
            {plan.map((step) => (
              <Step step={step} next={step === next} key={step.says} />
            ))}
          </ol>
          <p class="row-of-buttons">
            <Goto to={{ place: "tuning", item: trafficItem(namespace) }} class="button primary">
              Propose policies
            </Goto>
            <Goto to={{ place: "rules", item: trafficItem(namespace) }} class="button">
              {`Rules of ${safe(namespace, 80)}`}
            </Goto>
          </p>
        </div>
      )}
    </li>
  );
}

function Step({ step, next }: { step: NamespaceReadiness["plan"][number]; next: boolean }) {
  const { done, says, command } = step;
  return (
    <li class={done ? "done" : next ? "plan-next" : ""}>
      <span class="plan-mark" aria-hidden="true">
        {done && <Icon name="check" size={12} />}
      </span>
      <div>
        <p>
          {done && <span class="sr">Done: </span>}
          {safe(says, 600)}
        </p>
        {command !== "" && (
          <p class="plan-command">
            <code>{safe(command, 600)}</code>
            <button
              type="button"
              class="ghost"
              aria-label="Copy the command"
              title="Copy the command"
              onClick={() => void copy(command, "Command")}
            >
              <Icon name="copy" size={14} />
            </button>
          </p>
        )}
      </div>
    </li>
  );
}
