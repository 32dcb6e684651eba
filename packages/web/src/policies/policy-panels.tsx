import type { PolicyAnswer, PolicyFinding, ProblemRow, TrendSpan } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { plural } from "../lib/format.js";
import { problemTarget } from "../lib/goto.js";
import { peerText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Diff, showLine } from "../parts/code.js";
import { Goto } from "../parts/goto.js";
import { Verdict } from "../parts/icons.js";
import { Ago, Mid, PeerName } from "../parts/text.js";
import { dropRate } from "./words.js";

const FIRST = 8;

/** What lints say, the worst first. Line numbers are those of the newest version. */
export function FindingsPanel(props: { findings: readonly PolicyFinding[]; newest: boolean }) {
  const { findings } = props;
  return (
    <section class="panel" aria-label="Findings">
      <div class="panel-head">
        <h2>Findings</h2>
        <span class="dim panel-note">
          {findings.length === 0 ? "" : "about the newest version"}
        </span>
      </div>
      {findings.length === 0 && <p class="pad dim">The lints have nothing to say.</p>}
      <ul class="findings">
        {findings.map((finding) => (
          <Finding
            finding={finding}
            newest={props.newest}
            key={`${finding.id} ${finding.path} ${finding.first}`}
          />
        ))}
      </ul>
    </section>
  );
}

function Finding({ finding, newest }: { finding: PolicyFinding; newest: boolean }) {
  const open = useSignal(false);
  const lines =
    finding.last > finding.first
      ? `lines ${finding.first}–${finding.last}`
      : `line ${finding.first}`;
  return (
    <li class="finding">
      <p class="finding-head">
        <span class={`severity severity-${finding.severity}`}>{finding.severity}</span>
        <span class="mono dim">{safe(finding.id, 24)}</span>
        {newest ? (
          <button type="button" class="link" onClick={() => showLine(finding.first)}>
            {lines}
          </button>
        ) : (
          <span class="dim">{lines}</span>
        )}
      </p>
      <p>{safe(finding.message, 1200)}</p>
      {finding.fix !== "" && (
        <p>
          <span class="strong">Next:</span> {safe(finding.fix, 1200)}
        </p>
      )}
      {finding.diff !== "" && (
        <>
          <button
            type="button"
            class="link"
            aria-expanded={open.value}
            onClick={() => (open.value = !open.value)}
          >
            {open.value ? "Hide the patch" : "Show the patch"}
          </button>
          {open.value && <Diff diff={finding.diff} label="Patch" copied="Patch" />}
        </>
      )}
    </li>
  );
}

/** Drops that it is part of. Bars of all rows have one scale. */
export function ProblemsPanel(props: { problems: readonly ProblemRow[]; trend: TrendSpan }) {
  const all = useSignal(false);
  const { problems } = props;
  const visible = all.value ? problems : problems.slice(0, FIRST);
  return (
    <section class="panel" aria-label="Problems">
      <div class="panel-head">
        <h2>Drops it is part of</h2>
      </div>
      {problems.length === 0 && <p class="pad dim">None in the last 24 hours that is not over.</p>}
      <ul class="policy-problems">
        {visible.map((problem) => (
          <li key={problem.id}>
            <Goto to={problemTarget(problem.id)} class="policy-problem">
              <Verdict name={problem.audited ? "AUDIT" : "DROPPED"} bare />
              <span class="policy-problem-text">{safe(problem.sentence, 600)}</span>
              <span class="dim num">
                {problem.rate > 0 ? (
                  dropRate(problem.rate)
                ) : (
                  <Ago at={Date.parse(problem.lastSeen)} />
                )}
              </span>
            </Goto>
          </li>
        ))}
      </ul>
      {problems.length > FIRST && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = !all.value)}>
            {all.value ? `Show ${FIRST}` : `Show all ${problems.length}`}
          </button>
        </p>
      )}
    </section>
  );
}

/** Whom it selects now, or did last. */
export function SelectsPanel({ answer }: { answer: PolicyAnswer }) {
  const { podCount, pods, workloads } = answer.selects;
  const all = useSignal(false);
  const visible = all.value ? workloads : workloads.slice(0, FIRST);
  return (
    <section class="panel" aria-label="Selects">
      <div class="panel-head">
        <h2>Selects</h2>
        <span class="dim panel-note num">{podCount === 0 ? "" : plural(podCount, "pod")}</span>
      </div>
      {podCount === 0 && (
        <p class="pad">
          <span class="strong">No pod that is known.</span>{" "}
          <span class="dim">
            Either its selector matches nothing, or dropscope was not told of the pods: they come
            from the cluster, and from the labels of flows.
          </span>
        </p>
      )}
      <ul class="pad selects">
        {visible.map((peer) => (
          <li key={peerText(peer)}>
            <PeerName peer={peer} />
          </li>
        ))}
      </ul>
      {workloads.length > FIRST && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = !all.value)}>
            {all.value ? `Show ${FIRST}` : `Show all ${workloads.length}`}
          </button>
        </p>
      )}
      {pods.length > 0 && (
        <details class="pad">
          <summary>Pods</summary>
          <ul class="selects">
            {pods.map((pod) => (
              <li key={pod}>
                <Mid text={safe(pod, 512)} />
              </li>
            ))}
          </ul>
          {podCount > pods.length && (
            <p class="dim">and {plural(podCount - pods.length, "more pod")}</p>
          )}
        </details>
      )}
    </section>
  );
}
