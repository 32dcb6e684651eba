import type { Flow, Layer7 } from "@dropscope/model";
import { HEX } from "../random.js";
import type { Traffic } from "./context.js";
import { directionOf, ends, layer4, type Connection } from "./packets.js";
import { httpSummary } from "./summary.js";
import type { Outcome } from "./tcp.js";
import { MS } from "./timeline.js";

export interface HttpExchange {
  method: string;
  /** Full URL, query included: real traffic carries secrets there. */
  url: string;
  code: number;
  latencyMs: number;
  headers: Record<string, string>;
}

/** Request and response as the proxy logs them (event type 129). Nothing without a proxy on the path. */
export function reportHttp(
  traffic: Traffic,
  connection: Connection,
  proxy: NonNullable<Outcome["proxy"]>,
  exchange: HttpExchange,
  at: number,
): number {
  const { random } = traffic;
  const headers = {
    ...exchange.headers,
    "User-Agent": "shop/2.14",
    "X-Request-Id": random.uuid(),
  };
  const http = {
    method: exchange.method,
    url: exchange.url,
    protocol: "HTTP/1.1",
    headers: Object.entries(headers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  };
  const traced = random.chance(0.4) ? random.text(32, HEX) : undefined;
  const report = (reply: boolean, l7: Layer7, when: number): void => {
    const flow: Flow = ends(connection, proxy.node, reply);
    flow.l4 = layer4(connection, reply);
    flow.l7 = l7;
    flow.Type = "L7";
    flow.verdict = "FORWARDED";
    flow.event_type = { type: 129 };
    flow.is_reply = reply;
    if (reply) flow.reply = true;
    const direction = directionOf(connection, proxy.node, reply);
    if (direction !== undefined) flow.traffic_direction = direction;
    if (traced !== undefined) flow.trace_context = { parent: { trace_id: traced } };
    flow.Summary = httpSummary(l7);
    // The access log's own time is a little older than the moment the agent reads it.
    traffic.report(proxy.node, when + random.between(0.4, 3) * MS, flow, when);
  };
  report(false, { type: "REQUEST", http }, at);
  const latency = Math.round(exchange.latencyMs * MS);
  report(
    true,
    { type: "RESPONSE", latency_ns: String(latency), http: { ...http, code: exchange.code } },
    at + latency,
  );
  return at + latency;
}
