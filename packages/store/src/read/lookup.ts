import type { PolicyRef } from "@dropscope/model";
import { given, list, long, text } from "./given.js";
import { Params } from "./params.js";
import type { FlowRecord } from "./record.js";
import type { Runner } from "./run.js";

/** What a row points at by key; `undefined` for the key 0 and for one that is not stored. */
export interface Lookup {
  labels(key: string): readonly string[] | undefined;
  policy(key: string): PolicyRef | undefined;
}

type Keyed = Pick<
  FlowRecord,
  | "src_labels"
  | "dst_labels"
  | "node_labels"
  | "egress_allowed_by"
  | "ingress_allowed_by"
  | "egress_denied_by"
  | "ingress_denied_by"
>;

/** A key in a query takes 21 bytes of its address; servers take some thousands. */
const KEYS_PER_QUERY = 250;

/**
 * Label sets and policy references by key. They never change, so they are kept, the least
 * recently used given up first; what is missing for a run of rows is read in one query.
 */
export class LookupCache implements Lookup {
  readonly #run: Runner;
  readonly #labels: Recent<readonly string[]>;
  readonly #policies: Recent<PolicyRef>;

  constructor(run: Runner, limit = 20_000) {
    this.#run = run;
    this.#labels = new Recent(limit);
    this.#policies = new Recent(limit);
  }

  labels(key: string): readonly string[] | undefined {
    return key === "0" ? undefined : this.#labels.get(key);
  }

  policy(key: string): PolicyRef | undefined {
    return this.#policies.get(key);
  }

  /** Makes the keys of these rows known; call it before they are rebuilt. */
  async load(rows: readonly Keyed[], signal: AbortSignal | undefined): Promise<void> {
    const labels = new Set<string>();
    const policies = new Set<string>();
    for (const row of rows) {
      for (const key of [row.src_labels, row.dst_labels, row.node_labels]) {
        if (key !== "0" && !this.#labels.has(key)) labels.add(key);
      }
      for (const keys of [
        row.egress_allowed_by,
        row.ingress_allowed_by,
        row.egress_denied_by,
        row.ingress_denied_by,
      ]) {
        for (const key of keys) if (!this.#policies.has(key)) policies.add(key);
      }
    }
    await Promise.all([
      this.#loadLabels([...labels], signal),
      this.#loadPolicies([...policies], signal),
    ]);
  }

  async #loadLabels(wanted: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    for (const keys of chunks(wanted)) {
      const params = new Params();
      const found = await this.#run.rows<{ key: string; labels: string[] }>(
        `SELECT key, labels FROM identities WHERE key IN ${params.add("Array(UInt64)", keys.map(BigInt))} LIMIT 1 BY key`,
        params,
        signal,
      );
      for (const row of found) this.#labels.set(row.key, Object.freeze(row.labels));
    }
  }

  async #loadPolicies(wanted: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    for (const keys of chunks(wanted)) {
      const params = new Params();
      const found = await this.#run.rows<PolicyRow>(
        `SELECT key, name, namespace, kind, revision, labels FROM policy_refs WHERE key IN ${params.add("Array(UInt64)", keys.map(BigInt))} LIMIT 1 BY key`,
        params,
        signal,
      );
      for (const row of found) this.#policies.set(row.key, policyOf(row));
    }
  }
}

interface PolicyRow {
  key: string;
  name: string;
  namespace: string;
  kind: string;
  revision: string;
  labels: string[];
}

function policyOf(row: PolicyRow): PolicyRef {
  return given({
    name: text(row.name),
    namespace: text(row.namespace),
    labels: list(row.labels),
    revision: long(row.revision),
    kind: text(row.kind),
  });
}

function chunks(keys: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < keys.length; at += KEYS_PER_QUERY)
    parts.push(keys.slice(at, at + KEYS_PER_QUERY));
  return parts;
}

/** A map that forgets what was not used for longest. */
class Recent<Value> {
  readonly #limit: number;
  readonly #entries = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
