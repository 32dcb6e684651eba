import type { EnumName, Flow, FlowDetail, Layer7, TcpFlags } from "@dropscope/model";
import { latency } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { rcodeName } from "../lib/words.js";
import { Fact, Value } from "./drawer-endpoint.js";

function word(name: EnumName | undefined): string {
  return name === undefined ? "" : safe(String(name), 80);
}

function tcpFlags(flags: TcpFlags | undefined): string {
  return Object.entries(flags ?? {})
    .filter(([, on]) => on === true)
    .map(([name]) => name)
    .join(" ");
}

function layer4(flow: Flow): string {
  const { l4 } = flow;
  if (l4?.TCP) return `TCP ${tcpFlags(l4.TCP.flags)}`.trim();
  if (l4?.UDP) return "UDP";
  if (l4?.SCTP) return "SCTP";
  if (l4?.ICMPv4) return `ICMPv4 type ${l4.ICMPv4.type ?? 0} code ${l4.ICMPv4.code ?? 0}`;
  if (l4?.ICMPv6) return `ICMPv6 type ${l4.ICMPv6.type ?? 0} code ${l4.ICMPv6.code ?? 0}`;
  if (l4?.VRRP) return `VRRP type ${l4.VRRP.type ?? 0}, router ${l4.VRRP.vrid ?? 0}`;
  if (l4?.IGMP)
    return `IGMP type ${l4.IGMP.type ?? 0} ${safe(l4.IGMP.group_address ?? "", 60)}`.trim();
  return "";
}

/** What happened, where it was seen, and what the proxy read. */
export function DrawerFacts({ found }: { found: FlowDetail }) {
  const { flow, row } = found;
  const aggregate = flow.aggregate;
  const stands = aggregate
    ? (aggregate.ingress_flow_count ?? 0) +
      (aggregate.egress_flow_count ?? 0) +
      (aggregate.unknown_direction_flow_count ?? 0)
    : 0;
  const facts: [string, string][] = [
    [
      "Direction",
      row.direction === "TRAFFIC_DIRECTION_UNKNOWN" ? "unknown" : row.direction.toLowerCase(),
    ],
    ["Reply", row.reply === "unknown" ? "unknown (Hubble does not say for drops)" : row.reply],
    ["Event", safe(row.event, 80)],
    ["Seen at", word(flow.trace_observation_point)],
    ["Trace reason", word(flow.trace_reason)],
    ["Transport", layer4(flow)],
    ["Encrypted", flow.IP?.encrypted ? "yes" : ""],
    ["Address before NAT", safe(flow.IP?.source_xlated ?? "", 80)],
    ["Auth", word(flow.auth_type)],
    ["Proxy port", flow.proxy_port ? String(flow.proxy_port) : ""],
    ["Interface", safe(flow.interface?.name ?? "", 80)],
    ["Tunnel", flow.tunnel ? `${word(flow.tunnel.protocol)} VNI ${flow.tunnel.vni ?? 0}` : ""],
    ["Trace id", safe(flow.trace_context?.parent?.trace_id ?? "", 80)],
    ["Dropped in", flow.file?.name ? `${safe(flow.file.name, 120)}:${flow.file.line ?? 0}` : ""],
    ["Stands for", stands > 1 ? `${stands} flows` : ""],
    ["Emitter", safe([flow.emitter?.name, flow.emitter?.version].filter(Boolean).join(" "), 120)],
  ];
  return (
    <>
      {flow.l7 && <Proxy l7={flow.l7} />}
      <section class="block" aria-label="What was seen">
        <h3>What was seen</h3>
        <dl class="facts">
          {facts
            .filter(([, text]) => text !== "")
            .map(([name, text]) => (
              <Fact name={name} key={name}>
                {safe(text, 400)}
              </Fact>
            ))}
          {row.node !== "" && (
            <Fact name="Node">
              <Value text={row.node} />
            </Fact>
          )}
          {row.uuid !== "" && (
            <Fact name="Flow id">
              <Value text={row.uuid} />
            </Fact>
          )}
        </dl>
      </section>
    </>
  );
}

function Proxy({ l7 }: { l7: Layer7 }) {
  const ns = Number(l7.latency_ns ?? 0);
  return (
    <section class="block" aria-label="Layer 7">
      <h3>
        {l7.http ? "HTTP" : l7.dns ? "DNS" : l7.kafka ? "Kafka" : "Layer 7"}{" "}
        <span class="dim">{word(l7.type).toLowerCase()}</span>
      </h3>
      <dl class="facts">
        {l7.http && <Http http={l7.http} />}
        {l7.dns && <Dns dns={l7.dns} />}
        {l7.kafka && (
          <>
            <Fact name="Topic">
              <Value text={l7.kafka.topic ?? ""} />
            </Fact>
            <Fact name="API">{safe(l7.kafka.api_key ?? "", 80)}</Fact>
            <Fact name="Error">{l7.kafka.error_code ?? 0}</Fact>
          </>
        )}
        {ns > 0 && <Fact name="Latency">{latency(ns / 1e6)}</Fact>}
      </dl>
    </section>
  );
}

function Http({ http }: { http: NonNullable<Layer7["http"]> }) {
  return (
    <>
      <Fact name="Request">
        <span class="mono strong">{safe(http.method ?? "", 40)}</span>{" "}
        <Value text={http.url ?? ""} />
      </Fact>
      {http.code !== undefined && http.code > 0 && <Fact name="Status">{http.code}</Fact>}
      {http.protocol && <Fact name="Protocol">{safe(http.protocol, 40)}</Fact>}
      {(http.headers ?? []).map((header) => (
        <Fact name={safe(header.key ?? "", 80)} key={`${header.key} ${header.value}`}>
          <span class="mono">{safe(header.value ?? "", 400)}</span>
        </Fact>
      ))}
    </>
  );
}

/** The proxy starts from the largest number and takes the least TTL of the answers; without an answer it stays. */
const NO_TTL = 2 ** 32 - 1;

function Dns({ dns }: { dns: NonNullable<Layer7["dns"]> }) {
  return (
    <>
      <Fact name="Query">
        <Value text={dns.query ?? ""} />{" "}
        <span class="dim">{safe((dns.qtypes ?? []).join(" "), 80)}</span>
      </Fact>
      <Fact name="Answer">
        {rcodeName(dns.rcode ?? 0)}
        {dns.ttl && dns.ttl < NO_TTL ? ` · TTL ${dns.ttl} s` : ""}
      </Fact>
      {(dns.ips ?? []).length > 0 && (
        <Fact name="Addresses">
          <span class="mono">{safe((dns.ips ?? []).join(", "), 600)}</span>
        </Fact>
      )}
      {(dns.cnames ?? []).length > 0 && (
        <Fact name="CNAMEs">
          <span class="mono">{safe((dns.cnames ?? []).join(", "), 600)}</span>
        </Fact>
      )}
      {dns.observation_source && <Fact name="Seen by">{safe(dns.observation_source, 40)}</Fact>}
    </>
  );
}
