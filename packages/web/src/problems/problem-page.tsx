import type { ProblemAnswer } from "@dropscope/model";
import { Goto } from "../parts/goto.js";
import { Mark } from "../parts/headline.js";
import { Icon, Verdict } from "../parts/icons.js";
import { ErrorBox, ErrorCode, Skeleton } from "../parts/states.js";
import { safe } from "../lib/safe.js";
import { useAgain, useAsked } from "../state/asked.js";
import { serverNow } from "../state/clock.js";
import { link } from "../state/live.js";
import { range } from "../state/nav.js";
import { copy } from "../state/toast.js";
import { boundsOf } from "../state/view.js";
import { ProblemDns } from "./dns.js";
import { ProblemFacts } from "./facts.js";
import { Fixes } from "./fixes.js";
import { Nearest } from "./nearest.js";
import { ProblemPolicies } from "./policies.js";
import { SampleFlows } from "./samples.js";
import { State } from "./state.js";
import { Story } from "./story.js";
import { plain } from "./words.js";

/** A problem is read over its own time while the range is live. */
const REFRESH_MS = 5_000;

/** One problem: the sentence, what to do, and the evidence. */
export function ProblemPage({ id }: { id: string }) {
  const asked = useAsked<ProblemAnswer>(
    () => ({
      path: `problems/${encodeURIComponent(id)}`,
      query: {},
      about: id,
      key: JSON.stringify(range.value),
      ...(range.value.kind === "live" && { every: REFRESH_MS }),
    }),
    () => {
      const wanted = range.peek();
      if (wanted.kind === "live") return {};
      if (wanted.kind === "at") return { at: wanted.at };
      const { from, to } = boundsOf(wanted, serverNow());
      return { from: Math.floor(from), to: Math.ceil(to) };
    },
  );
  useAgain(asked.value.again);
  const { answer, failure, loading, again } = asked.value;
  if (!answer)
    return (
      <div class="overview">
        <Back />
        {failure && !loading ? (
          <ErrorBox error={failure} retry={again} />
        ) : (
          <>
            <h1 class="headline" aria-busy="true">
              <span class="sk sk-headline" /> <span class="sr">Loading the problem</span>
            </h1>
            <section class="panel pad-top">
              <Skeleton rows={8} label="Loading the problem" />
            </section>
          </>
        )}
      </div>
    );
  return (
    <div class={link.value.state === "lost" ? "overview old" : "overview"}>
      <Head answer={answer} />
      {failure && (
        <p class="page-old">
          <Icon name="warn" size={14} />
          <span role="status">
            {safe(failure.message, 300)} What is shown is of a moment ago.{" "}
            <ErrorCode code={failure.code} />
          </span>
        </p>
      )}
      <div class="problem-grid">
        <div class="problem-main">
          <Todo answer={answer} />
          <Nearest answer={answer} />
          <Story answer={answer} />
          <ProblemPolicies answer={answer} />
          <SampleFlows answer={answer} />
        </div>
        <aside class="problem-side" aria-label="Facts">
          <ProblemFacts answer={answer} />
          <ProblemDns answer={answer} />
        </aside>
      </div>
    </div>
  );
}

function Back() {
  return (
    <p class="back">
      <Goto to={{ place: "problems" }}>
        <Icon name="chevron" size={12} /> All problems
      </Goto>
    </p>
  );
}

function Head({ answer }: { answer: ProblemAnswer }) {
  const { problem, links } = answer;
  const { audited, sentence } = problem.explanation;
  return (
    <header class="headline-box problem-head">
      <div class="problem-top">
        <Back />
        <State state={problem.state} />
        <span class="panel-actions">
          <Goto to={{ place: "live", filter: links.filter }} class="button">
            <Icon name="pulse" size={14} /> Flows
          </Goto>
          <button
            type="button"
            class="button"
            title={safe(links.command, 600)}
            onClick={() => void copy(links.command, "Command")}
          >
            <Icon name="copy" size={14} /> hubble observe
          </button>
        </span>
      </div>
      <h1 class={problem.state === "resolved" ? "headline mood-past" : "headline mood-wrong"}>
        {audited ? <Verdict name="AUDIT" bare /> : <Mark mood="wrong" />}
        <span>{plain(sentence)}</span>
      </h1>
    </header>
  );
}

function Todo({ answer }: { answer: ProblemAnswer }) {
  const { next } = answer.problem.explanation;
  // An edit that was tried out says more than advice.
  const advice = answer.fixes.length === 0 ? plain(next) : "";
  return (
    <section class="panel todo" aria-label="What to do next">
      <div class="panel-head">
        <h2>What to do next</h2>
      </div>
      {advice !== "" && <p class="todo-next">{advice}</p>}
      <Fixes answer={answer} />
    </section>
  );
}
