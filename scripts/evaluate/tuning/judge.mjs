// What a proposal allows, by the evaluator that walks everything: compared with the truth.
import { createEngine, parseManifests } from "@dropscope/policy";
import { connectionOfEdge, foldFlows } from "@dropscope/tuning";

/** Triples are counted by pods, whatever policies call them. */
const tripleOf = (from, to, protocol, port) => `${from} ${to} ${protocol} ${port}`;

/** Triples of the intents in scope: the smallest policies allow just these. */
export function truthOf(intents, spaces) {
  const truth = new Set();
  for (const { from, to, protocol, port } of intents)
    if ([from, to].some(({ workload }) => workload && spaces.includes(workload.ns)))
      for (const a of from.ends)
        for (const b of to.ends) if (a.ip !== b.ip) truth.add(tripleOf(a.ip, b.ip, protocol, port));
  return truth;
}

/**
 * Every triple that the proposal lets through, of all pods, addresses and ports that occur anywhere.
 * @param ends ends of flows, of everybody
 */
export function allowedBy(yaml, { ends, spaces, doors, cluster }) {
  const { profile, moment } = cluster;
  const engine = createEngine({ profile });
  const { policies } = parseManifests(yaml, "proposal.yaml");
  for (const policy of policies)
    engine.setPolicies(`${policy.kind}/${policy.namespace}/${policy.name}`, [policy]);
  const known = ends.map((end) => ({ end, endpoint: endpointOf(end, moment) }));
  const allowed = new Set();
  for (const from of known)
    for (const to of known) {
      if (from.end.ip === to.end.ip) continue;
      if (![from, to].some(({ endpoint }) => spaces.includes(endpoint.namespace))) continue;
      for (const [protocol, port] of doors)
        if (engine.decide({ from: from.endpoint, to: to.endpoint, protocol, port }).allowed)
          allowed.add(tripleOf(from.end.ip, to.end.ip, protocol, port));
    }
  return allowed;
}

/** As the product reads an end of a flow. */
function endpointOf(end, moment) {
  const flow = {
    time: "2026-06-01T10:00:00Z",
    verdict: "FORWARDED",
    event_type: { type: 5 },
    is_reply: false,
    IP: { source: "10.1.2.3", destination: end.ip },
    l4: { TCP: { source_port: 40_000, destination_port: 1 } },
    source: { identity: 2, labels: ["reserved:world"] },
    destination: end.endpoint(false),
    ...(end.names?.length ? { destination_names: end.names } : {}),
    traffic_direction: "EGRESS",
    node_name: "node-a",
  };
  const [edge] = foldFlows([flow]).edges;
  const found = connectionOfEdge(edge, moment);
  if (!found.known) throw new Error(`${end.ip}: ${found.why}`);
  return found.connection.to;
}

/** Triple of a flow that went from client to server; undefined for a reply. */
export function tripleOfFlow(flow) {
  if (flow.is_reply === true) return undefined;
  const [protocol] = Object.keys(flow.l4);
  return tripleOf(
    flow.IP.source,
    flow.IP.destination,
    protocol,
    flow.l4[protocol].destination_port,
  );
}
