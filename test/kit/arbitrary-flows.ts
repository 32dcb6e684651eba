import type {
  Endpoint,
  Flow,
  FlowFilter,
  FlowSelection,
  FlowStory,
  Viewer,
} from "@dropscope/model";
import * as fc from "fast-check";

/** Few values for each field, so that random filters often match random flows; a few of them strange. */
const NAMESPACES = ["web", "payments", "kube-system", "o'hara\\n"];
const PODS = ["web-1", "web-2", "web", "api-7d", "k%s", "a_b"];
const NODES = ["n1", "c1/n1", "c1/n2.example.com", "c2/k8s-1"];
const NAMES = ["one.example.com", "two.example.com", "Three.Example.com", "weird name"];
const LABELS = [
  "k8s:app=web",
  "k8s:app=api",
  "app=web",
  "reserved:world",
  "k8s:tier=",
  "k8s:x=a:b=c",
  "any:k=é'\\",
  "cidr:10.0.0.0/8",
  "k8s:rank=7",
  "k8s:rank=-12",
  "rank=ten",
];
const V4 = ["10.0.0.1", "10.0.0.2", "10.1.2.3", "192.168.0.1", "0.0.0.0"];
const V6 = ["fd00::1", "fd00::2:1", "::1", "::", "2001:db8::ff00:42:8329"];
const URLS = [
  "http://shop:8080/cart/1?x=1",
  "/cart/2",
  "http://shop",
  "https://a.b/%63art/3",
  "cart",
  "/ünï/x y",
  "/a\nb",
];
const QUERIES = ["one.example.com.", "two.example.com.", "", "weird'\\"];
const METHODS = ["GET", "POST", "get"];
const HEADERS = [
  { key: "Host", value: "shop" },
  { key: "X-Id", value: "1'\\" },
  { key: "host", value: "shop" },
];
const TRACE_IDS = ["4bf92f3577b34da6a3ce929d0e0e4736", "none"];

const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const some = <T>(values: readonly T[], max = 3): fc.Arbitrary<T[]> =>
  fc.uniqueArray(one(values), { minLength: 1, maxLength: max });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** Drops keys that are undefined: in JSON they are not there. */
export function compact<T extends object>(object: T): T {
  return JSON.parse(JSON.stringify(object)) as T;
}

const workload = fc.record({
  name: one(["web", "api", "db"]),
  kind: one(["Deployment", "DaemonSet"]),
});

const endpoint: fc.Arbitrary<Endpoint> = fc
  .record({
    ID: maybe(fc.integer({ min: 1, max: 9 })),
    identity: maybe(one([1, 2, 9, 4242, 2 ** 24 + 5])),
    cluster_name: maybe(one(["c1", "c2", "default"])),
    namespace: maybe(one(NAMESPACES)),
    labels: maybe(some(LABELS)),
    pod_name: maybe(one(PODS)),
    workloads: maybe(fc.array(workload, { minLength: 1, maxLength: 2 })),
  })
  .map((value) => compact(value) as Endpoint);

const policy = fc
  .record({
    name: one(["allow-web", "deny-all"]),
    namespace: maybe(one(NAMESPACES)),
    kind: one(["CiliumNetworkPolicy", "NetworkPolicy"]),
    revision: maybe(one(["1", "18446744073709551615"])),
    labels: maybe(some(["k8s:io.cilium.k8s.policy.name=allow-web", "a=b"])),
  })
  .map(compact);

const port = one([53, 80, 443, 8080, 65535]);
const ports = fc.record({ source_port: maybe(port), destination_port: maybe(port) });
const flagsOf = fc
  .uniqueArray(one(["SYN", "ACK", "FIN", "RST"] as const), { maxLength: 3 })
  .map((names) => Object.fromEntries(names.map((name) => [name, true])));
const icmp = fc.record({ type: maybe(one([3, 8])), code: maybe(one([1, 3])) });

const l4 = fc.oneof(
  fc.record({
    TCP: fc.record({
      source_port: maybe(port),
      destination_port: maybe(port),
      flags: maybe(flagsOf),
    }),
  }),
  fc.record({ UDP: ports }),
  fc.record({ SCTP: ports }),
  fc.record({ ICMPv4: icmp }),
  fc.record({ ICMPv6: icmp }),
  fc.record({ VRRP: fc.record({ type: one([1]), vrid: one([7]) }) }),
  fc.record({ IGMP: fc.record({ type: one([22]), group_address: one(["224.0.0.1"]) }) }),
  fc.constant({}),
);

const l7 = fc.oneof(
  fc.record({
    type: maybe(one(["REQUEST", "RESPONSE"])),
    dns: fc.record({
      query: maybe(one(QUERIES.filter((query) => query !== ""))),
      ips: maybe(some(V4)),
      ttl: maybe(one([30])),
      observation_source: maybe(one(["proxy"])),
      rcode: maybe(one([3])),
      qtypes: maybe(some(["A", "AAAA"])),
    }),
  }),
  fc.record({
    type: maybe(one(["REQUEST", "RESPONSE"])),
    latency_ns: maybe(one(["4123456789012"])),
    http: fc.record({
      code: maybe(one([200, 404, 503])),
      method: maybe(one(METHODS)),
      url: maybe(one(URLS)),
      protocol: maybe(one(["HTTP/1.1"])),
      headers: maybe(some(HEADERS)),
    }),
  }),
  fc.record({ type: one(["REQUEST"]), kafka: fc.record({ topic: one(["orders"]) }) }),
);

const ip = fc.oneof(
  fc.record({
    source: maybe(one(V4)),
    destination: maybe(one(V4)),
    ipVersion: maybe(one(["IPv4"])),
    encrypted: maybe(one([true])),
    source_xlated: maybe(one(V4)),
  }),
  fc.record({
    source: maybe(one(V6)),
    destination: maybe(one(V6)),
    ipVersion: maybe(one(["IPv6"])),
  }),
);

const VERDICT_NAMES = ["FORWARDED", "DROPPED", "DROPPED", "AUDIT", "REDIRECTED", "TRACED"];
const service = fc.record({ name: one(["shop", "db"]), namespace: maybe(one(NAMESPACES)) });

/** Flows as a decoder gives them: defaults left out, text clean. Every one has a uuid of its own. */
export const arbitraryFlow: fc.Arbitrary<Flow> = fc
  .record({
    time: fc
      .integer({ min: 0, max: 600 })
      .map((second) =>
        new Date(Date.UTC(2026, 3, 1, 12) + second * 1000)
          .toISOString()
          .replace(".000Z", `.${String(100_000_001 + second)}Z`),
      ),
    uuid: fc.uuid({ version: 4 }),
    verdict: maybe(one(VERDICT_NAMES)),
    drop_reason: maybe(one([133, 181])),
    ethernet: maybe(
      fc.record({
        source: one(["0a:00:00:00:00:01"]),
        destination: maybe(one(["ff:ff:ff:ff:ff:ff"])),
      }),
    ),
    IP: maybe(ip),
    l4: maybe(l4),
    source: maybe(endpoint),
    destination: maybe(endpoint),
    Type: maybe(one(["L3_L4", "L7"])),
    node_name: maybe(one(NODES)),
    node_labels: maybe(some(["zone=a", "zone=b", "io.cilium/egress-gateway"])),
    source_names: maybe(some(NAMES)),
    destination_names: maybe(some(NAMES)),
    l7: maybe(l7),
    reply: maybe(one([true])),
    event_type: maybe(
      fc.record({ type: maybe(one([1, 4, 5, 129])), sub_type: maybe(one([3, 133])) }),
    ),
    source_service: maybe(service),
    destination_service: maybe(service),
    traffic_direction: maybe(one(["INGRESS", "EGRESS"])),
    policy_match_type: maybe(one([1, 4])),
    trace_observation_point: maybe(one(["TO_ENDPOINT"])),
    drop_reason_desc: maybe(one(["POLICY_DENIED", "POLICY_DENY", "STALE_OR_UNROUTABLE_IP"])),
    is_reply: maybe(fc.boolean()),
    interface: maybe(fc.record({ index: maybe(one([2])), name: maybe(one(["eth0", "lxc1"])) })),
    proxy_port: maybe(one([15001])),
    trace_context: maybe(fc.record({ parent: maybe(fc.record({ trace_id: one(TRACE_IDS) })) })),
    sock_xlate_point: maybe(one(["SOCK_XLATE_POINT_PRE_DIRECTION_FWD"])),
    socket_cookie: maybe(one(["18446744073709551615"])),
    ip_trace_id: maybe(
      fc.record({ trace_id: maybe(one(["7"])), ip_option_type: maybe(one([136])) }),
    ),
    emitter: maybe(fc.record({ name: one(["cilium"]), version: maybe(one(["1.19.4"])) })),
    egress_allowed_by: maybe(fc.array(policy, { minLength: 1, maxLength: 2 })),
    ingress_denied_by: maybe(fc.array(policy, { minLength: 1, maxLength: 2 })),
    policy_log: maybe(some(["audited"])),
    aggregate: maybe(
      fc.record({ ingress_flow_count: maybe(one([3])), egress_flow_count: maybe(one([4])) }),
    ),
    tunnel: maybe(fc.record({ protocol: one(["VXLAN"]), vni: one([2]) })),
    Summary: maybe(one(["TCP Flags: SYN", "it's \\ odd"])),
  })
  .map((flow) => {
    const clean = compact(flow) as Flow;
    // The deprecated number says the same as the name, where both are sent.
    if (clean.drop_reason !== undefined && clean.drop_reason_desc !== undefined) {
      clean.drop_reason_desc = clean.drop_reason === 133 ? "POLICY_DENIED" : "POLICY_DENY";
    }
    return clean;
  });

const prefixes = [
  "web/",
  "/web",
  "web/web-",
  "payments/api",
  "web-1",
  "/",
  "kube-system/k%",
  "o'hara\\n/",
];
const ranges = [
  ...V4,
  ...V6,
  "10.0.0.0/8",
  "10.0.0.2/31",
  "0.0.0.0/0",
  "::/0",
  "fd00::/16",
  "::/128",
];
const selectors = [
  "app=web",
  "k8s:app",
  "!app",
  "app!=web",
  "app in (web, api)",
  "app notin (web)",
  "reserved:world",
  "tier=",
  "x=a:b=c",
  "cidr:10.0.0.0/8",
  "k=é'\\",
  "zone=a",
  "!zone",
  "app=web,tier",
  "rank>3",
  "k8s:rank < 7",
  "rank,rank<0",
  "",
];
const regexes = [
  "cart",
  "^/cart/[0-9]$",
  ".*",
  "ü",
  "a.b",
  "'",
  "example\\.com\\.$",
  "",
  "(?i)CART",
];

const sided = <T>(values: fc.Arbitrary<T[]>) => maybe(values);

const fields = {
  source_ip: sided(some(ranges)),
  destination_ip: sided(some(ranges)),
  source_ip_xlated: sided(some(ranges)),
  source_pod: sided(some(prefixes)),
  destination_pod: sided(some(prefixes)),
  source_service: sided(some(["web/", "/shop", "payments/d", "/"])),
  destination_service: sided(some(["web/", "/shop", "payments/d", "/"])),
  source_fqdn: sided(some(["*.example.com", "one.example.com", "*", "t*.example.*"])),
  destination_fqdn: sided(some(["*.example.com", "one.example.com.", "*w*", "three*"])),
  source_label: sided(some(selectors)),
  destination_label: sided(some(selectors)),
  node_labels: sided(some(selectors)),
  source_workload: sided(
    some([{ name: "web" }, { kind: "DaemonSet" }, { name: "api", kind: "Deployment" }, {}]),
  ),
  destination_workload: sided(some([{ name: "db" }, { kind: "Deployment" }])),
  source_identity: sided(some([0, 1, 2, 4242])),
  destination_identity: sided(some([0, 9, 2 ** 24 + 5])),
  source_port: sided(some(["0", "53", "443", "65535"])),
  destination_port: sided(some(["0", "53", "80", "8080"])),
  source_cluster_name: sided(some(["c1", "default", "c*"])),
  destination_cluster_name: sided(some(["c2", "x"])),
  verdict: sided(some(["VERDICT_UNKNOWN", "FORWARDED", "DROPPED", 4])),
  drop_reason_desc: sided(some(["DROP_REASON_UNKNOWN", "POLICY_DENIED", 181])),
  event_type: sided(
    some([
      { type: 1 },
      { type: 5, match_sub_type: true, sub_type: 133 },
      { match_sub_type: true, sub_type: 0 },
      {},
    ]),
  ),
  protocol: sided(some(["tcp", "UDP", "icmp", "sctp", "vrrp", "dns", "http", "kafka"])),
  reply: sided(some([true, false])),
  encrypted: sided(some([true, false])),
  traffic_direction: sided(some(["INGRESS", "TRAFFIC_DIRECTION_UNKNOWN"])),
  ip_version: sided(some(["IPv4", "IPv6", "IP_NOT_USED"])),
  tcp_flags: sided(some([{ SYN: true }, { SYN: true, ACK: true }, {}])),
  http_status_code: sided(some(["404", "5+", "20+"])),
  http_method: sided(some(["get", "POST"])),
  http_path: sided(some(regexes)),
  http_url: sided(some(regexes)),
  http_header: sided(
    some([
      { key: "Host", value: "shop" },
      { key: "X-Id", value: "1'\\" },
    ]),
  ),
  dns_query: sided(some(regexes)),
  node_name: sided(some(["n1", "c1/*", "*", "default/", "*.example.com", "c?".replace("?", "*")])),
  trace_id: sided(some([...TRACE_IDS, ""])),
  uuid: sided(some(["b9fab269-04ae-495c-9d12-b6c36d41de0d", "x"])),
  interface: sided(some([{ name: "eth0" }, { index: 2 }, {}])),
  ip_trace_id: sided(some(["7", "8"])),
};

/** Ids of problems that flows are folded into. */
export const PROBLEMS = ["00000000000000aa", "00000000000000bb", "ffffffffffffffff"];

/** What no server of Hubble knows: only explanations tell. */
const stories = {
  policy: sided(
    some(["allow-web", "web/deny-all", "*", "payments/*", "*-web", "cluster-wide", "kube-*/al*"]),
  ),
  problem: sided(some([...PROBLEMS, "0123456789abcdef"])),
};

type Fields = Record<string, fc.Arbitrary<unknown[] | undefined>>;

/** Filters over the same few values. Two or three fields are set, else nothing would ever match. */
function filters(of: Fields): fc.Arbitrary<FlowFilter> {
  return (
    fc
      .record(of)
      .chain((all) => {
        const keys = Object.keys(all).filter((key) => all[key] !== undefined);
        return fc
          .uniqueArray(one(keys.length === 0 ? ["verdict"] : keys), { minLength: 1, maxLength: 3 })
          .map((chosen) => {
            const values = chosen.map((key) => [key, all[key] ?? ["DROPPED"]]);
            return compact(Object.fromEntries(values) as FlowFilter);
          });
      })
      // What the server refuses is tested elsewhere.
      .map((filter) => {
        if (filter.http_status_code !== undefined) delete filter.event_type;
        return filter;
      })
  );
}

/** In Hubble's own fields. */
export const arbitraryFilter = filters(fields);

function selections(filter: fc.Arbitrary<FlowFilter>): fc.Arbitrary<FlowSelection> {
  return fc.record({
    allow: fc.array(filter, { maxLength: 2 }),
    deny: fc.array(filter, { maxLength: 1 }),
  });
}

export const arbitrarySelection = selections(arbitraryFilter);

/** Every second filter also asks what explanations tell. */
export const arbitraryStorySelection = selections(
  fc.oneof(arbitraryFilter, filters({ ...fields, ...stories }), filters(stories)),
);

/** What is known of a flow beside itself; undefined for one that is not explained. */
export const arbitraryStory: fc.Arbitrary<FlowStory | undefined> = maybe(
  fc.record({
    problem: one(PROBLEMS.slice(0, 2)),
    policies: fc.array(
      fc.record({
        kind: one(["CiliumNetworkPolicy", "NetworkPolicy"]),
        namespace: one(["web", "payments", "kube-system", ""]),
        name: one(["allow-web", "deny-all", "cluster-wide"]),
      }),
      { maxLength: 2 },
    ),
  }),
);

export const arbitraryViewer: fc.Arbitrary<Viewer> = fc.record({
  name: fc.constant("someone"),
  namespaces: fc.oneof(
    fc.constant("all" as const),
    fc.uniqueArray(one(NAMESPACES), { maxLength: 3 }),
  ),
  seesL7: fc.boolean(),
});
