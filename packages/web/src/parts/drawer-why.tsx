import type { FlowDetail, FlowRow, PolicyRef } from "@dropscope/model";
import { peerText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import { go } from "../state/nav.js";

function refs(...lists: (PolicyRef[] | undefined)[]): PolicyRef[] {
  return lists.flatMap((list) => list ?? []);
}

/** Why, in one sentence, then the evidence: the reason in words and the policies that Hubble names. */
export function DrawerWhy({ found }: { found: FlowDetail }) {
  const { flow, row, reason } = found;
  const denied = refs(flow.ingress_denied_by, flow.egress_denied_by);
  const allowed = refs(flow.ingress_allowed_by, flow.egress_allowed_by);
  const byDefault = row.reason === "POLICY_DENIED" && denied.length === 0;
  const twin = denied.length === 0 ? deniedBeside(found) : undefined;
  if (!reason && denied.length === 0 && allowed.length === 0 && !byDefault) return null;
  return (
    <section class="block why" aria-label="Why">
      <h3>Why</h3>
      {reason && (
        <>
          <p>
            <span class="strong">{safe(reason.title || reasonTitle(reason.name), 120)}.</span>{" "}
            {safe(reason.meaning, 800)}
          </p>
        </>
      )}
      <Policies title="Denied by" list={denied} />
      {twin && <DeniedBeside twin={twin} />}
      {reason && (
        <p class="next">
          <span class="strong">Next:</span>{" "}
          {denied.length > 0 || twin
            ? "If this traffic is wanted, change the deny rule of the policy above. An allow rule beside it does not help: deny wins."
            : safe(reason.next, 800)}
        </p>
      )}
      {byDefault && <DefaultDeny found={found} />}
      <Policies title="Allowed by" list={allowed} />
      {(flow.policy_log ?? []).length > 0 && (
        <p>
          Policy log:{" "}
          <span class="mono">
            {(flow.policy_log ?? []).map((line) => safe(line, 300)).join("; ")}
          </span>
        </p>
      )}
    </section>
  );
}

/**
 * A denied packet is told by two events, and only the policy verdict names the policy.
 * The other one must not leave the reader without the name.
 */
function deniedBeside({ row, related }: FlowDetail): FlowRow | undefined {
  if (row.reason !== "POLICY_DENY") return undefined;
  return related.find(
    (each) =>
      each.verdict === "DROPPED" &&
      each.reason === row.reason &&
      each.policies.length > 0 &&
      each.sourceIp === row.sourceIp &&
      each.sourcePort === row.sourcePort,
  );
}

function DeniedBeside({ twin }: { twin: FlowRow }) {
  return (
    <div class="policies">
      <p class="dim">
        Denied by, as the{" "}
        <button type="button" class="link" onClick={() => go({ flow: twin.uuid })}>
          policy verdict of the same packet
        </button>{" "}
        says
      </p>
      <ul>
        {twin.policies.map((name) => (
          <li key={name}>
            <span class="mono strong">{safe(name, 300)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Hubble names a policy only when a rule of it matched; for a default deny there is none to name, and this says so. */
function DefaultDeny({ found }: { found: FlowDetail }) {
  const { row } = found;
  const end = { INGRESS: row.destination, EGRESS: row.source }[row.direction];
  return (
    <p class="note">
      <span class="strong">Default deny: no rule allowed it.</span> Hubble names a policy only when
      one of its rules matched, so none is named here. Look at those that select{" "}
      {end ? (
        <>
          <span class="mono">{peerText(end)}</span> for {safe(row.direction.toLowerCase(), 20)}.
        </>
      ) : (
        "one of the two ends."
      )}
    </p>
  );
}

function Policies({ title, list }: { title: string; list: readonly PolicyRef[] }) {
  if (list.length === 0) return null;
  return (
    <div class="policies">
      <p class="dim">{title}</p>
      <ul>
        {list.map((policy) => {
          const name = policy.namespace
            ? `${policy.namespace}/${policy.name ?? ""}`
            : (policy.name ?? "");
          return (
            <li key={`${policy.kind ?? ""} ${name} ${policy.revision ?? ""}`}>
              <span class="mono strong">{safe(name === "" ? "(no name)" : name, 300)}</span>{" "}
              <span class="dim">
                {safe(policy.kind ?? "", 80)}
                {policy.revision ? ` revision ${safe(policy.revision, 24)}` : ""}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
