import type {
  AuditFinding,
  ChangeMark,
  DnsFinding,
  DropExplanation,
  Peer,
  PolicyName,
} from "@dropscope/model";
import type { Pseudonyms } from "./pseudonyms.js";

/** A `DropExplanation` as it is stored with its flow. */
export type ExplanationBody = Omit<DropExplanation, "uuid" | "time">;

export function redactPolicy<Named extends PolicyName>(one: Named, { name }: Pseudonyms): Named {
  return { ...one, namespace: name(one.namespace), name: name(one.name) };
}

export function redactPeer(one: Peer, { name }: Pseudonyms): Peer {
  const kept = one.kind === "ip" || one.kind === "entity";
  return { ...one, namespace: name(one.namespace), name: kept ? one.name : name(one.name) };
}

export function redactChange(one: ChangeMark | null, { name }: Pseudonyms): ChangeMark | null {
  return one && { ...one, namespace: name(one.namespace), name: name(one.name) };
}

export function redactExplanation(one: ExplanationBody, names: Pseudonyms): ExplanationBody {
  const { text } = names;
  return {
    direction: one.direction,
    outcome: one.outcome,
    selecting: one.selecting.map((policy) => redactPolicy(policy, names)),
    denying: one.denying.map((policy) => redactPolicy(policy, names)),
    nearest: one.nearest && {
      policy: names.name(one.nearest.policy),
      rule: one.nearest.rule,
      failed: one.nearest.failed.map(({ part, wanted, got }) => ({
        part,
        wanted: text(wanted),
        got: text(got),
      })),
    },
    agreement: one.agreement,
    sentence: text(one.sentence),
    next: text(one.next),
    reason: one.reason,
    audited: one.audited,
    change: redactChange(one.change, names),
    // The file that it stood in has a name too.
    places: one.places.map(({ policy, path, role }) => ({
      policy: redactPolicy(policy, names),
      path,
      source: "",
      role,
    })),
  };
}

export function redactDns(one: DnsFinding, names: Pseudonyms): DnsFinding {
  const { text } = names;
  return {
    ...one,
    id: names.id(one.id),
    client: redactPeer(one.client, names),
    server: redactPeer(one.server, names),
    query: names.name(one.query),
    policies: one.policies.map((policy) => redactPolicy(policy, names)),
    sentence: text(one.sentence),
    next: text(one.next),
    stall: one.stall && { ...one.stall, reason: text(one.stall.reason) },
  };
}

export function redactAudit(one: AuditFinding, names: Pseudonyms): AuditFinding {
  return {
    ...one,
    id: names.id(one.id),
    subject: redactPeer(one.subject, names),
    peer: redactPeer(one.peer, names),
    policies: one.policies.map((policy) => redactPolicy(policy, names)),
    allowedBy: one.allowedBy.map((policy) => redactPolicy(policy, names)),
    nodes: one.nodes.map(names.name),
    change: redactChange(one.change, names),
    sentence: names.text(one.sentence),
    next: names.text(one.next),
  };
}

const LEFT_OUT = "(left out)";

/** Without what was asked for on layer 7, also where a sentence repeats it. */
export function explanationWithoutL7(one: ExplanationBody): ExplanationBody {
  const told = (one.nearest?.failed ?? [])
    .filter(({ part }) => part === "l7")
    .map(({ got }) => got);
  if (told.length === 0) return one;
  return {
    ...one,
    sentence: without(one.sentence, told),
    next: without(one.next, told),
    nearest: one.nearest && {
      ...one.nearest,
      failed: one.nearest.failed.map((clause) =>
        clause.part === "l7" ? { ...clause, got: LEFT_OUT } : clause,
      ),
    },
  };
}

export function dnsWithoutL7(one: DnsFinding): DnsFinding {
  const told = [one.query, one.query.replace(/\.$/, "")];
  return {
    ...one,
    query: "",
    sentence: without(one.sentence, told),
    next: without(one.next, told),
    stall: one.stall && { ...one.stall, reason: without(one.stall.reason, told) },
  };
}

function without(text: string, words: readonly string[]): string {
  let left = text;
  for (const word of words) if (word !== "") left = left.replaceAll(word, LEFT_OUT);
  return left;
}
