import { type BlockBuilder, FLOW_COLUMNS, type FlowColumn } from "@dropscope/store";
import { NAME, NAMES, POLICIES, TEXT, TEXTS, U16, U32, U64, U8 } from "./pending.js";

export type FlowBlock = BlockBuilder<typeof FLOW_COLUMNS>;
type Columns = FlowBlock["columns"];

/** The columns of an object's keys, in their order: slot n of a pending row goes to column n. */
function inOrder<K extends FlowColumn>(
  columns: Columns,
  slots: Readonly<Record<K, number>>,
): Columns[K][] {
  return (Object.keys(slots) as K[]).map((name) => columns[name]);
}

/** The columns of `flows` by width, in the order of the slots of a pending row. */
export function slotColumns(columns: Columns) {
  return {
    u8: inOrder(columns, U8),
    u16: inOrder(columns, U16),
    u32: inOrder(columns, U32),
    u64: inOrder(columns, U64),
    names: inOrder(columns, NAME),
    texts: inOrder(columns, TEXT),
    nameLists: inOrder(columns, NAMES),
    textLists: inOrder(columns, TEXTS),
    policies: inOrder(columns, POLICIES),
  };
}

/** Columns that an Endpoint fills. */
export function endpointColumns(columns: Columns, side: "src" | "dst") {
  return {
    endpoint: columns[`${side}_endpoint`],
    identity: columns[`${side}_identity`],
    cluster: columns[`${side}_cluster`],
    namespace: columns[`${side}_namespace`],
    pod: columns[`${side}_pod`],
    workload: columns[`${side}_workload`],
    workloadKind: columns[`${side}_workload_kind`],
    labels: columns[`${side}_labels`],
  };
}

/** Bytes of a row without its texts and lists, about: the widths of all fixed columns, and two for each dictionary code. */
export const ROW_BYTES = FLOW_COLUMNS.reduce((sum, { type }) => sum + widthOf(type), 0);

function widthOf(type: string): number {
  if (/^(UInt64|DateTime64|Array)/.test(type)) return 8;
  if (/^(UUID|IPv6)/.test(type)) return 16;
  if (/^U?Int32/.test(type)) return 4;
  return /^(UInt16|Date|LowCardinality)/.test(type) ? 2 : 1;
}
