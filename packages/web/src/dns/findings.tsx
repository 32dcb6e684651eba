import type { DnsEntry } from "@dropscope/model";
import { DNS_RULES } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { count, plural } from "../lib/format.js";
import { policyTarget, problemTarget } from "../lib/goto.js";
import { safe } from "../lib/safe.js";
import { useSteady } from "../lib/steady.js";
import { Goto } from "../parts/goto.js";
import { Icon, Verdict } from "../parts/icons.js";
import { Ago, PeerName } from "../parts/text.js";
import { policyText, shortKind } from "../policies/words.js";
import { go, item } from "../state/nav.js";
import type { RuleGroup } from "./words.js";
import { stallText } from "./words.js";

const FIRST = 6;

/** All that one rule found, a row a client. */
export function RuleGroupPanel({ group }: { group: RuleGroup }) {
  const all = useSignal(false);
  const { rule, title, severity } = group;
  const { items: entries, hold } = useSteady(group.entries, ({ finding }) => finding.id);
  const chosen = entries.findIndex(({ finding }) => finding.id === item.value);
  const visible = all.value ? entries : entries.slice(0, Math.max(FIRST, chosen + 1));
  return (
    <section class="panel dns-rule" aria-label={title}>
      <div class="panel-head">
        <span class={`severity severity-${severity}`}>{severity}</span>
        <h2>{title}</h2>
        <span class="dim panel-note">
          <span class="mono">{rule}</span> {DNS_RULES[rule]}
        </span>
        <span class="dim panel-note num dns-clients">
          {plural(
            new Set(
              entries.map(({ finding }) => finding.client.namespace + "/" + finding.client.name),
            ).size,
            "client",
          )}
        </span>
      </div>
      <ul {...hold}>
        {visible.map((entry) => (
          <Entry entry={entry} key={entry.finding.id} />
        ))}
      </ul>
      {entries.length > visible.length && (
        <p class="pad pad-top">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(entries.length)}
          </button>
        </p>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: DnsEntry }) {
  const { finding } = entry;
  const open = item.value === finding.id;
  const id = `dns-${finding.id}`;
  return (
    <li class={open ? "dns-entry open" : "dns-entry"}>
      <button
        type="button"
        class="dns-head"
        data-row
        aria-expanded={open}
        aria-controls={id}
        onClick={() => go({ item: open ? "" : finding.id }, "replace")}
      >
        <span class="dns-ends">
          <PeerName peer={finding.client} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <PeerName peer={finding.server} />
        </span>
        <span class="dim num dns-when">
          {count(finding.count)}× · <Ago at={Date.parse(finding.lastSeen)} />
        </span>
        <Icon name="chevron" size={12} />
      </button>
      <p class="dns-sentence">{safe(finding.sentence, 1000)}</p>
      {finding.stall && (
        <p class="dns-stall">
          <span class="strong num">Waits {stallText(finding.stall)}</span>{" "}
          <span class="dim">{safe(finding.stall.reason, 600)}</span>
        </p>
      )}
      {finding.next !== "" && (
        <p class="dns-next">
          <span class="strong">Next:</span> {safe(finding.next, 1000)}
        </p>
      )}
      {entry.problems.length > 0 && (
        <p class="row-of-buttons dns-links">
          {entry.problems.slice(0, 5).map((problem, index) => (
            <Goto key={problem} to={problemTarget(problem)} class="button">
              <Verdict name="DROPPED" bare />{" "}
              {entry.problems.length === 1 ? "The drops behind it" : `Drops ${index + 1}`}
            </Goto>
          ))}
        </p>
      )}
      {open && <Details entry={entry} id={id} />}
    </li>
  );
}

function Details({ entry, id }: { entry: DnsEntry; id: string }) {
  const { finding } = entry;
  return (
    <dl class="facts dns-facts" id={id}>
      {finding.query !== "" && (
        <>
          <dt>Name</dt>
          <dd class="mono">{safe(finding.query, 300)}</dd>
        </>
      )}
      {finding.detail !== "" && (
        <>
          <dt>Kind</dt>
          <dd>{safe(finding.detail, 80)}</dd>
        </>
      )}
      <dt>Seen</dt>
      <dd>
        {plural(finding.count, "time")}, first <Ago at={Date.parse(finding.firstSeen)} />, last{" "}
        <Ago at={Date.parse(finding.lastSeen)} />
      </dd>
      {finding.policies.length > 0 && (
        <>
          <dt>Policies</dt>
          <dd>
            <ul>
              {finding.policies.map((policy) => (
                <li key={`${policy.kind} ${policyText(policy)}`}>
                  <Goto to={policyTarget(policy)}>
                    {safe(shortKind(policy.kind), 40)}{" "}
                    <span class="mono">{safe(policyText(policy), 300)}</span>
                  </Goto>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
      <dt>Evidence</dt>
      <dd>
        {finding.evidence.length === 0 && <span class="dim">No single flow shows it.</span>}
        <ul class="dns-evidence">
          {finding.evidence.map((uuid, index) => (
            <li key={uuid}>
              <Goto to={{ place: "live", flow: uuid }}>Flow {index + 1}</Goto>
            </li>
          ))}
        </ul>
      </dd>
    </dl>
  );
}
