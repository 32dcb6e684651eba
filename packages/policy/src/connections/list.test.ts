import { describe, expect, it } from "vitest";
import { connectionList } from "./list.js";
import { deployment, KUBERNETES, linesOf, manifestsOf, networkPolicy } from "./testing.js";

const WORLD = "0.0.0.0-255.255.255.255[External]";

describe("the list of connections", () => {
  it("has everybody talk to everybody where there is no policy, but nobody to themselves", () => {
    const { connections } = connectionList(manifestsOf(["shop/web", "shop/db"]), KUBERNETES);
    expect(linesOf(connections)).toEqual([
      `${WORLD} => shop/db[Deployment] : All Connections`,
      `${WORLD} => shop/web[Deployment] : All Connections`,
      `shop/db[Deployment] => ${WORLD} : All Connections`,
      "shop/db[Deployment] => shop/web[Deployment] : All Connections",
      `shop/web[Deployment] => ${WORLD} : All Connections`,
      "shop/web[Deployment] => shop/db[Deployment] : All Connections",
    ]);
  });

  it("says what both sides let through", () => {
    const manifests = manifestsOf(
      ["shop/web", "shop/db"],
      networkPolicy(
        "shop",
        "db",
        `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress],
          ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432, endPort: 5440}]}]}`,
      ),
      networkPolicy(
        "shop",
        "web",
        `{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress],
          egress: [{ports: [{port: 5440, endPort: 6000}, {port: 53, protocol: UDP}]}]}`,
      ),
    );
    expect(linesOf(connectionList(manifests, KUBERNETES).connections)).toEqual([
      `${WORLD} => shop/web[Deployment] : All Connections`,
      `shop/web[Deployment] => ${WORLD} : TCP 5440-6000,UDP 53`,
      "shop/web[Deployment] => shop/db[Deployment] : TCP 5440",
    ]);
  });

  it("cuts outside addresses at the edges of blocks and their exceptions", () => {
    const manifests = manifestsOf(
      ["shop/web"],
      networkPolicy(
        "shop",
        "web",
        `{podSelector: {}, policyTypes: [Ingress, Egress],
          ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80}]},
                    {from: [{ipBlock: {cidr: 11.0.0.0/8}}], ports: [{port: 80}]},
                    {from: [{ipBlock: {cidr: "2001:db8::/32"}}]}]}`,
      ),
    );
    expect(linesOf(connectionList(manifests, KUBERNETES).connections)).toEqual([
      "10.0.0.0-10.0.255.255[External] => shop/web[Deployment] : TCP 80",
      "10.2.0.0-11.255.255.255[External] => shop/web[Deployment] : TCP 80",
    ]);
  });

  it("resolves named ports at the destination, and tells of those that are not there", () => {
    const manifests = manifestsOf(
      ["shop/web"],
      deployment("shop/api", "{name: http, containerPort: 8080}"),
      deployment("shop/old", "{name: http, containerPort: 81}, {name: http2, containerPort: 82}"),
      networkPolicy(
        "shop",
        "named",
        `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: old}}}], ports: [{port: http}]}]}`,
      ),
    );
    const { connections, warnings } = connectionList(manifests, {
      ...KUBERNETES,
      focus: { workloads: ["shop/old"], peers: [], direction: "egress" },
    });
    expect(linesOf(connections)).toEqual([
      `shop/old[Deployment] => ${WORLD} : All Connections`,
      "shop/old[Deployment] => shop/api[Deployment] : TCP 8080",
    ]);
    expect(warnings).toEqual([
      "NetworkPolicy shop/named asks for the port named http, which shop/web[Deployment] does not have.",
    ]);
  });

  it("shows the replicas of an owner as one, by the owner's name", () => {
    const pod = (name: string, owner: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: {app: web}
  ownerReferences: [{apiVersion: apps/v1, kind: ${owner}, name: web-1, uid: a, controller: true}]
spec: {containers: [{name: main, image: none}]}
`;
    const manifests = manifestsOf(
      [],
      pod("web-1-a", "ReplicaSet"),
      pod("web-1-b", "ReplicaSet"),
      pod("static", "Node"),
    );
    const { workloads } = connectionList(manifests, KUBERNETES);
    expect(workloads.map(({ text }) => text)).toEqual([
      "shop/static[Pod]",
      "shop/web-1[ReplicaSet]",
    ]);
  });

  it("leaves pods of the host network alone, unless they are to count as pods", () => {
    const daemon = deployment("shop/agent").replace(
      "spec: {containers",
      "spec: {hostNetwork: true, containers",
    );
    const manifests = manifestsOf(
      ["shop/web"],
      daemon,
      networkPolicy("shop", "all", "{podSelector: {}}"),
    );
    const to = (options: object): string[] =>
      linesOf(connectionList(manifests, { ...KUBERNETES, ...options }).connections).filter((line) =>
        line.includes("=> shop/agent"),
      );
    expect(to({})).toHaveLength(2);
    expect(to({ hostNetworkPods: "pods" })).toEqual([]);
  });

  it("lists what an Ingress publishes, and warns of what policies block", () => {
    const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: front, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: 9000}]}
`;
    const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: front}}}}]}
`;
    const web = deployment("shop/web", "{name: http, containerPort: 8080}, {containerPort: 9000}");
    const focus = { workloads: ["ingress-controller"], peers: [] };
    const open = connectionList(manifestsOf([], web, service, ingress), { ...KUBERNETES, focus });
    expect(linesOf(open.connections)).toEqual([
      "{ingress-controller} => shop/web[Deployment] : TCP 8080",
    ]);
    const closed = connectionList(
      manifestsOf([], web, service, ingress, networkPolicy("shop", "none", "{podSelector: {}}")),
      { ...KUBERNETES, focus },
    );
    expect(closed.connections).toEqual([]);
    expect(closed.warnings).toEqual([
      "Ingress shop/shop publishes shop/web[Deployment], but policies let no unknown pod of the cluster reach it.",
    ]);
  });
});

describe("what a list leaves out", () => {
  it("is told: DNS names, nodes, and that the host network is no ordinary place", () => {
    const names = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: out, namespace: shop}
spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchName: example.com}]}]}
`;
    const daemon = deployment("shop/agent").replace(
      "spec: {containers",
      "spec: {hostNetwork: true, containers",
    );
    const { warnings } = connectionList(manifestsOf([], daemon, names), {
      ...KUBERNETES,
      hostNetworkPods: "pods",
    });
    expect(warnings).toEqual([
      "CiliumNetworkPolicy shop/out speaks of DNS names, which are not in the list.",
      "shop/agent[Deployment] is in the host network, and is listed as if policies applied to it.",
    ]);
  });
});

describe("a focus", () => {
  const manifests = manifestsOf(["shop/web", "bank/web", "shop/db"]);
  const lines = (focus: object): string[] =>
    linesOf(
      connectionList(manifests, { ...KUBERNETES, focus: { workloads: [], peers: [], ...focus } })
        .connections,
    );

  it("keeps connections of the workloads that it names", () => {
    expect(lines({ workloads: ["bank/web"] })).toHaveLength(6);
    expect(lines({ workloads: ["web"] })).toHaveLength(10);
    expect(lines({ workloads: ["web"], peers: ["db"], direction: "egress" })).toEqual([
      "bank/web[Deployment] => shop/db[Deployment] : All Connections",
      "shop/web[Deployment] => shop/db[Deployment] : All Connections",
    ]);
  });

  it("narrows to one connection", () => {
    expect(
      lines({
        workloads: ["db"],
        peers: ["shop/web"],
        direction: "ingress",
        connection: { protocol: "TCP", port: 5432 },
      }),
    ).toEqual(["shop/web[Deployment] => shop/db[Deployment] : TCP 5432"]);
  });

  it("is told when it names nobody", () => {
    const { warnings } = connectionList(manifests, {
      ...KUBERNETES,
      focus: { workloads: ["nobody"], peers: [] },
    });
    expect(warnings).toEqual(["There is no workload named nobody."]);
  });
});
