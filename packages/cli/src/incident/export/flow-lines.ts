import type { Endpoint, Flow, ObservedItem } from "@dropscope/model";
import { formatTimeNs } from "@dropscope/model";
import type { BundledItem } from "@dropscope/store";
import { jsonLine } from "../../observe/json-line.js";
import { LINE_BYTES } from "../format.js";
import type { Redactor } from "../redact/redactor.js";

export interface FlowCounts {
  flows: number;
  losses: number;
  shortened: number;
}

/** Lines as `hubble observe -o jsonpb` writes them and `--input-file` reads them. */
export async function* flowLines(
  items: AsyncIterable<BundledItem[]>,
  redactor: Redactor,
  counts: FlowCounts,
  onFlows: (flows: number) => void,
): AsyncIterable<string> {
  for await (const some of items) {
    for (const item of some) {
      if ("flow" in item) {
        counts.flows += 1;
        yield flowLine(item, redactor, counts);
      } else {
        counts.losses += 1;
        const node = redactor.node(item.node);
        const lost: ObservedItem = {
          lost_events: item.lost,
          ...(node === "" ? {} : { node_name: node }),
          ...(item.timeNs === 0n ? {} : { time: formatTimeNs(item.timeNs) }),
        };
        yield `${jsonLine(lost)}\n`;
      }
    }
    onFlows(counts.flows);
  }
}

function flowLine(
  { id, flow: stored }: Extract<BundledItem, { flow: Flow }>,
  redactor: Redactor,
  counts: FlowCounts,
): string {
  // What explains a flow names it by its id: flows of old Hubbles get one.
  const flow = redactor.flow(stored.uuid === undefined ? { ...stored, uuid: id } : stored);
  const line = lineOf(flow);
  if (fits(line)) return line;
  counts.shortened += 1;
  return shortened(flow);
}

function lineOf(flow: Flow): string {
  const item: ObservedItem = {
    flow,
    ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
    ...(flow.time === undefined ? {} : { time: flow.time }),
  };
  return `${jsonLine(item)}\n`;
}

/** Three bytes for a unit at most: most lines need not be measured. */
const fits = (line: string): boolean =>
  line.length * 3 < LINE_BYTES.flows || Buffer.byteLength(line) < LINE_BYTES.flows;

/** What a flow can do without, the least telling first. */
const LEFT_OUT: readonly ((flow: Flow) => void)[] = [
  (flow) => delete flow.extensions,
  (flow) => delete flow.policy_log,
  (flow) => delete flow.l7?.http?.headers,
  (flow) => delete flow.node_labels,
  (flow) => delete flow.Summary,
  (flow) => delete flow.l7?.http?.url,
  (flow) => delete flow.l7?.dns?.cnames,
  (flow) => delete flow.l7?.dns?.ips,
  ...(
    ["egress_allowed_by", "ingress_allowed_by", "egress_denied_by", "ingress_denied_by"] as const
  ).map((list) => (flow: Flow) => {
    for (const policy of flow[list] ?? []) delete policy.labels;
  }),
  (flow) => delete flow.source_names,
  (flow) => delete flow.destination_names,
  (flow) => withoutLabels(flow.source),
  (flow) => withoutLabels(flow.destination),
  (flow) => delete flow.egress_allowed_by,
  (flow) => delete flow.ingress_allowed_by,
  (flow) => delete flow.l7,
];

function withoutLabels(end: Endpoint | undefined): void {
  delete end?.labels;
}

function shortened(given: Flow): string {
  const flow = structuredClone(given);
  for (const leaveOut of LEFT_OUT) {
    leaveOut(flow);
    const line = lineOf(flow);
    if (fits(line)) return line;
  }
  // Names are capped in the store, so this is out of reach; the line must fit all the same.
  const { time, uuid, verdict, drop_reason_desc, IP, l4, Type, event_type } = flow;
  return lineOf(
    Object.fromEntries(
      Object.entries({ time, uuid, verdict, IP, l4, Type, event_type, drop_reason_desc }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  );
}
