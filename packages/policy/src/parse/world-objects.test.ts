import { describe, expect, test } from "vitest";
import { complaints, parse } from "./testing.js";

const object = (apiVersion: string, kind: string, rest: string, metadata = ""): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, ${metadata}}\n${rest}\n`;
const containers =
  "containers: [{ports: [{name: web, containerPort: 80}, {containerPort: 53, protocol: UDP}]}]";

describe("pods", () => {
  test("labels, addresses, account, ports and owner", () => {
    const text = object(
      "v1",
      "Pod",
      `spec: {serviceAccountName: sa, nodeName: node1, hostNetwork: true, ${containers}, initContainers: [{restartPolicy: Always, ports: [{name: proxy, containerPort: 1}]}, {ports: [{name: gone, containerPort: 2}]}]}
status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}, {ip: ''}]}`,
      "namespace: web, labels: {app: x}, ownerReferences: [{kind: Job, name: no}, {kind: ReplicaSet, name: rs, controller: true}]",
    );
    expect(parse(text).workloads).toEqual([
      {
        kind: "Pod",
        name: "a",
        namespace: "web",
        labels: { app: "x" },
        serviceAccount: "sa",
        hostNetwork: true,
        nodeName: "node1",
        ports: [
          { name: "web", protocol: "TCP", port: 80 },
          { name: "", protocol: "UDP", port: 53 },
          { name: "proxy", protocol: "TCP", port: 1 },
        ],
        addresses: ["10.0.0.1", "fd00::1"],
        owner: { kind: "ReplicaSet", name: "rs" },
        place: { file: "f", line: 1, column: 1, path: "" },
      },
    ]);
  });

  test.each([
    ["{kind: Node, name: node1, controller: true}", undefined],
    ["{name: x, controller: true}", { kind: "Pod", name: "x" }],
    ["{kind: ReplicaSet, name: rs}", undefined],
  ])("owner %s", (owner, expected) => {
    const text = object("v1", "Pod", "spec: {}", `ownerReferences: [${owner}]`);
    expect(parse(text).workloads[0]!.owner).toEqual(expected);
  });

  test("the account of one that names none is `default`", () => {
    expect(parse(object("v1", "Pod", "spec: {}")).workloads[0]).toMatchObject({
      serviceAccount: "default",
      hostNetwork: false,
      namespace: "default",
    });
  });
});

describe("workloads are their template", () => {
  const template = `template: {metadata: {labels: {app: x}}, spec: {${containers}}}`;

  test.each([
    ["apps/v1", "Deployment", `{${template}}`],
    ["apps/v1", "ReplicaSet", `{${template}}`],
    ["apps/v1", "StatefulSet", `{${template}}`],
    ["apps/v1", "DaemonSet", `{${template}}`],
    ["batch/v1", "Job", `{${template}}`],
    ["batch/v1", "CronJob", `{jobTemplate: {spec: {${template}}}}`],
    ["v1", "ReplicationController", `{${template}}`],
  ])("%s %s", (apiVersion, kind, spec) => {
    expect(parse(object(apiVersion, kind, `spec: ${spec}`)).workloads).toMatchObject([
      { kind, name: "a", labels: { app: "x" }, ports: [{ port: 80 }, { port: 53 }] },
    ]);
  });
});

describe("services", () => {
  test("ports, selector and addresses", () => {
    const text = object(
      "v1",
      "Service",
      "spec: {selector: {app: x}, clusterIP: None, clusterIPs: [10.1.0.1], type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, targetPort: web, name: http, nodePort: 30080}, {port: 53, protocol: UDP}]}",
      "labels: {l: m}",
    );
    expect(parse(text).services).toMatchObject([
      {
        type: "NodePort",
        labels: { l: "m" },
        selector: { app: "x" },
        clusterAddresses: ["10.1.0.1"],
        externalTrafficPolicy: "Local",
        ports: [
          { name: "http", protocol: "TCP", port: 80, targetPort: "web", nodePort: 30_080 },
          { protocol: "UDP", port: 53, targetPort: 53 },
        ],
      },
    ]);
  });

  test("without a selector have none", () => {
    expect(parse(object("v1", "Service", "spec: {}")).services[0]).not.toHaveProperty("selector");
  });

  test("backends by hand belong to the service of their name, or of their label", () => {
    const text = `${object("v1", "Endpoints", "subsets: [{addresses: [{ip: 192.0.2.1}]}]")}---
${object("discovery.k8s.io/v1", "EndpointSlice", "endpoints: [{addresses: [192.0.2.2, x]}]", "labels: {kubernetes.io/service-name: s}")}`;
    expect(parse(text).backends).toEqual([
      { service: "a", namespace: "default", addresses: ["192.0.2.1"] },
      { service: "s", namespace: "default", addresses: ["192.0.2.2"] },
    ]);
  });
});

describe("publications", () => {
  test.each([
    [
      object(
        "networking.k8s.io/v1",
        "Ingress",
        "spec: {defaultBackend: {service: {name: d, port: {name: http}}}, rules: [{http: {paths: [{backend: {service: {name: s, port: {number: 80}}}}]}}, {host: x}]}",
      ),
      [
        { service: "d", port: "http" },
        { service: "s", port: 80 },
      ],
    ],
    [
      object(
        "networking.k8s.io/v1beta1",
        "Ingress",
        "spec: {backend: {serviceName: s, servicePort: 80}}",
      ),
      [{ service: "s", port: 80 }],
    ],
    [
      object(
        "route.openshift.io/v1",
        "Route",
        "spec: {to: {kind: Service, name: s}, alternateBackends: [{kind: Service, name: t}], port: {targetPort: web}}",
      ),
      [
        { service: "s", port: "web" },
        { service: "t", port: "web" },
      ],
    ],
    [object("route.openshift.io/v1", "Route", "spec: {to: {name: s}}"), [{ service: "s" }]],
  ])("%s", (text, backends) => {
    const { publications, problems } = parse(text);
    expect(publications).toMatchObject([{ name: "a", backends }]);
    expect(problems).toEqual([]);
  });
});

describe("the cluster", () => {
  test("namespaces carry their name as a label", () => {
    expect(parse(object("v1", "Namespace", "", "labels: {t: x}")).namespaces).toMatchObject([
      { name: "a", labels: { t: "x", "kubernetes.io/metadata.name": "a" } },
    ]);
  });

  test("nodes", () => {
    const text = object(
      "v1",
      "Node",
      "spec: {podCIDR: 10.0.0.0/24}\nstatus: {addresses: [{type: InternalIP, address: 192.0.2.1}, {type: Hostname, address: a}]}",
      "labels: {zone: z}",
    );
    expect(parse(text).nodes).toMatchObject([
      { name: "a", labels: { zone: "z" }, addresses: ["192.0.2.1"], podCidrs: ["10.0.0.0/24"] },
    ]);
  });

  test("CIDR groups of both versions", () => {
    for (const version of ["v2", "v2alpha1"])
      expect(
        parse(
          object(
            `cilium.io/${version}`,
            "CiliumCIDRGroup",
            "spec: {externalCIDRs: [10.0.0.0/8, 192.0.2.1]}",
            "labels: {t: x}",
          ),
        ).cidrGroups,
      ).toMatchObject([{ name: "a", labels: { t: "x" }, cidrs: ["10.0.0.0/8", "192.0.2.1"] }]);
  });
});

describe("what the API server refuses", () => {
  test.each([
    [object("v1", "Pod", "spec: {}", "labels: {a: 1}"), "BAD_TYPE metadata.labels.a"],
    [object("v1", "Pod", "spec: {}", "labels: {'a b': c}"), 'BAD_NAME metadata.labels["a b"]'],
    [object("v1", "Pod", "spec: {}", "labels: {a: 'b c'}"), "BAD_VALUE metadata.labels.a"],
    [
      object("v1", "Pod", "spec: {containers: [{ports: [{containerPort: 0}]}]}"),
      "BAD_PORT spec.containers[0].ports[0].containerPort",
    ],
    [
      object("v1", "Pod", "spec: {containers: [{ports: [{containerPort: 1, protocol: tcp}]}]}"),
      "BAD_PORT spec.containers[0].ports[0].protocol",
    ],
    [object("v1", "Pod", "spec: {containers: {}}"), "BAD_TYPE spec.containers"],
    [object("apps/v1", "Deployment", "spec: {template: []}"), "BAD_TYPE spec.template"],
    [object("v1", "Service", "spec: {type: Public}"), "BAD_VALUE spec.type"],
    [object("v1", "Service", "spec: {selector: {a: 1}}"), "BAD_TYPE spec.selector.a"],
    [object("v1", "Namespace", "").replace("name: a", "name: a.b"), "BAD_NAME metadata.name"],
    [
      object("cilium.io/v2", "CiliumCIDRGroup", "spec: {externalCIDRs: [x]}"),
      "BAD_CIDR spec.externalCIDRs[0]",
    ],
  ])("%s", (text, complaint) => {
    expect(complaints(text)).toEqual([`error ${complaint}`]);
    const { workloads, services, namespaces, cidrGroups } = parse(text);
    expect([workloads, services, namespaces, cidrGroups].flat()).toEqual([]);
  });
});
