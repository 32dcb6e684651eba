import type { EdgeTold, SuggestedPolicy, SuggestedRule } from "@dropscope/model";
import { count, plural } from "../lib/format.js";
import { portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { Ago, PeerName } from "../parts/text.js";
import { policyText, shortKind } from "../policies/words.js";
import { CONFIDENCE_WORDS, outcomeText, PATTERNS } from "./words.js";

/** Every rule of the proposal with what it rests on. */
export function ProposedRules({ policies }: { policies: readonly SuggestedPolicy[] }) {
  const rules = policies.reduce((sum, { rules }) => sum + rules.length, 0);
  return (
    <section class="panel proposed" aria-label="What the rules rest on">
      <div class="panel-head">
        <h2>What the rules rest on</h2>
        <span class="dim panel-note num">
          {plural(rules, "rule")} of {plural(policies.length, "policy", "policies")}, as proposed
        </span>
      </div>
      {policies.map((each) => (
        <div key={policyText(each.policy)}>
          <h3 class="proposed-policy">
            <span class="kind">{safe(shortKind(each.policy.kind), 40)}</span>
            <span class="mono">{safe(policyText(each.policy), 400)}</span>
            <span class="dim">{safe(each.subject, 300)}</span>
          </h3>
          {each.rules.length === 0 ? (
            <p class="pad dim">It has no rule of its own: it only makes deny the default.</p>
          ) : (
            <table class="table cards rest-table">
              <thead>
                <tr>
                  <th scope="col">Rule</th>
                  <th scope="col">Pattern</th>
                  <th scope="col">Confidence</th>
                  <th scope="col" class="right">
                    Flows
                  </th>
                  <th scope="col" class="right">
                    Last seen
                  </th>
                </tr>
              </thead>
              <tbody>
                {each.rules.map((rule) => (
                  <Rule rule={rule} key={rule.path} />
                ))}
              </tbody>
            </table>
          )}
        </div>
      ))}
    </section>
  );
}

function Rule({ rule }: { rule: SuggestedRule }) {
  const [pattern, meaning] = PATTERNS[rule.pattern];
  return (
    <tr>
      <td class="cell-main cell-rule">
        <p>{safe(rule.says, 500)}</p>
        {rule.why !== "" && <p class="dim">{safe(rule.why, 500)}</p>}
        <details>
          <summary>
            <span class="mono">{safe(rule.path, 200)}</span>
            {rule.edges.length > 0 && `, from ${plural(rule.edges.length, "connection")}`}
          </summary>
          <Edges edges={rule.edges} />
        </details>
      </td>
      <td data-label="Pattern" title={meaning}>
        {pattern}
      </td>
      <td data-label="Confidence">
        <ConfidenceMark level={rule.confidence} />
      </td>
      <td data-label="Flows" class="right num">
        {rule.flows === 0 ? <span class="dim">–</span> : <span>{count(rule.flows)}</span>}
        {rule.pods > 0 && <span class="dim"> · {plural(rule.pods, "pod")}</span>}
      </td>
      <td data-label="Last seen" class="right">
        <Ago at={rule.lastSeen ?? 0} />
      </td>
    </tr>
  );
}

export function Edges({ edges }: { edges: readonly EdgeTold[] }) {
  if (edges.length === 0) return <p class="dim">Nothing observed asks for it.</p>;
  return (
    <ul class="told-edges">
      {edges.map((edge) => (
        <li key={edge.id}>
          <PeerName peer={edge.client} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <span class="sr">to</span>
          <PeerName peer={edge.server} />
          <span class="mono num">{portText(edge.port, safe(edge.protocol, 12))}</span>
          <span class="dim num">
            {plural(edge.flows, "flow")}, {outcomeText(edge.outcome)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ConfidenceMark({ level }: { level: SuggestedRule["confidence"] }) {
  const [word, steps] = CONFIDENCE_WORDS[level];
  return (
    <span class="confidence">
      <svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">
        {[1, 2, 3].map((step) => (
          <rect
            class={step <= steps ? "full" : ""}
            x={step * 6 - 5.5}
            y={9 - step * 3 + 0.5}
            width="4"
            height={step * 3 + 2}
            rx="0.5"
            key={step}
          />
        ))}
      </svg>
      {word}
    </span>
  );
}
