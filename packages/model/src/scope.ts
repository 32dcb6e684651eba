import type { Endpoint, Flow, PolicyRef } from "./flow.js";
import { mayStartIn, type Viewer } from "./viewer.js";

/**
 * What a viewer may see of a flow; `undefined` when neither end lies in a namespace of the
 * viewer. Of an end in somebody else's namespace only the namespace remains; an end without
 * a namespace (the world, a node) is nobody's secret. Policies of other namespaces go, and
 * without `seesL7` the content of requests. The store's SQL does the same before rows leave it.
 */
export function cutFlow(flow: Flow, viewer: Viewer): Flow | undefined {
  if (viewer.namespaces === "all") return viewer.seesL7 ? flow : withoutL7(flow);
  const seesSource = seesEnd(flow.source, viewer);
  const seesDestination = seesEnd(flow.destination, viewer);
  const visible =
    (seesSource && namespaceOf(flow.source) !== "") ||
    (seesDestination && namespaceOf(flow.destination) !== "");
  if (!visible) return undefined;
  const cut: Flow = { ...(viewer.seesL7 ? flow : withoutL7(flow)) };
  if (!seesSource) cutEnd(cut, "source");
  if (!seesDestination) cutEnd(cut, "destination");
  for (const end of ["source_service", "destination_service"] as const) {
    const namespace = cut[end]?.namespace ?? "";
    if (namespace !== "" && !mayStartIn(viewer, namespace)) delete cut[end];
  }
  for (const list of [
    "egress_allowed_by",
    "ingress_allowed_by",
    "egress_denied_by",
    "ingress_denied_by",
  ] as const) {
    const kept = (cut[list] ?? []).filter((ref) => seesPolicy(ref, viewer));
    if (kept.length > 0) cut[list] = kept;
    else delete cut[list];
  }
  return cut;
}

function namespaceOf(end: Endpoint | undefined): string {
  return end?.namespace ?? "";
}

function seesEnd(end: Endpoint | undefined, viewer: Viewer): boolean {
  const namespace = namespaceOf(end);
  return namespace === "" || mayStartIn(viewer, namespace);
}

/** A policy without a namespace is cluster-wide and applies to the viewer too. */
function seesPolicy(ref: PolicyRef, viewer: Viewer): boolean {
  const namespace = ref.namespace ?? "";
  return namespace === "" || mayStartIn(viewer, namespace);
}

function cutEnd(flow: Flow, end: "source" | "destination"): void {
  flow[end] = { namespace: namespaceOf(flow[end]) };
  delete flow[`${end}_names`];
  delete flow[`${end}_service`];
  delete flow.ethernet;
  // Log texts are written by the policies of both ends, and the outer packet names both nodes.
  delete flow.policy_log;
  delete flow.tunnel;
  delete flow.extensions;
  if (flow.IP !== undefined) {
    const ip = { ...flow.IP };
    delete ip[end];
    if (end === "source") delete ip.source_xlated;
    flow.IP = ip;
  }
}

/** Also the summary: it repeats the request line or the query. */
function withoutL7(flow: Flow): Flow {
  if (flow.l7 === undefined) return flow;
  const cut = { ...flow };
  delete cut.l7;
  delete cut.Summary;
  delete cut.trace_context;
  delete cut.extensions;
  return cut;
}
