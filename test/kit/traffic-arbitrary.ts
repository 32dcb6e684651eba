import type { Endpoint, Flow, PolicyRef } from "@dropscope/model";
import * as fc from "fast-check";

// Flows as Hubble tells them of one small cluster, so that many of them are of one connection: both directions,
// every kind of event, and what is no connection at all.

const pod = (namespace: string, name: string, labels: string[], more: Endpoint = {}): Endpoint => ({
  namespace,
  pod_name: name,
  identity: 1000 + name.length,
  labels: [...labels, `k8s:io.kubernetes.pod.namespace=${namespace}`],
  cluster_name: "default",
  ...more,
});

interface End {
  readonly end: Endpoint | undefined;
  readonly address: string;
  readonly names: readonly string[];
}

const end = (endpoint: Endpoint | undefined, address: string, names: string[] = []): End => ({
  end: endpoint,
  address,
  names,
});

export const ENDS: readonly End[] = [
  end(pod("web", "cart-7d9f8b6c5-x2k4p", ["k8s:app=cart"]), "10.0.0.1"),
  end(
    pod("web", "cart-7d9f8b6c5-z8v5t", ["k8s:app=cart"], {
      workloads: [{ name: "cart", kind: "Deployment" }],
    }),
    "10.0.0.2",
  ),
  end(pod("web", "cart-5c7b9f8d6-q9w8r", ["k8s:app=cart", "k8s:version=2"]), "10.0.0.3"),
  end(pod("pay", "ledger-0", ["k8s:app=ledger"]), "10.0.1.1"),
  end(pod("pay", "ledger-1", ["k8s:app=ledger"]), "10.0.1.2"),
  // What a flow lacks: its labels, its address, its pod.
  end({ namespace: "pay", pod_name: "bare-0", identity: 77 }, "10.0.1.3"),
  end(pod("pay", "batch-28000000-abcde", ["k8s:job=batch"]), ""),
  end({ identity: 2, labels: ["reserved:world"] }, "192.0.2.7", ["api.example.com"]),
  end({ identity: 2, labels: ["reserved:world"] }, "192.0.2.8"),
  end({ identity: 16777217, labels: ["cidr:198.51.100.0/24", "reserved:world"] }, "198.51.100.9"),
  end({ identity: 1, labels: ["reserved:host"] }, "10.0.0.254"),
  end({ identity: 6, labels: ["reserved:remote-node"] }, "10.0.1.254"),
  end({ identity: 4 }, "10.0.0.250"),
  end(pod("far", "api-0", ["k8s:app=api"], { cluster_name: "other" }), "10.8.0.1"),
  end({}, "10.9.9.9"),
  end({}, ""),
  end(undefined, ""),
];

const refs: fc.Arbitrary<PolicyRef[] | undefined> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.record({
        kind: fc.constantFrom("NetworkPolicy", "CiliumNetworkPolicy"),
        namespace: fc.constantFrom("web", "pay", ""),
        name: fc.constantFrom("a", "b"),
        revision: fc.constantFrom("1", "2"),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
);

const l7: fc.Arbitrary<Flow["l7"]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("REQUEST", "RESPONSE"),
      http: fc.record({
        method: fc.constantFrom("GET", "POST"),
        url: fc.constantFrom(
          "http://ledger/v1/books?page=2",
          "http://ledger/v1/books",
          "/v1/%62ooks",
          "/healthz",
        ),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom("REQUEST", "RESPONSE"),
      dns: fc.record({
        query: fc.constantFrom("a.example.com.", "b.example.com."),
        ips: fc.subarray(["192.0.2.7", "192.0.2.8"]),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("REQUEST"),
      kafka: fc.record({ api_key: fc.constant("produce"), topic: fc.constantFrom("x", "y") }),
    }),
  },
);

const l4: fc.Arbitrary<Flow["l4"]> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        protocol: fc.constantFrom("TCP", "TCP", "UDP", "SCTP"),
        server: fc.constantFrom(443, 443, 443, 53, 8080),
        client: fc.constantFrom(40_000, 50_123, 2000),
        turned: fc.boolean(),
        flags: fc.constantFrom(
          undefined,
          { SYN: true },
          { SYN: true, ACK: true },
          { ACK: true },
          { FIN: true, ACK: true },
        ),
      })
      .map(({ protocol, server, client, turned, flags }) => ({
        [protocol]: {
          source_port: turned ? server : client,
          destination_port: turned ? client : server,
          ...(protocol === "TCP" && flags !== undefined ? { flags } : {}),
        },
      })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 3, 8, 11).map((type) => ({ ICMPv4: { type, code: 0 } })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 128, 129, 135).map((type) => ({ ICMPv6: { type, code: 0 } })),
  },
  { weight: 1, arbitrary: fc.constantFrom({}, undefined, { VRRP: {} }) },
);

/** A few talk most of the time, so that many flows are of one connection. */
const ends = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ENDS.slice(0, 4)) },
  { weight: 2, arbitrary: fc.constantFrom(...ENDS) },
);

/** @param hours flows lie in so many hours from `start` (ms since 1970) on */
export function trafficFlows(start: number, hours: number): fc.Arbitrary<Flow> {
  return fc
    .record({
      ms: fc.nat(hours * 3_600_000 - 1),
      // Few, so that several come at the same moment.
      nanos: fc.constantFrom(0, 0, 1, 999_999),
      uuid: fc.uuid(),
      source: ends,
      destination: ends,
      verdict: fc.constantFrom(
        "FORWARDED",
        "FORWARDED",
        "FORWARDED",
        "DROPPED",
        "DROPPED",
        "AUDIT",
        "REDIRECTED",
        "TRACED",
        "TRANSLATED",
        "ERROR",
      ),
      event: fc.constantFrom(1, 4, 4, 4, 5, 5, 7, 129, 129),
      reply: fc.constantFrom(true, false, false, undefined),
      old: fc.constantFrom(true, undefined, undefined, undefined),
      direction: fc.constantFrom("INGRESS", "EGRESS", undefined),
      service: fc.constantFrom(undefined, undefined, { name: "ledger", namespace: "pay" }),
      aggregate: fc.constantFrom(
        undefined,
        undefined,
        { ingress_flow_count: 3, egress_flow_count: 2 },
        { unknown_direction_flow_count: 7 },
      ),
      l4,
      l7,
      by: fc.tuple(refs, refs, refs, refs),
    })
    .map((drawn): Flow => {
      const { source, destination, reply, direction, by } = drawn;
      const addresses = Object.entries({
        source: source.address,
        destination: destination.address,
      }).filter(([, address]) => address !== "");
      const dropped = drawn.verdict === "DROPPED";
      const set = Object.entries({
        IP: addresses.length > 0 ? Object.fromEntries(addresses) : undefined,
        source: source.end,
        destination: destination.end,
        is_reply: reply,
        reply: drawn.old,
        traffic_direction: direction,
        destination_service: drawn.service,
        aggregate: drawn.aggregate,
        l4: drawn.l4,
        l7: drawn.event === 129 ? drawn.l7 : undefined,
        drop_reason_desc: dropped ? "POLICY_DENIED" : undefined,
        source_names: source.names.length > 0 ? [...source.names] : undefined,
        destination_names: destination.names.length > 0 ? [...destination.names] : undefined,
        egress_allowed_by: by[0],
        ingress_allowed_by: by[1],
        egress_denied_by: by[2],
        ingress_denied_by: by[3],
      }).filter(([, value]) => value !== undefined);
      const moment = new Date(start + drawn.ms).toISOString().slice(0, -1);
      return Object.assign(Object.fromEntries(set) as Flow, {
        time: `${moment}${String(drawn.nanos).padStart(6, "0")}Z`,
        uuid: drawn.uuid,
        verdict: drawn.verdict,
        node_name: "n1",
        Type: drawn.event === 129 ? "L7" : "L3_L4",
        event_type: { type: drawn.event },
      });
    });
}
