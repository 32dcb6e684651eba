import type { Flow } from "@dropscope/model";
import type { NameHistory } from "../dns/index.js";
import { momentOf } from "../explain/packet.js";
import type { NameOf } from "../problems/index.js";

/**
 * The name under which a pod looked an address up before it sent there; of several the one that was
 * answered last. What its own pod saw comes before what others on the node saw.
 */
export function namesByLookup(names: Pick<NameHistory, "namesOf">): NameOf {
  return (flow, end) => {
    const address = flow.IP?.[end];
    const time = momentOf(flow);
    if (address === undefined || time === undefined) return undefined;
    const pod = podOf(flow, end === "destination" ? "source" : "destination");
    for (const among of [...(pod === "" ? [] : [{ pod }]), { node: flow.node_name ?? "" }]) {
      const found = names.namesOf(address, time, among);
      const [newest] = [...found].sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
      if (newest !== undefined) return newest.name;
    }
    return undefined;
  };
}

function podOf(flow: Flow, end: "source" | "destination"): string {
  const { namespace, pod_name: name } = flow[end] ?? {};
  return name === undefined || name === "" ? "" : `${namespace ?? ""}/${name}`;
}
