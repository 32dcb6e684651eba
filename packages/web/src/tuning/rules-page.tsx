import type { RuleFinding, RulesAnswer, RuleUse } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, plural } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { useSteady } from "../lib/steady.js";
import { Code } from "../parts/code.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { Ago } from "../parts/text.js";
import { shortKind } from "../policies/words.js";
import { Sparkline } from "../problems/sparkline.js";
import { useAsked } from "../state/asked.js";
import { go, view } from "../state/nav.js";
import { copy } from "../state/toast.js";
import { Select, useNamespaces } from "./controls.js";
import { EvidenceNote } from "./evidence.js";
import { policyScope, scope, trafficItem } from "./scope.js";
import { TuningTabs } from "./tabs.js";
import { useSpan } from "./use-span.js";
import type { RuleSort } from "./words.js";
import { attributionText, FINDINGS, folded, lengthText, RULE_SORTS, sortedRules } from "./words.js";

const FIRST = 100;
const ONLY = "only:";
const BY = "by:";

/** What uses each rule of the policies in force, and which rules nothing uses. */
export function RulesPage() {
  const span = useSpan();
  const about = scope.value;
  const namespace = about.what === "none" ? "" : about.namespace;
  const namespaces = useNamespaces() ?? [];
  const asked = useAsked<RulesAnswer>(() => {
    const about = scope.value;
    const namespace = about.what === "none" ? "" : about.namespace;
    return {
      path: "tuning/rules",
      query: { namespace, ...span.value },
      about: namespace,
    };
  });
  const { answer, failure, loading, again } = asked.value;
  const found = answer?.rules.filter(({ findings }) => findings.length > 0).length ?? 0;
  const unused = answer ? countOf(answer.rules, "never-used") : 0;
  return (
    <div class="place-page rules-page" aria-busy={loading}>
      <TuningTabs namespace={namespace} />
      <PageHead
        title="Rules"
        {...(answer && {
          text: headText(answer, unused),
          rest:
            answer.rules.length === 0
              ? ""
              : `${plural(answer.rules.length, "rule")} looked at${found > 0 ? `, ${count(found)} with something to say` : ""}`,
        })}
        asked={asked.value}
      />
      {answer && <EvidenceNote evidence={answer.evidence} />}
      <div class="scope-bar">
        <Select
          label="Namespace"
          value={namespace}
          none="All namespaces"
          options={namespaces}
          onPick={(value) => go({ item: trafficItem(value) })}
        />
      </div>
      {answer ? (
        <RuleList answer={answer} />
      ) : (
        <section class="panel pad-top" aria-label="Rules">
          {failure && !loading ? (
            <ErrorBox error={failure} retry={again} />
          ) : (
            <Skeleton rows={10} label="Counting what uses each rule" />
          )}
        </section>
      )}
    </div>
  );
}

function countOf(rules: readonly RuleUse[], kind: RuleFinding["kind"]): number {
  return rules.filter(({ findings }) => findings.some((each) => each.kind === kind)).length;
}

function headText(answer: RulesAnswer, unused: number): string {
  if (answer.rules.length === 0) return "No rule is in force.";
  const length = lengthText(answer.evidence);
  return unused === 0
    ? `No rule is known to be unused in ${length}`
    : `Nothing used ${plural(unused, "rule")} in ${length}`;
}

function token(prefix: string): string {
  return view.value.show.find((each) => each.startsWith(prefix))?.slice(prefix.length) ?? "";
}

function setToken(prefix: string, value: string): void {
  const left = view.peek().show.filter((each) => !each.startsWith(prefix));
  go({ show: value === "" ? left : [...left, prefix + value] }, "replace");
}

function RuleList({ answer }: { answer: RulesAnswer }) {
  const all = useSignal(false);
  const only = token(ONLY);
  const by: RuleSort = RULE_SORTS.find((each) => each === token(BY)) ?? "matters";
  const kinds = (Object.keys(FINDINGS) as RuleFinding["kind"][]).filter(
    (kind) => countOf(answer.rules, kind) > 0,
  );
  const wanted = sortedRules(answer.rules, by).filter(
    ({ findings }) => only === "" || findings.some(({ kind }) => kind === only),
  );
  const { items, hold } = useSteady(wanted, keyOf);
  const listed = all.value ? items : items.slice(0, FIRST);
  const most = Math.max(1, ...items.flatMap(({ trend }) => folded(trend)));
  return (
    <section class="panel" aria-label="Rules">
      <div class="panel-head list-tools">
        {kinds.map((kind) => {
          const on = only === kind;
          return (
            <button
              type="button"
              class={on ? "button on" : "button"}
              aria-pressed={on}
              key={kind}
              onClick={() => setToken(ONLY, on ? "" : kind)}
            >
              {on && <Icon name="check" size={12} />}
              {FINDINGS[kind]} <span class="num dim">{count(countOf(answer.rules, kind))}</span>
            </button>
          );
        })}
        <span class="dim panel-note num" role="status">
          {plural(items.length, "rule")}
        </span>
      </div>
      {items.length === 0 && (
        <Empty title={answer.rules.length === 0 ? "No rule is in force." : "None of these."}>
          <p class="dim">
            {answer.rules.length === 0
              ? "Rules are counted once policies are known: --policies DIR, or --kubeconfig FILE."
              : ""}
          </p>
        </Empty>
      )}
      {listed.length > 0 && (
        <table class="table cards use-table">
          <thead>
            <tr>
              <Head by="name" on={by} text="Rule" />
              <th scope="col">Used</th>
              <Head by="flows" on={by} text="Flows" right />
              <th scope="col" class="right">
                Last used
              </th>
            </tr>
          </thead>
          <tbody {...hold}>
            {listed.map((rule) => (
              <Row rule={rule} most={most} key={keyOf(rule)} />
            ))}
          </tbody>
        </table>
      )}
      {items.length > listed.length && (
        <p class="pad pad-top">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(items.length)}
          </button>
        </p>
      )}
      {answer.more > 0 && (
        <p class="pad pad-top dim">
          {plural(answer.more, "more rule")}; one namespace narrows them down.
        </p>
      )}
    </section>
  );
}

const keyOf = ({ policy, path }: RuleUse): string => `${policyItem(policy)} ${path}`;

function Head(props: { by: RuleSort; on: RuleSort; text: string; right?: boolean }) {
  const on = props.on === props.by;
  const up = props.by === "name";
  return (
    <th
      scope="col"
      class={props.right ? "right" : ""}
      aria-sort={on ? (up ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        class={on ? "sort on" : "sort"}
        onClick={() => setToken(BY, on ? "" : props.by)}
      >
        {props.text}
        <span aria-hidden="true">{on ? (up ? " ↑" : " ↓") : ""}</span>
      </button>
    </th>
  );
}

function Row({ rule, most }: { rule: RuleUse; most: number }) {
  const { policy, findings } = rule;
  return (
    <tr class={findings.length > 0 ? "has-findings" : ""}>
      <td class="cell-main cell-rule">
        <Goto to={policyTarget(policy)} class="row-link">
          <span class="kind" title={safe(policy.kind, 80)}>
            {safe(shortKind(policy.kind), 40)}
          </span>
          <span class="mono">
            <span class="dim">
              {policy.namespace === "" ? "" : `${safe(policy.namespace, 253)}/`}
            </span>
            <span class="strong">{safe(policy.name, 253)}</span>
          </span>
          <span class="mono dim">
            {safe(rule.path, 200)}
            {rule.line > 0 && `, line ${rule.line}`}
          </span>
        </Goto>
        <p>
          {rule.action === "deny" && <b>Deny: </b>}
          {safe(rule.says, 500)}
        </p>
        {findings.map((finding) => (
          <Finding finding={finding} rule={rule} key={`${finding.kind} ${finding.says}`} />
        ))}
      </td>
      <td data-label="Used" class={rule.action === "deny" ? "hits denies" : "hits"}>
        <Sparkline
          counts={folded(rule.trend)}
          most={most}
          label={`${plural(rule.flows, "flow")} over the range`}
        />
      </td>
      <td data-label="Flows" class="right num" title={attributionText(rule)}>
        {rule.flows === 0 ? <span>none</span> : <span>{count(rule.flows)}</span>}
        {rule.edges > 0 && <span class="dim"> · {plural(rule.edges, "connection")}</span>}
      </td>
      <td data-label="Last used" class="right">
        <Ago at={rule.lastSeen ?? 0} />
      </td>
    </tr>
  );
}

function Finding({ finding, rule }: { finding: RuleFinding; rule: RuleUse }) {
  return (
    <div class="rule-finding">
      <p>
        <span class="severity severity-medium">{FINDINGS[finding.kind]}</span>{" "}
        {safe(finding.says, 800)}{" "}
        <Goto to={{ place: "tuning", item: policyScope(rule.policy) }}>Edit and replay</Goto>
      </p>
      {finding.yaml !== "" && (
        <details>
          <summary>What carries the same traffic, and no more</summary>
          <Code text={finding.yaml} label="Narrower rule" />
          <button
            type="button"
            class="button"
            onClick={() => void copy(finding.yaml, "Narrower rule")}
          >
            <Icon name="copy" size={14} /> Copy
          </button>
        </details>
      )}
    </div>
  );
}
