import type { ProblemAnswer } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { count, plural } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { Goto } from "../parts/goto.js";
import { Ago } from "../parts/text.js";
import { agreementText, changeText, pathText, perMinute, policyText } from "./words.js";

/** How much, since when, who is hit, and who says so. */
export function ProblemFacts({ answer }: { answer: ProblemAnswer }) {
  const { problem } = answer;
  return (
    <section class="panel side-panel" aria-label="Facts">
      <dl class="side-facts">
        <Fact title="Traffic">
          <span class="mono">{pathText(problem)}</span>
          {problem.direction !== "" && <span class="dim"> · denied on {problem.direction}</span>}
        </Fact>
        <Fact title="Reason">
          <span title={safe(problem.reason, 80)}>{safe(reasonTitle(problem.reason), 80)}</span>
        </Fact>
        <Fact title="Drops">
          <span class="num strong">{count(problem.count)}</span>{" "}
          <span class="dim num">· {perMinute(problem.rate)} now</span>
        </Fact>
        <Fact title="First seen">
          <Ago at={Date.parse(problem.firstSeen)} />
        </Fact>
        <Fact title="Last seen">
          <Ago at={Date.parse(problem.lastSeen)} />
        </Fact>
        {problem.change && (
          <Fact title="Change">
            <span class="strong">{changeText(problem.change, problem)}.</span>
          </Fact>
        )}
        <Fact title="Policies">
          {problem.policies.length === 0 ? (
            <span class="dim">none takes part</span>
          ) : (
            <ul>
              {problem.policies.map((policy) => (
                <li key={`${policy.kind} ${policyText(policy)}`}>
                  <Goto to={policyTarget(policy)}>
                    <span class="mono">{policyText(policy)}</span>
                  </Goto>{" "}
                  <span class="dim">{safe(policy.kind, 80)}</span>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact title="Checked">{agreementText(problem.agreement)}.</Fact>
        <Names title="Pods" names={problem.pods} all={problem.podCount} one="pod" />
        <Names title="Far ends" names={problem.peers} all={problem.peerCount} one="far end" />
        <Names title="Nodes" names={problem.nodes} all={problem.nodeCount} one="node" />
      </dl>
    </section>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const SHOWN = 5;

function Names(props: { title: string; names: readonly string[]; all: number; one: string }) {
  const { title, names, all, one } = props;
  if (all === 0) return null;
  const list = (some: readonly string[]) => (
    <ul class="mono name-list">
      {some.map((name) => (
        <li key={name}>{safe(name, 300)}</li>
      ))}
    </ul>
  );
  const rest = names.slice(SHOWN);
  return (
    <Fact title={title}>
      <span class="num">{plural(all, one)}</span>
      {list(names.slice(0, SHOWN))}
      {rest.length > 0 && (
        <details>
          <summary>
            {count(rest.length)} more
            {names.length < all && `, the others are not kept by name`}
          </summary>
          {list(rest)}
        </details>
      )}
    </Fact>
  );
}
