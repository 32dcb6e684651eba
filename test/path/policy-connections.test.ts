import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

const workload = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: none, ports: [{name: http, containerPort: 8080}]}]}
---
`;
const policy = (ports: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: later}}}], ports: [${ports}]}]
`;

let dir: string;

beforeAll(() => {
  dir = scratchDir("lists");
  const write = (folder: string, file: string, text: string): void => {
    mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, folder, file), text);
  };
  write("old", "shop.yaml", workload("web") + workload("db") + policy("{port: 5432}"));
  write("new", "shop.yaml", workload("web") + workload("db") + policy("{port: 5433}"));
  write("bad", "shop.yaml", workload("web") + policy("{port: http, endPort: 9}"));
});

const run = (...args: string[]) => runCli(["policy", ...args], { cwd: dir });

describe("policy connections", () => {
  test("lists what is allowed, in the namespace that is asked for", async () => {
    const { code, out, err } = await run("connections", "old", "--namespace", "shop");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(`0.0.0.0-255.255.255.255[External] => shop/web[Deployment] : All Connections
shop/db[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections
shop/db[Deployment] => shop/web[Deployment] : All Connections
shop/web[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections
shop/web[Deployment] => shop/db[Deployment] : TCP 5432
`);
  });

  test("has the other formats, and lists a part", async () => {
    const part = ["--focus-workload", "web", "--focus-workload-peer", "default/db"];
    const egress = [...part, "--focus-direction", "egress"];
    const csv = await run("connections", "old", ...egress, "-o", "csv");
    expect(csv.out).toBe("src,dst,conn\ndefault/web[Deployment],default/db[Deployment],TCP 5432\n");
    const json = await run("connections", "old", ...egress, "-o", "json");
    expect(JSON.parse(json.out)).toEqual([
      { src: "default/web[Deployment]", dst: "default/db[Deployment]", conn: "TCP 5432" },
    ]);
    const md = await run("connections", "old", ...egress, "-o", "md");
    expect(md.out).toContain("| src | dst | conn |\n|-----|-----|------|\n| default/web[");
    const dot = await run("connections", "old", ...egress, "-o", "dot");
    expect(dot.out).toContain(
      '"default/web[Deployment]" -> "default/db[Deployment]" [label="TCP 5432"]',
    );
    const one = await run("connections", "old", ...egress, "--focus-conn", "tcp-5432");
    expect(one.out).toBe(
      "Permitted connections on TCP 5432:\ndefault/web[Deployment] => default/db[Deployment]\n",
    );
  });

  test("refuses to list what a refused policy leaves open", async () => {
    const result = await run("connections", "bad");
    expectClearError(result, "POLICY_REFUSED", 65);
    expect(result.err).toContain("BAD_PORT");
  });

  test("says what is wrong with the line", async () => {
    expectClearError(await run("connections", "old", "--focus-conn", "icmp-8"), "USAGE", 2);
    expectClearError(await run("connections", "gone"), "POLICY_FILE", 66);
    expectClearError(await run("connections"), "USAGE", 2);
    expectClearError(await run("diff", "old"), "USAGE", 2);
  });

  test("warns of a focus that names nobody", async () => {
    const { code, out, err } = await run("connections", "old", "--focus-workload", "nobody");
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toBe("warning: There is no workload named nobody.\n");
  });
});

describe("policy exposure", () => {
  test("tells of pods that only a selector describes", async () => {
    const { code, out } = await run("exposure", "old", "--focus-workload", "db");
    expect(code).toBe(0);
    expect(out.slice(out.indexOf("Exposure"))).toBe(`Exposure Analysis Result:
Egress Exposure:
default/db[Deployment] \t=> \t0.0.0.0-255.255.255.255[External] : All Connections
default/db[Deployment] \t=> \tentire-cluster : All Connections

Ingress Exposure:
default/db[Deployment] \t<= \tdefault/[pod with {app=later}] : TCP 5432

Workloads not protected by network policies:
default/db[Deployment] is not protected on Egress
`);
  });
});

describe("policy diff", () => {
  test("says what a change takes away and allows", async () => {
    const { code, out } = await run("diff", "old", "new", "-o", "csv");
    expect(code).toBe(0);
    expect(out).toBe(`diff-type,source,destination,ref1,ref2,workloads-diff-info
changed,default/web[Deployment],default/db[Deployment],TCP 5432,TCP 5433,
`);
    expect(await run("diff", "old", "old")).toMatchObject({ code: 0, out: "", err: "" });
  });
});
