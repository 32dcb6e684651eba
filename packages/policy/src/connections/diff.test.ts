import { describe, expect, it } from "vitest";
import { connectionDiff } from "./diff.js";
import { connectionList } from "./list.js";
import { renderDiff } from "./render/diff.js";
import { KUBERNETES, manifestsOf, networkPolicy } from "./testing.js";

const list = (...args: Parameters<typeof manifestsOf>) =>
  connectionList(manifestsOf(...args), KUBERNETES);

const open = list(["shop/web", "shop/db"]);
const tight = list(
  ["shop/web", "shop/db"],
  networkPolicy(
    "shop",
    "db",
    `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress],
      ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]},
                {from: [{ipBlock: {cidr: 0.0.0.0/1}}]}]}`,
  ),
);

describe("what a change allows and takes away", () => {
  it("is nothing where nothing changed", () => {
    expect(connectionDiff(open, open)).toEqual([]);
    expect(renderDiff([], "csv")).toBe("");
  });

  it("tells changed, added and removed apart, and joins ranges that changed alike", () => {
    expect(renderDiff(connectionDiff(open, tight), "csv")).toBe(
      `diff-type,source,destination,ref1,ref2,workloads-diff-info
changed,shop/web[Deployment],shop/db[Deployment],All Connections,TCP 5432,
removed,128.0.0.0-255.255.255.255[External],shop/db[Deployment],All Connections,No Connections,
`,
    );
    expect(renderDiff(connectionDiff(tight, open), "txt")).toBe(
      `Connectivity diff:
diff-type: changed, source: shop/web[Deployment], destination: shop/db[Deployment], ref1: TCP 5432, ref2: All Connections
diff-type: added, source: 128.0.0.0-255.255.255.255[External], destination: shop/db[Deployment], ref1: No Connections, ref2: All Connections
`,
    );
  });

  it("names workloads that are new or gone", () => {
    const first = connectionDiff(list(["shop/web"]), open).find(
      ({ from, to }) => from.of === "workload" && to.of === "workload",
    );
    expect(first).toMatchObject({
      type: "added",
      workloads: [{ text: "shop/db[Deployment]", change: "added" }],
    });
    const both = connectionDiff(list([]), open);
    expect(renderDiff(both, "md")).toContain(
      "| added | shop/db[Deployment] | shop/web[Deployment] | No Connections | All Connections | workload shop/db[Deployment] and shop/web[Deployment] added |",
    );
  });
});
