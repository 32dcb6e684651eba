import {
  type AtomTable,
  BlockBuilder,
  IDENTITY_COLUMNS,
  POLICY_REF_COLUMNS,
  type TableBlock,
} from "@dropscope/store";
import type { LabelSet, PolicyEntry } from "./entries.js";
import type { BatchStamp } from "./types.js";

/** `identities` and `policy_refs`: each key once, in the batch whose flows use it first. */
export class SideTables {
  readonly #identities: BlockBuilder<typeof IDENTITY_COLUMNS>;
  readonly #policies: BlockBuilder<typeof POLICY_REF_COLUMNS>;
  readonly #atoms: AtomTable;
  bytes = 0;

  constructor(atoms: AtomTable) {
    this.#atoms = atoms;
    this.#identities = new BlockBuilder(IDENTITY_COLUMNS, atoms);
    this.#policies = new BlockBuilder(POLICY_REF_COLUMNS, atoms);
  }

  useLabels(set: LabelSet): LabelSet {
    if (set.written) return set;
    set.written = true;
    const { columns } = this.#identities;
    const row = this.#identities.addRow();
    columns.key.set(row, set.low, set.high);
    columns.cluster.set(row, this.#atoms.internText(set.cluster));
    columns.identity.set(row, set.identity);
    for (const label of set.labels) columns.labels.pushText(row, label);
    this.bytes += set.labels.reduce((sum, label) => sum + label.length + 1, 40);
    return set;
  }

  usePolicy(policy: PolicyEntry): void {
    if (policy.mark.written) return;
    policy.mark.written = true;
    const { columns } = this.#policies;
    const row = this.#policies.addRow();
    columns.key.set(row, policy.low, policy.high);
    columns.name.setText(row, policy.name);
    columns.namespace.set(row, this.#atoms.internText(policy.namespace));
    columns.kind.set(row, this.#atoms.internText(policy.kind));
    columns.revision.setBig(row, policy.revision);
    for (const label of policy.labels) columns.labels.pushText(row, label);
    this.bytes += policy.labels.reduce((sum, label) => sum + label.length + 1, 80);
  }

  finish(stamp: BatchStamp): TableBlock[] {
    const blocks: TableBlock[] = [];
    this.bytes = 0;
    const seenAt = BigInt(stamp.nowMs);
    if (this.#identities.rows > 0) {
      this.#identities.columns.seen_at.fill(this.#identities.rows, seenAt);
      this.#identities.columns.batch.fill(this.#identities.rows, stamp.id);
      blocks.push(this.#identities.finish("identities"));
    }
    if (this.#policies.rows > 0) {
      this.#policies.columns.seen_at.fill(this.#policies.rows, seenAt);
      this.#policies.columns.batch.fill(this.#policies.rows, stamp.id);
      blocks.push(this.#policies.finish("policy_refs"));
    }
    return blocks;
  }
}
