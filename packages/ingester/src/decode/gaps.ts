import { hash } from "node:crypto";
import { TEXT_CAPS, type Gap, cleanText } from "@dropscope/model";
import { BlockBuilder, GAP_COLUMNS, type TableBlock } from "@dropscope/store";
import type { BatchStamp, GapBlockBuilder } from "./types.js";

/**
 * 16 bytes that are the same for the same loss: Hubble repeats losses after a resume and gives them no id.
 */
export function gapId(gap: Gap): Uint8Array {
  const text = [gap.node, gap.cause, gap.from ?? "", gap.to ?? "", gap.count, gap.time].join("\n");
  return hash("sha256", text, "buffer").subarray(0, 16);
}

/** @throws RangeError from `add` when a time of the gap is no RFC 3339 text. */
export function createGapBlockBuilder(): GapBlockBuilder {
  const block = new BlockBuilder(GAP_COLUMNS);
  const { columns, atoms } = block;
  const finish = (stamp: BatchStamp): TableBlock | undefined => {
    if (block.rows === 0) return undefined;
    columns.batch.fill(block.rows, stamp.id);
    columns.stored_on.fill(block.rows, stamp.storedOn);
    const finished = block.finish("gaps");
    atoms.clear();
    return finished;
  };
  return {
    get rows() {
      return block.rows;
    },
    add(gap, source = -1) {
      const time = textNs(gap.time);
      const from = gap.from === undefined ? undefined : textNs(gap.from);
      const to = gap.to === undefined ? undefined : textNs(gap.to);
      const id = gapId(gap);
      const row = block.addRow();
      columns.time.setBig(row, time);
      columns.id.set(row, id, 0);
      columns.node.set(row, atoms.internText(cleanText(gap.node, TEXT_CAPS.name)));
      columns.cause.set(row, atoms.internText(gap.cause));
      columns.source.set(row, source);
      columns.count.setBig(row, BigInt(gap.count));
      if (from !== undefined) columns.lost_from.setBig(row, from);
      if (to !== undefined) columns.lost_to.setBig(row, to);
      if (gap.cpu !== undefined) columns.cpu.set(row, gap.cpu);
      if (gap.message) columns.message.setText(row, cleanText(gap.message, TEXT_CAPS.text));
      return id;
    },
    finish,
  };
}

const MAX_NS = 2n ** 63n - 1n;

/** ns since 1970 of an RFC 3339 text, clamped to what the column can hold. */
function textNs(text: string): bigint {
  const fraction = /\.(\d{1,9})\d*/.exec(text);
  const seconds = Date.parse(text.replace(/\.\d+/, "")) / 1000;
  if (Number.isNaN(seconds)) throw new RangeError("the time of a gap is not RFC 3339");
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt((fraction?.[1] ?? "").padEnd(9, "0"));
  return ns < 0n ? 0n : ns > MAX_NS ? MAX_NS : ns;
}
