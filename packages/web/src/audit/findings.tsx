import type { AuditAnswer, AuditFinding, PolicyName } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { count, plural } from "../lib/format.js";
import { policyTarget } from "../lib/goto.js";
import { edgeFilter, portText } from "../lib/peer.js";
import { policyItem } from "../lib/policy-name.js";
import { safe } from "../lib/safe.js";
import { useSteady } from "../lib/steady.js";
import { Goto } from "../parts/goto.js";
import { Icon } from "../parts/icons.js";
import { ErrorBox, Skeleton } from "../parts/states.js";
import { Ago, PeerName } from "../parts/text.js";
import { policyText, shortKind } from "../policies/words.js";
import type { Asked } from "../state/asked.js";
import { flags, needFlags } from "../state/flags.js";
import { go, item } from "../state/nav.js";
import { when } from "../state/picture.js";
import { Fold } from "./fold.js";
import { edgeOf, endsOf, findingCount, reasonText } from "./words.js";

const FIRST = 6;

/** What passed in the range although the policies deny it. */
export function TrespassFold({ asked }: { asked: Asked<AuditAnswer> }) {
  const { answer, failure, loading, again } = asked;
  const total = answer && findingCount(answer);
  return (
    <Fold
      name="audit"
      title="Forwarded although denied"
      total={total}
      wrong
      note={total === 0 ? `Nothing that policies deny has passed, ${when.value}.` : ""}
      opened={(total ?? 0) > 0}
    >
      {answer ? (
        <Findings answer={answer} total={total ?? 0} />
      ) : failure && !loading ? (
        <ErrorBox error={failure} retry={again} />
      ) : (
        <Skeleton rows={3} label="Loading what passed although denied" />
      )}
    </Fold>
  );
}

function Findings({ answer, total }: { answer: AuditAnswer; total: number }) {
  const all = useSignal(false);
  useEffect(needFlags, []);
  const { items, hold } = useSteady(answer.findings, ({ id }) => id);
  const chosen = items.findIndex(({ id }) => id === item.value);
  const visible = all.value ? items : items.slice(0, Math.max(FIRST, chosen + 1));
  if (total === 0)
    return (
      <p class="pad dim">
        Looked for: new connections that reached their endpoint while the policies of that moment
        deny them.
      </p>
    );
  return (
    <>
      <ul {...hold}>
        {visible.map((finding) => (
          <Finding finding={finding} key={finding.id} />
        ))}
      </ul>
      {items.length > visible.length && (
        <p class="pad">
          <button type="button" class="link" onClick={() => (all.value = true)}>
            Show all {count(items.length)}
          </button>
        </p>
      )}
      {all.value && total > items.length && (
        <p class="pad dim">The newest {count(items.length)} are shown; the API pages further.</p>
      )}
    </>
  );
}

function Finding({ finding }: { finding: AuditFinding }) {
  const open = item.value === finding.id;
  const id = `audit-${finding.id}`;
  const [from, to] = endsOf(finding);
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
          <PeerName peer={from} />
          <span class="arrow" aria-hidden="true">
            →
          </span>
          <PeerName peer={to} />
          <span class="mono dim">{portText(finding.port, safe(finding.protocol, 12))}</span>
        </span>
        <span class="dim num dns-when">
          {count(finding.count)}× · <Ago at={Date.parse(finding.lastSeen)} />
        </span>
        <Icon name="chevron" size={12} />
      </button>
      <p class="dns-sentence">{safe(finding.sentence, 1000)}</p>
      {finding.next !== "" && (
        <p class="dns-next">
          <span class="strong">Next:</span> {safe(finding.next, 1000)}
        </p>
      )}
      {open && <Details finding={finding} id={id} />}
    </li>
  );
}

function Details({ finding, id }: { finding: AuditFinding; id: string }) {
  const { policies, allowedBy, change, nodes, evidence } = finding;
  return (
    <dl class="facts dns-facts" id={id}>
      <dt>Most likely</dt>
      <dd>{reasonText(finding.reason)}</dd>
      <dt>Seen</dt>
      <dd>
        {plural(finding.count, "new connection")}, first <Ago at={Date.parse(finding.firstSeen)} />,
        last <Ago at={Date.parse(finding.lastSeen)} />
      </dd>
      {change && (
        <>
          <dt>Change</dt>
          <dd>
            {safe(change.kind, 80)} <span class="mono">{safe(policyText(change), 300)}</span> was{" "}
            {change.action} <Ago at={Date.parse(change.time)} />
          </dd>
        </>
      )}
      <Policies title="Denied by" policies={policies} />
      <Policies title="Allowed by, as the node says" policies={allowedBy} />
      {nodes.length > 0 && (
        <>
          <dt>Nodes</dt>
          <dd class="mono">{safe(nodes.join(", "), 1000)}</dd>
        </>
      )}
      <dt>Evidence</dt>
      <dd>
        <ul class="dns-evidence">
          {evidence.map((uuid, index) => (
            <li key={uuid}>
              <Goto to={{ place: "live", flow: uuid }}>Flow {index + 1}</Goto>
            </li>
          ))}
          <li>
            <Goto to={{ place: "live", filter: edgeFilter(edgeOf(finding), flags.value) }}>
              All of these flows
            </Goto>
          </li>
        </ul>
      </dd>
    </dl>
  );
}

function Policies({ title, policies }: { title: string; policies: readonly PolicyName[] }) {
  if (policies.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <ul>
          {policies.map((policy) => (
            <li key={policyItem(policy)}>
              <Goto to={policyTarget(policy)}>
                {safe(shortKind(policy.kind), 40)}{" "}
                <span class="mono">{safe(policyText(policy), 300)}</span>
              </Goto>
            </li>
          ))}
        </ul>
      </dd>
    </>
  );
}
