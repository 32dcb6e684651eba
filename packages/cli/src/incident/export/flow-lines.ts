import type { Endpoint, Flow, ObservedItem } from "@dropscope/model";
import { formatTimeNs } from "@dropscope/model";
import type { BundledItem, BundleQuery, BundleReader } from "@dropscope/store";
import { jsonFlow, jsonLine } from "../../observe/json-line.js";
import { LINE_BYTES } from "../format.js";
import type { Redactor } from "../redact/redactor.js";

export interface FlowCounts {
  flows: number;
  losses: number;
  shortened: number;
}

/** Lines as `hubble observe -o jsonpb` writes them and `--input-file` reads them. */
export async function* flowLines(
  reader: Pick<BundleReader, "lines" | "items">,
  query: BundleQuery,
  redactor: Redactor,
  counts: FlowCounts,
  onFlows: (flows: number) => void,
): AsyncIterable<string> {
  const changes = redactor.redactsNames || redactor.dropsL7;
  const all = changes ? reader.items(query) : reader.lines(query, jsonFlow);
  for await (const some of all) {
    for (const item of some) {
      if ("lost" in item) {
        counts.losses += 1;
        yield lossLine(item, redactor);
        continue;
      }
      counts.flows += 1;
      const text = "text" in item ? item.text : lineOf(changed(item, redactor));
      if (fits(text)) yield text;
      else {
        counts.shortened += 1;
        yield shortened("text" in item ? item.whole() : changed(item, redactor));
      }
    }
    onFlows(counts.flows);
  }
}

type Of<Kind> = Extract<BundledItem, Kind>;

/** What explains a flow names it by its id: flows of old Hubbles get one. */
function changed({ id, flow }: Of<{ flow: Flow }>, redactor: Redactor): Flow {
  return redactor.flow(flow.uuid === undefined ? { ...flow, uuid: id } : flow);
}

function lossLine({ node, lost, timeNs }: Of<{ node: string }>, redactor: Redactor): string {
  const name = redactor.node(node);
  const item: ObservedItem = {
    lost_events: lost,
    ...(name === "" ? {} : { node_name: name }),
    ...(timeNs === 0n ? {} : { time: formatTimeNs(timeNs) }),
  };
  return `${jsonLine(item)}\n`;
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
