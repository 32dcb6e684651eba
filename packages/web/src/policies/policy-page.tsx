import type { PolicyAnswer, PolicyName } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { isOld, OldNote } from "../parts/page-head.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { Ago } from "../parts/text.js";
import { useAgain, useAsked } from "../state/asked.js";
import { serverNow } from "../state/clock.js";
import { go, item, range, view } from "../state/nav.js";
import { momentOf } from "../state/view.js";
import { FindingsPanel, ProblemsPanel, SelectsPanel } from "./policy-panels.js";
import { PolicyTextPanel } from "./policy-text.js";
import { deniesText, policyText, shortKind, versionAt, versionKey } from "./words.js";

const VERSION = "v:";

/** One policy: its text at the time of the page, what is said about it, whom it selects, what it drops. */
export function PolicyPage({ policy }: { policy: PolicyName }) {
  const asked = useAsked<PolicyAnswer>(() => ({
    path: `policies/${policyItem(policy).split("/").map(encodeURIComponent).join("/")}`,
    query: { at: momentOf(range.value) },
    about: item.value,
    ...(range.value.kind === "live" && { every: 30_000 }),
  }));
  useAgain(asked.value.again);
  const { answer, failure, loading, again } = asked.value;
  return (
    <div class="place-page policy-page" aria-busy={loading}>
      <div class={isOld(asked.value) ? "headline-box is-old" : "headline-box"}>
        <p class="back">
          <Goto to={{ place: "policies", item: "" }}>
            <Icon name="chevron" size={12} /> Policies
          </Goto>
        </p>
        <h1 class="headline policy-title">
          <span class="kind" title={safe(policy.kind, 80)}>
            {safe(shortKind(policy.kind), 40)}
          </span>
          <span>
            {policy.namespace !== "" && (
              <span class="headline-rest">{safe(policy.namespace, 256)}/</span>
            )}
            {safe(policy.name, 256)}
          </span>
        </h1>
        {answer && <Facts answer={answer} />}
        {answer && <OldNote asked={asked.value} />}
      </div>
      {!answer && (
        <section class="panel pad-top" aria-label="Policy">
          {failure && !loading ? (
            <ErrorBox error={failure} retry={again} />
          ) : (
            <Skeleton rows={12} label={`Loading ${safe(policyText(policy), 200)}`} />
          )}
        </section>
      )}
      {answer && <Shown answer={answer} />}
    </div>
  );
}

function Facts({ answer }: { answer: PolicyAnswer }) {
  const [newest] = answer.versions;
  // Seen from a moment of the past, a version that ended since was not gone.
  const isGone = newest?.to != null && newest.to <= (momentOf(range.value) ?? serverNow());
  const { podCount, workloads } = answer.selects;
  return (
    <p class="policy-facts dim">
      <span>
        Denies <b>{deniesText(answer)}</b>
      </span>
      <span>
        selects <b>{podCount === 0 ? "no pod" : plural(podCount, "pod")}</b>
        {workloads.length > 0 && ` of ${plural(workloads.length, "workload")}`}
      </span>
      {isGone && newest?.to != null && (
        <span class="strong">
          removed <Ago at={newest.to} />
        </span>
      )}
      {newest?.from != null && !isGone && (
        <span>
          changed <Ago at={newest.from} />
        </span>
      )}
      {newest && newest.source !== "" && <span>from {safe(newest.source, 200)}</span>}
      {answer.problems.length > 0 && (
        <span class="part-in">
          <Verdict name="DROPPED" bare />
          <b>{plural(answer.problems.length, "problem")}</b>
        </span>
      )}
    </p>
  );
}

function Shown({ answer }: { answer: PolicyAnswer }) {
  const chosen = view.value.show.find((each) => each.startsWith(VERSION))?.slice(VERSION.length);
  const version =
    answer.versions.find((each) => versionKey(each) === chosen) ??
    versionAt(answer.versions, momentOf(range.value) ?? serverNow());
  const newest = version === answer.versions[0];
  return (
    <div class="policy-grid">
      <div class="policy-main">
        {version ? (
          <PolicyTextPanel
            version={version}
            versions={answer.versions}
            showDiff={view.value.show.includes("diff")}
            pick={(each) => show(`${VERSION}${versionKey(each)}`, VERSION)}
            flip={() => show(view.peek().show.includes("diff") ? "" : "diff", "diff")}
          />
        ) : (
          <section class="panel pad-top" aria-label="Text">
            <p class="pad">The text of this policy was not kept.</p>
          </section>
        )}
      </div>
      <div class="policy-side">
        <FindingsPanel findings={answer.findings} newest={newest} />
        <ProblemsPanel problems={answer.problems} trend={answer.trend} />
        <SelectsPanel answer={answer} />
      </div>
    </div>
  );
}

function show(name: string, instead: string): void {
  const left = view.peek().show.filter((each) => !each.startsWith(instead));
  go({ show: name === "" ? left : [...left, name] }, "replace");
}
