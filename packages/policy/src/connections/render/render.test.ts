import { describe, expect, it } from "vitest";
import { connectionList } from "../list.js";
import { KUBERNETES, manifestsOf, networkPolicy } from "../testing.js";
import { renderConnections } from "./connections.js";
import { csvLine, table } from "./table.js";

describe("tables", () => {
  it("quote cells that would end early", () => {
    expect(csvLine(["a", "TCP 80,443", 'say "no"', " port"])).toBe(
      'a,"TCP 80,443","say ""no"""," port"\n',
    );
    expect(table(["a", "bc"], [["x|y", "z"]])).toBe("| a | bc |\n|---|----|\n| x\\|y | z |\n");
  });
});

describe("the list as a graph", () => {
  it("boxes workloads by namespace, those without connections too", () => {
    const { connections, workloads } = connectionList(
      manifestsOf(
        ["shop/web"],
        networkPolicy("shop", "none", "{podSelector: {}, policyTypes: [Ingress, Egress]}"),
      ),
      KUBERNETES,
    );
    expect(renderConnections(connections, "dot", { workloads })).toBe(`digraph {
	subgraph "cluster_shop" {
		"shop/web[Deployment]" [label="web[Deployment]"]
		label="shop"
	}
}
`);
    expect(renderConnections(connections, "txt")).toBe("");
    expect(renderConnections(connections, "json")).toBe("[]\n");
  });
});
