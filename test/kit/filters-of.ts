import * as fc from "fast-check";
import type { Json } from "./json.js";

/** Values that occur in these flows, and some that do not, for every field of a FlowFilter. */
export function arbitraryFilter(flows: readonly Json[]): fc.Arbitrary<Json> {
  const fields = fieldsOf(flows);
  const names = Object.keys(fields);
  return fc
    .oneof(
      { arbitrary: fc.constantFrom(...names).map((name) => [name]), weight: 3 },
      {
        arbitrary: fc.uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 3 }),
        weight: 1,
      },
    )
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(
          chosen.map((name) => [
            name,
            fc.uniqueArray(fc.constantFrom(...(fields[name] as unknown[])), {
              minLength: 1,
              maxLength: 12,
              selector: (value) => JSON.stringify(value),
            }),
          ]),
        ),
      ),
    )
    .map((filter) => {
      // Hubble refuses a status together with event types that have none.
      if ("http_status_code" in filter) delete (filter as Json)["event_type"];
      return filter;
    });
}

function fieldsOf(flows: readonly Json[]): Record<string, unknown[]> {
  const seen = (pick: (flow: Json) => unknown[], more: unknown[]): unknown[] => {
    const values = new Map<string, unknown>();
    for (const flow of flows)
      for (const value of pick(flow))
        if (value !== undefined && value !== "") values.set(JSON.stringify(value), value);
    return [...values.values()].slice(0, 25).concat(more);
  };
  const end = (name: "source" | "destination"): Record<string, unknown[]> => ({
    [`${name}_ip`]: seen(
      (flow) => {
        const ip: string | undefined = flow.IP?.[name];
        return ip === undefined ? [] : [ip, `${ip}/${ip.includes(":") ? 64 : 16}`];
      },
      ["10.0.0.0/8", "::/0", "0.0.0.0/0", "192.0.2.1"],
    ),
    [`${name}_pod`]: seen(
      ({ [name]: one }) => [
        `${one?.namespace ?? ""}/${one?.pod_name ?? ""}`,
        `${one?.namespace ?? ""}/${(one?.pod_name ?? "").slice(0, 4)}`,
        `/${(one?.pod_name ?? "").slice(0, 3)}`,
      ],
      ["kube-system/", "coredns", "nowhere/x"],
    ),
    [`${name}_service`]: seen(
      ({ [`${name}_service`]: one }) => [one && `${one.namespace ?? ""}/${one.name ?? ""}`],
      ["default/", "/kube"],
    ),
    [`${name}_fqdn`]: seen(
      ({ [`${name}_names`]: names }) =>
        ((names ?? []) as string[]).flatMap((one) => [
          one,
          `*.${one.split(".").slice(1).join(".")}`,
        ]),
      ["*", "*.example.com", "api.*"],
    ).filter((one) => /^[-.0-9a-z_*]+$/i.test(String(one)) && !String(one).endsWith("..")),
    [`${name}_label`]: seen(
      ({ [name]: one }) =>
        ((one?.labels ?? []) as string[]).flatMap((label) => [
          label,
          label.replace(/^[^:=]*:/, ""),
          label.replace(/=.*/, ""),
        ]),
      ["reserved:world", "app=none", "k8s-app"],
    ).filter((one) => /^[-\w./]+(:[-\w./]+)?(=[-\w./]*)?$/.test(String(one))),
    [`${name}_port`]: seen(
      (flow) => {
        const l4 = flow.l4?.TCP ?? flow.l4?.UDP;
        return l4 === undefined ? [] : [String(l4[`${name}_port`] ?? 0)];
      },
      ["53", "443", "0"],
    ),
    [`${name}_identity`]: seen(({ [name]: one }) => [one?.identity], [0, 2, 16777217]),
    [`${name}_workload`]: seen(
      ({ [name]: one }) =>
        ((one?.workloads ?? []) as Json[]).flatMap((w) => [w, { name: w.name }, { kind: w.kind }]),
      [{ name: "none" }, { kind: "Deployment" }],
    ),
    [`${name}_cluster_name`]: seen(({ [name]: one }) => [one?.cluster_name], ["default", "def*"]),
  });
  return {
    ...end("source"),
    ...end("destination"),
    source_ip_xlated: seen((flow) => [flow.IP?.source_xlated], ["10.0.0.0/8"]),
    verdict: ["FORWARDED", "DROPPED", "AUDIT", "REDIRECTED", "ERROR", "TRACED", "VERDICT_UNKNOWN"],
    drop_reason_desc: seen((flow) => [flow.drop_reason_desc], ["POLICY_DENIED", "POLICY_DENY"]),
    event_type: seen(
      ({ event_type: e }) =>
        e === undefined
          ? []
          : [
              { type: e.type ?? 0 },
              { type: e.type, match_sub_type: true, sub_type: e.sub_type ?? 0 },
            ],
      [{ type: 1 }, { type: 129 }, { match_sub_type: true, sub_type: 3 }],
    ),
    protocol: ["tcp", "UDP", "icmp", "ICMPv4", "icmpv6", "dns", "http", "sctp"],
    reply: [true, false],
    http_status_code: seen(
      (flow) => [flow.l7?.http?.code && String(flow.l7.http.code)],
      ["2+", "404"],
    ),
    http_method: seen((flow) => [flow.l7?.http?.method], ["get", "POST"]),
    http_path: ["^/$", "/api", "a.*e", "^/[a-z]+$"],
    http_url: ["http://", "[0-9]+", "/public"],
    http_header: seen((flow) => flow.l7?.http?.headers ?? [], [{ key: "X", value: "y" }]),
    dns_query: ["cluster", "^[a-z]", "\\.com\\.$", "svc"],
    tcp_flags: [{ SYN: true }, { ACK: true, PSH: true }, { RST: true }, { FIN: true }],
    node_name: seen(
      ({ node_name: n }) => [n, n?.slice(0, 3) && `${n.split("/").at(-1).slice(0, 3)}*`],
      ["*", "default/", "none"],
    ).filter((one) => /^[-.\w*/]+$/.test(String(one))),
    node_labels: ["kubernetes.io/os=linux", "beta"],
    ip_version: ["IPv4", "IPv6", "IP_NOT_USED"],
    trace_id: seen(
      (flow) => [flow.trace_context?.parent?.trace_id],
      ["0af7651916cd43dd8448eb211c80319c"],
    ),
    uuid: seen((flow) => [flow.uuid], ["00000000-0000-4000-8000-000000000000"]),
    traffic_direction: ["INGRESS", "EGRESS", "TRAFFIC_DIRECTION_UNKNOWN"],
    interface: seen(({ interface: i }) => [i, i && { name: i.name }], [{ name: "eth0" }]),
    ip_trace_id: seen((flow) => [flow.ip_trace_id?.trace_id], ["7"]),
    encrypted: [true, false],
  };
}
