import { createHmac, randomBytes } from "node:crypto";
import type {
  AuditFinding,
  ChangeMark,
  DnsFinding,
  Flow,
  Peer,
  PolicyName,
} from "@dropscope/model";
import { redactFlow, withoutL7 } from "./flow.js";
import { redactManifest, redactObject } from "./object.js";
import { createPseudonyms } from "./pseudonyms.js";
import {
  dnsWithoutL7,
  type ExplanationBody,
  explanationWithoutL7,
  redactAudit,
  redactChange,
  redactDns,
  redactExplanation,
  redactPeer,
  redactPolicy,
} from "./told.js";

/** What a bundle tells less than the store knows. */
export interface Redactor {
  readonly redactsNames: boolean;
  /** Says which key was used without telling it; empty for one that nobody has. */
  readonly keyName: string;
  readonly dropsL7: boolean;
  /** A name, or several joined: `namespace/name`, `cluster/node`, a DNS name. */
  readonly name: (text: string) => string;
  readonly node: (text: string) => string;
  /** `source:key=value`, or a plain name. */
  readonly met: (text: string) => void;
  readonly text: (text: string) => string;
  readonly id: (text: string) => string;
  readonly flow: (flow: Flow) => Flow;
  readonly explanation: (one: ExplanationBody) => ExplanationBody;
  readonly policy: <Named extends PolicyName>(one: Named) => Named;
  readonly peer: (one: Peer) => Peer;
  readonly change: (one: ChangeMark | null) => ChangeMark | null;
  readonly dns: (one: DnsFinding) => DnsFinding;
  readonly audit: (one: AuditFinding) => AuditFinding;
  /** An object in normal form. */
  readonly object: (value: unknown) => unknown;
  readonly manifest: (text: string) => string;
}

export interface RedactorOptions {
  readonly names: boolean;
  readonly dropL7: boolean;
  /** Bundles with one key have the same names for the same things. */
  readonly key?: string;
}

export function createRedactor({ names, dropL7, key }: RedactorOptions): Redactor {
  const plain = names ? namesRedactor(key) : unchanged();
  if (!dropL7) return plain;
  return {
    ...plain,
    dropsL7: true,
    flow: (flow) => plain.flow(withoutL7(flow)),
    explanation: (one) => plain.explanation(explanationWithoutL7(one)),
    dns: (one) => plain.dns(dnsWithoutL7(one)),
  };
}

function unchanged(): Redactor {
  const same = <Value>(value: Value): Value => value;
  return {
    redactsNames: false,
    keyName: "",
    dropsL7: false,
    name: same,
    node: same,
    met: () => undefined,
    text: same,
    id: same,
    flow: same,
    explanation: same,
    policy: same,
    peer: same,
    change: same,
    dns: same,
    audit: same,
    object: same,
    manifest: same,
  };
}

function namesRedactor(given: string | undefined): Redactor {
  const key = given === undefined ? randomBytes(32) : Buffer.from(given, "utf8");
  const names = createPseudonyms(key);
  return {
    redactsNames: true,
    keyName:
      given === undefined
        ? ""
        : createHmac("sha256", key).update("name of the key").digest("hex").slice(0, 16),
    dropsL7: false,
    name: names.name,
    node: names.name,
    met: (text) => void (/^[a-z0-9]*:|=/.test(text) ? names.label(text) : names.name(text)),
    text: names.text,
    id: names.id,
    flow: (flow) => redactFlow(flow, names),
    explanation: (one) => redactExplanation(one, names),
    policy: (one) => redactPolicy(one, names),
    peer: (one) => redactPeer(one, names),
    change: (one) => redactChange(one, names),
    dns: (one) => redactDns(one, names),
    audit: (one) => redactAudit(one, names),
    object: (value) => redactObject(value, names),
    manifest: (text) => redactManifest(text, names),
  };
}
