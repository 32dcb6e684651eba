import { describe, expect, it } from "vitest";
import { deployment, KUBERNETES, manifestsOf, networkPolicy } from "../testing.js";
import { renderExposure } from "../render/exposure.js";
import { connectionText } from "../set-text.js";
import { exposure, type ExposedTo } from "./exposure.js";

const lines = (items: readonly ExposedTo[]): string[] =>
  items.map(({ workload, peer, set }) => `${workload.text} ${peer} : ${connectionText(set)}`);

const web = (ingress: string): string =>
  networkPolicy("shop", "web", `{podSelector: {matchLabels: {app: web}}, ingress: [${ingress}]}`);

describe("exposure", () => {
  it("is to everybody where no policy selects a workload", () => {
    const found = exposure(manifestsOf(["shop/web"]), KUBERNETES);
    expect(lines(found.ingress)).toEqual([
      "shop/web[Deployment] 0.0.0.0-255.255.255.255[External] : All Connections",
      "shop/web[Deployment] entire-cluster : All Connections",
    ]);
    expect(found.unprotected.map(({ direction }) => direction)).toEqual(["egress", "ingress"]);
  });

  it("names pods that only a selector describes, as it is written", () => {
    const found = exposure(
      manifestsOf(
        ["shop/web"],
        web(`{from: [{namespaceSelector: {matchLabels: {env: prod, area: eu}}, podSelector: {matchExpressions: [{key: app, operator: In, values: [b, a]}, {key: old, operator: DoesNotExist}]}}], ports: [{port: 80}]},
             {from: [{podSelector: {matchLabels: {app: api}}}]},
             {from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: probe}}}], ports: [{port: 9090}]}`),
      ),
      KUBERNETES,
    );
    expect(lines(found.ingress)).toEqual([
      "shop/web[Deployment] [all namespaces]/[pod with {app=probe}] : TCP 9090",
      "shop/web[Deployment] [namespace with {area=eu,env=prod}]/[pod with {{Key:app,Operator:In,Values:[b a],},{Key:old,Operator:DoesNotExist,Values:[],}}] : TCP 80",
      "shop/web[Deployment] shop/[pod with {app=api}] : All Connections",
    ]);
  });

  it("leaves out selectors of labels that a workload already has", () => {
    const policy = web("{from: [{podSelector: {matchLabels: {app: api}}}]}");
    expect(exposure(manifestsOf(["shop/web", "shop/api"], policy), KUBERNETES).ingress).toSatisfy(
      (items: ExposedTo[]) =>
        items.every(({ workload }) => workload.text !== "shop/web[Deployment]"),
    );
    expect(exposure(manifestsOf(["shop/web"], policy), KUBERNETES).ingress).toHaveLength(1);
  });

  it("leaves out whoever may do no more than the entire cluster", () => {
    const found = exposure(
      manifestsOf(
        ["shop/web"],
        web(`{from: [{namespaceSelector: {}}], ports: [{port: 80}]},
             {from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}]},
             {from: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 81}]}`),
      ),
      KUBERNETES,
    );
    expect(lines(found.ingress)).toEqual([
      "shop/web[Deployment] entire-cluster : TCP 80",
      "shop/web[Deployment] shop/[pod with {app=b}] : TCP 80-81",
    ]);
  });

  it("tells of those whom an admin policy keeps out", () => {
    const admin = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: keep-out}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress:
    - {name: no-test, action: Deny, from: [{namespaces: {matchLabels: {env: test}}}]}
    - {name: rest, action: Allow, from: [{namespaces: {}}]}
`;
    const found = exposure(manifestsOf(["shop/web"], admin), KUBERNETES);
    expect(lines(found.ingress).filter((line) => !line.includes("External"))).toEqual([
      "shop/web[Deployment] [namespace with {env=test}]/[all pods] : No Connections",
      "shop/web[Deployment] entire-cluster : All Connections",
    ]);
  });

  it("keeps names of ports that a stranger would have to resolve", () => {
    const found = exposure(
      manifestsOf(
        [],
        deployment("shop/web", "{name: http, containerPort: 8080}"),
        networkPolicy(
          "shop",
          "web",
          `{podSelector: {}, policyTypes: [Ingress, Egress],
            ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}]}],
            egress: [{to: [{namespaceSelector: {matchLabels: {env: prod}}}], ports: [{port: http}]}]}`,
        ),
      ),
      KUBERNETES,
    );
    expect(lines(found.ingress)).toEqual(["shop/web[Deployment] entire-cluster : TCP 8080"]);
    expect(lines(found.egress)).toEqual([
      "shop/web[Deployment] [namespace with {env=prod}]/[all pods] : TCP http",
    ]);
  });

  it("is printed in sections, names in a column of their own", () => {
    const found = exposure(
      manifestsOf(
        ["shop/web", "shop/database"],
        networkPolicy("shop", "none", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),
        web("{from: [{namespaceSelector: {}}]}"),
      ),
      KUBERNETES,
    );
    expect(renderExposure(found, "txt")).toBe(`Exposure Analysis Result:
Ingress Exposure:
shop/web[Deployment] \t<= \tentire-cluster : All Connections
`);
    expect(JSON.parse(renderExposure(found, "json"))).toEqual({
      connlist_results: [],
      exposure_results: {
        egress_exposure: [],
        ingress_exposure: [
          { src: "entire-cluster", dst: "shop/web[Deployment]", conn: "All Connections" },
        ],
      },
    });
  });
});
