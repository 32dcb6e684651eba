import type { Endpoint, Flow } from "@dropscope/model";
import { parseLabel, POLICY_CLUSTER } from "@dropscope/policy";

/**
 * What a flow calls the cluster that it was seen in: by the labels of an end that the observing
 * node runs, which has an endpoint id there. Undefined when it does not tell.
 */
export function clusterNamed({ source, destination, traffic_direction }: Flow): string | undefined {
  const local = [source, destination].filter((end) => (end?.ID ?? 0) > 0);
  const subject = traffic_direction === "INGRESS" ? destination : source;
  const stated = traffic_direction === "INGRESS" || traffic_direction === "EGRESS";
  for (const end of stated ? [subject, ...local] : local) {
    const name = nameOf(end);
    if (name !== undefined) return name;
  }
  return undefined;
}

function nameOf(end: Endpoint | undefined): string | undefined {
  const label = (end?.labels ?? []).map(parseLabel).find(({ key }) => key === POLICY_CLUSTER);
  return label?.value || end?.cluster_name || undefined;
}
